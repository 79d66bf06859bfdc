"""Freezes outlive the process that makes, ends or meets them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from gitbot.jobs.answer_comment import answer_comment
from gitbot.jobs.steps.frozen_issues import keep_frozen_issues
from gitbot.jobs.steps.look import look
from gitbot.jobs.steps.runs import Occasion, open_run
from gitbot.model.forge import CloseReason
from gitbot.model.keys import AnswerComment, ApplyEnvironment, ApplyPullRequest, OpenWindows
from gitbot.model.names import Sha, StackId
from gitbot.model.runs import RunKind, RunStatus
from gitbot_sandbox.sandbox import ADMIN, WRITER
from tests.e2e.drift_world import Died, DriftWorld, Dying, Place, drift_world, web

pytestmark = pytest.mark.full


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DriftWorld]:
    root: Path = tmp_path_factory.mktemp("freeze")
    with drift_world(root) as made:
        yield made


def chat(place: Place) -> int:
    return place.github.create_issue(place.name, WRITER, "Talk").number


def told(place: Place) -> list[str]:
    """The states of the issues about freezes, oldest first."""
    return [issue.state for issue in place.issues() if issue.title == "dev is frozen"]


@pytest.mark.parametrize("after", [False, True], ids=["before it", "after it"])
def test_a_freeze_and_its_end_that_die_at_any_write_are_told_once(
    world: DriftWorld, after: bool
) -> None:
    place = world.place({"web": web()})
    number = chat(place)

    def say_and_die(text: str, at: int) -> int:
        place.hear(number, text)
        (key,) = [one for one in world.waiting.keys if isinstance(one, AnswerComment)]
        dying = Dying(world.ports.forges, at, after)
        with suppress(Died):
            answer_comment(replace(world.ports, forges=dying), key)
        world.run(AnswerComment)
        return dying.writes

    at, writes = 0, 1
    while at < writes:  # the last time, nothing is left to die at
        at += 1
        writes = say_and_die("/freeze dev because it burns", at)
        assert told(place) == ["closed"] * (at - 1) + ["open"]
        assert place.said(number)[-1].count("is frozen. #") == 1
        writes = max(writes, say_and_die("/unfreeze dev", at))
        assert told(place) == ["closed"] * at
        issue = place.issues()[-1].number
        assert [text.count("ended it on") for text in place.said(issue)] == [1]
        assert "is not frozen by hand any more" in place.said(number)[-1]
        assert world.ports.records.freezes.frozen(place.key) is None


def test_what_was_cut_off_goes_on_though_it_is_frozen_and_what_had_not_begun_waits(
    world: DriftWorld,
) -> None:
    place = world.place({"web": web(), "api": web("api")})
    place.say(chat(place), "/freeze dev because it burns")
    changed = {
        f"specs/dev/{name}.yaml": web(name, versioning="Suspended") for name in ("web", "api")
    }
    number = place.open(dict(changed))
    place.github.merge(place.name, number, ADMIN)
    runs = world.ports.records.runs
    web_stack = StackId(repository=place.id, environment="dev", name="web", region="us-east-1")
    (before,) = runs.of_stack(web_stack, RunKind.PLAN, limit=1)
    # A process that dies leaves its run as it is: it had begun before the freeze.
    open_run(
        world.ports,
        runs.plan(before.id),
        Occasion(tip=Sha(place.tip), pull_request=number, actor="ada", epoch=1),
        RunStatus.RUNNING,
    )
    place.apply()
    assert place.versioning("web") == "Suspended"
    assert place.versioning("api") == "Enabled"
    (waits,) = world.ports.records.freezes.waiting(place.key)
    assert waits.stack.name == "api"
    place.say(number, "/unfreeze dev")
    world.run(OpenWindows, ApplyEnvironment)
    assert place.versioning("api") == "Suspended"
    assert world.ports.records.freezes.waiting(place.key) == ()


def test_what_waits_in_the_queue_is_withdrawn_and_gives_back_its_claims(world: DriftWorld) -> None:
    place = world.place({"web": web()})
    number = place.open({"specs/dev/web.yaml": web(versioning="Suspended")})
    place.hear(number, "/apply dev", on_pull_request=True)
    world.run(AnswerComment)
    (waiting,) = world.ports.records.commands.open(place.id)
    assert world.ports.records.claims.of_pull_request(place.id, number) != ()
    assert "the `/apply` by bob" in place.say(chat(place), "/cancel dev/web")
    world.run(ApplyPullRequest)
    assert world.ports.records.claims.of_pull_request(place.id, number) == ()
    closed = world.ports.records.commands.get(waiting.ref)
    assert closed is not None
    assert "withdrew it" in (closed.answer or "")
    assert "withdrew it" in place.said(number)[-1]
    assert place.versioning() == "Enabled"


def test_a_release_that_was_withdrawn_does_not_count_later(world: DriftWorld) -> None:
    place = world.place({"web": web()})
    talk, runs = chat(place), world.ports.records.runs
    files = {"specs/dev/web.yaml": web(versioning="Suspended")}
    place.github.push_files(place.name, "main", files, ADMIN, message="Push")
    place.apply()
    (held,) = runs.held(place.key)
    runs.release(held.id, "ada", world.ports.clock.now())
    place.say(talk, "/freeze dev because it burns")
    place.apply()
    assert "withdrawn: `dev/web`" in place.say(talk, "/cancel dev")
    place.say(talk, "/unfreeze dev")
    world.ports.records.freezes.end_withdrawal([held.stack])  # as `/apply dev` does
    place.apply()
    assert [run.digest for run in runs.held(place.key)] == [held.digest]
    assert place.versioning() == "Enabled"


def test_an_issue_of_a_freeze_that_somebody_closed_is_opened_again_and_says_why(
    world: DriftWorld,
) -> None:
    place = world.place({"web": web()})
    place.say(chat(place), "/freeze dev because it burns")
    issue = place.issues()[-1].number
    seen = look(world.ports, place.id)
    for _ in range(2):
        world.ports.forges.open(place.id).close_issue(issue, CloseReason.COMPLETED)
        keep_frozen_issues(world.ports, seen)
        assert told(place)[-1] == "open"
    keep_frozen_issues(world.ports, seen)
    assert [text.count("`/unfreeze dev`") for text in place.said(issue)] == [1]
    place.say(issue, "/unfreeze")
    keep_frozen_issues(world.ports, seen)
    assert told(place)[-1] == "closed"
