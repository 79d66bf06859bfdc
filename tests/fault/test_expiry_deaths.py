"""Expiry whose process dies at any of its writes is finished by the next one: nothing is destroyed
twice or unwarned, and each thing is told once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gitbot.jobs.steps.look import Ports
from gitbot.model.expiry import Stage
from tests.e2e.drift_world import Died, DriftWorld, drift_world
from tests.e2e.test_expiry import DAY, HOUR, Lab

_WRITES = frozenset(
    [
        "create_comment",
        "edit_comment",
        "create_issue",
        "commit",
        "open_pull_request",
        "enqueue",
        "deliver",
        "put",
        "rename",
        "complete",
        "stop",
        "adopt",
    ]
)
_OPENS = frozenset(["open", "at"])


@dataclass
class Death:
    """The process dies after the write of this number."""

    at: int
    writes: int = 0

    def of(self, ports: Ports) -> Ports:
        records, engine = ports.records, ports.engine
        return replace(
            ports,
            forges=_Dying(ports.forges, self),
            queue=_Dying(ports.queue, self),
            records=replace(records, expiries=_Dying(records.expiries, self)),
            engine=replace(
                engine, state=_Dying(engine.state, self), clouds=_Dying(engine.clouds, self)
            ),
        )


@dataclass(frozen=True)
class _Dying:
    """Anything, whose writes are counted; also of what it opens."""

    real: Any
    death: Death

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.real, name)
        if name in _WRITES:
            return self._counted(found)
        if name in _OPENS:
            return lambda *arguments: _Dying(found(*arguments), self.death)
        return found

    def _counted(self, write: Any) -> Any:
        def call(*arguments: Any, **more: Any) -> Any:
            done = write(*arguments, **more)
            self.death.writes += 1
            if self.death.writes == self.death.at:
                raise Died
            return done

        return call


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DriftWorld]:
    root: Path = tmp_path_factory.mktemp("expiry")
    with drift_world(root) as made:
        yield made


@pytest.mark.full
def test_expiry_that_dies_at_any_write_warns_once_and_destroys_once(world: DriftWorld) -> None:
    at, writes = 0, 1
    while at < writes:  # the last time, nothing is left to die at
        at += 1
        it, writes = Lab(world), 0
        for wait in (DAY, 2 * DAY - HOUR, HOUR, DAY, timedelta(0)):
            writes = max(writes, _die(it, at, wait))
            it.follow()
            it.follow()
        assert (it.row.stage, it.machines, it.kept) == (Stage.DESTROYED, {}, ["data"]), at
        said = [text.partition("\n")[0] for text in it.place.said(it.number)]
        told = [mark for mark in said if "gitbot:expiry" in mark]
        assert len(set(told)) == len(told), at
        parts = [mark.rpartition(":")[2].removesuffix(" -->") for mark in told]
        assert parts == ["2d", "2h", "expired", "destroyed"], (at, parts)
        history = [each.after for each in world.ports.records.expiries.history(it.row.stack)]
        assert list(dict.fromkeys(history)) == list(Stage)
        assert history[-1] is Stage.DESTROYED
        assert it.row.removal is not None


def _die(it: Lab, at: int, wait: timedelta) -> int:
    """Run what is due with a process that dies; how many writes it had made."""
    death, ports = Death(at), it.world.ports
    it.world.ports = death.of(ports)
    try:
        with suppress(Died):
            it.follow(wait)
    finally:
        it.world.ports = ports
    return death.writes
