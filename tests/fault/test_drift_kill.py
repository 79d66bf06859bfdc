"""Whatever dies at whichever call of a /drift command: one answer, one pull request, one change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from gitbot.bootstrap.jobs import JOBS
from gitbot.jobs.steps.look import Ports
from gitbot.model.keys import AdoptDrift, AnswerComment, ApplyDrift
from tests.e2e.drift_world import DriftWorld, Place, drift_world, web

WRITES = ("accept", "add", "audit", "claim", "close", "commit", "create", "doubt", "edit", "mark",
          "move", "note", "open_", "put", "react", "release")  # fmt: skip
KINDS = (AnswerComment, ApplyDrift, AdoptDrift)


class Death(BaseException):
    """The process dies here. Nothing that handles errors sees it."""


@dataclass
class Fuse:
    """Lets so many moments pass, and then dies."""

    left: int

    def burn(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise Death


class Around:
    """Dies after one of the writing calls to what it stands for.

    A death at a read, or before a write, leaves what one after the write before leaves.
    """

    def __init__(self, inner: Any, fuse: Fuse) -> None:
        self._inner = inner
        self._fuse = fuse

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if not callable(found):
            return found

        def around(*arguments: Any, **named: Any) -> Any:
            result = found(*arguments, **named)
            if name.startswith(WRITES):
                self._fuse.burn()
            # ``Forges.open`` gives a port, ``Commands.open`` gives values.
            return (
                Around(result, self._fuse)
                if name in ("open", "at") and not isinstance(result, Sequence)
                else result
            )

        return around


def dying(ports: Ports, fuse: Fuse) -> Ports:
    records = replace(
        ports.records,
        **{each.name: Around(getattr(ports.records, each.name), fuse) for each in fields(ports.records)},
    )  # fmt: skip
    return replace(ports, records=records, forges=Around(ports.forges, fuse))


def run(world: DriftWorld, ports: Ports) -> None:
    """Run what waits. A job that dies waits again, as the queue has it."""
    while some := [key for key in world.waiting.keys if isinstance(key, KINDS)]:
        for key in some:
            world.waiting.keys.remove(key)
            try:
                JOBS[type(key)](ports, key)
            except Death:
                world.waiting.keys.append(key)
                raise


def dies_everywhere(
    place: Place, command: Callable[[int], str], check: Callable[[int, str], None]
) -> None:
    """Give the command again and again, and die one moment later each time, until it ends alive."""
    world = place.world
    for moment in count(1):
        place.tag(f"bob{moment}")
        place.scan()
        place.scan()
        (issue,) = [one for one in place.issues() if one.state == "open"]
        said = len(place.said(issue.number))
        place.hear(issue.number, command(moment))
        died = False
        try:
            run(world, dying(world.ports, Fuse(moment)))
        except Death:
            died = True
            run(world, world.ports)
        new = place.said(issue.number)[said:]
        assert len(new) == 1, (moment, new)
        check(moment, new[0])
        if not died:
            return


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DriftWorld]:
    root: Path = tmp_path_factory.mktemp("drift-kill")
    with drift_world(root) as made:
        yield made


@pytest.mark.full
def test_drift_is_put_back_and_told_once(world: DriftWorld) -> None:
    place = world.place({"web": web()})

    def check(moment: int, said: str) -> None:
        assert "✓ Put back" in said, (moment, said)
        tags = world.sandbox.aws.client("s3").get_bucket_tagging(Bucket=place.bucket())["TagSet"]
        assert {"Key": "owner", "Value": "ml-team"} in tags
        place.scan()

    dies_everywhere(place, lambda _: "/drift apply", check)


@pytest.mark.full
def test_drift_is_adopted_by_one_pull_request(world: DriftWorld) -> None:
    place = world.place({"web": web()})

    def check(moment: int, said: str) -> None:
        assert "leaves nothing to change" in said, (moment, said)
        number = place.pull_request("gitbot/adopt/dev/web")
        assert f"Value: bob{moment}\n" in place.file(number, "specs/dev/web.yaml")

    dies_everywhere(place, lambda _: "/drift adopt", check)


@pytest.mark.full
def test_drift_is_ignored_by_one_pull_request(world: DriftWorld) -> None:
    place = world.place({"web": web()})

    def check(moment: int, said: str) -> None:
        assert "counts once it is merged" in said, (moment, said)
        number = place.pull_request("gitbot/ignore/dev/web/")
        assert f"because: reason {moment}\n" in place.file(number, "specs/dev/environment.yaml")
        place.github.close(place.name, number, "ada")

    line = "/drift ignore bucket /Tags/owner until 2099-12-24 because reason"
    dies_everywhere(place, lambda moment: f"{line} {moment}", check)
