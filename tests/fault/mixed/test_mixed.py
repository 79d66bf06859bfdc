"""A laboratory of more than forty types, of both routes, whatever dies or is lost while it is applied."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TypeAlias

import pytest

from gitbot.providers.aws.catalog import open_catalog
from gitbot_sandbox.aws import Fault, FaultKind, LocalAws
from tests.fault.conftest import BOUNDARIES
from tests.fault.kill_world import KILLED, Killer
from tests.fault.mixed.lab import LAB, PHASES, Lab, Phase
from tests.fault.mixed.live import CLOUD_CONTROL_TYPES, LISTERS

RecordProperty: TypeAlias = Callable[[str, object], None]
READS = ("Describe", "Get", "List", "Head", "Batch")
MANY = 100
"""Applies that each get further: more than that is none."""


@pytest.fixture(scope="module")
def local_aws() -> Iterator[LocalAws]:
    with LocalAws() as aws:
        yield aws


@pytest.fixture(scope="module")
def killers(local_aws: LocalAws) -> Iterator[tuple[Killer, Killer]]:
    killers = Killer(local_aws), Killer(local_aws)
    yield killers
    for killer in killers:
        killer.close()


@pytest.fixture
def lab(local_aws: LocalAws, killers: tuple[Killer, Killer], tmp_path: Path) -> Iterator[Lab]:
    yield Lab(local_aws, killers[0], tmp_path)
    local_aws.clear_faults()


def test_the_laboratory_has_types_of_both_routes() -> None:
    types = {line.split()[-1] for line in LAB.read_text().splitlines() if " type: AWS::" in line}
    assert types == LISTERS.keys() | {*CLOUD_CONTROL_TYPES}
    assert len(types) > 40
    # Tables may come for some of them; then others have to take their place.
    assert {*CLOUD_CONTROL_TYPES}.isdisjoint(open_catalog().native_names())


every_phase = pytest.mark.parametrize("name", PHASES)


def fresh(aws: LocalAws, killer: Killer, folder: Path) -> Lab:
    """A laboratory of its own in an empty cloud; the former one is gone."""
    folder.mkdir()
    return Lab(aws, killer, folder)


def ready(lab: Lab, phase: Phase) -> dict[object, str]:
    """Make the lab ready for the phase; the objects that are there then."""
    lab.about_to(phase)
    return dict(lab.known()) if phase.edit is not None else {}


@pytest.mark.soak
@every_phase
def test_it_dies_again_and_again(
    lab: Lab, tmp_path: Path, name: str, record_property: RecordProperty
) -> None:
    """Each process goes on where the one before died, and dies at the first boundary of a resource, or of
    the recovery, at which none has died yet."""
    phase = PHASES[name]
    before = ready(lab, phase)
    tried = tmp_path / "tried"
    tried.touch()
    while (status := lab.gitbot("apply", tried=str(tried))) == KILLED:
        pass
    assert status == 0, lab.report["printed"]
    points = tried.read_text().splitlines()
    for kind in ("before cloud", "after cloud", "before state", "after state"):
        assert sum(point.startswith(kind) for point in points) >= len(LISTERS) / 2
    lab.assert_done(phase, before)
    record_property(BOUNDARIES, f"{len(points)} boundaries, survived {len(points)}")


EACH = 23
"""Of how many boundaries one is tried with a laboratory of its own: odd, to take turns between before and after."""


@pytest.mark.soak
@every_phase
def test_it_is_killed_once_and_goes_on(
    local_aws: LocalAws,
    killers: tuple[Killer, Killer],
    tmp_path: Path,
    name: str,
    record_property: RecordProperty,
) -> None:
    phase = PHASES[name]
    undisturbed = fresh(local_aws, killers[0], tmp_path / "undisturbed")
    ready(undisturbed, phase)
    assert undisturbed.gitbot("apply") == 0, undisturbed.report["printed"]
    points = range(1, len(undisturbed.report["crossed"]) + 1, EACH)
    for point in points:
        lab = fresh(local_aws, killers[0], tmp_path / str(point))
        before = ready(lab, phase)
        assert lab.gitbot("apply", kill_at=point) == KILLED
        assert lab.gitbot("apply") == 0, lab.report["printed"]
        lab.assert_done(phase, before)
    record_property(BOUNDARIES, f"{len(points)} boundaries, survived {len(points)}")


FAULTS = {
    "reply lost": {"kind": FaultKind.LOST_REPLY},
    "request lost": {"kind": FaultKind.LOST_REQUEST},
    "throttled": {"kind": FaultKind.THROTTLE},
    "server error": {"kind": FaultKind.ERROR, "status": 500},
    "expired token": {"kind": FaultKind.ERROR, "status": 400, "code": "ExpiredTokenException"},
}
"""What happens to the first call of each operation that changes something."""


def mutations(lab: Lab, phase: Phase) -> list[tuple[str, str]]:
    """The service and operation of each kind of call that changes the cloud in the phase."""
    ready(lab, phase)
    lab.aws.forget_calls()
    assert lab.gitbot("apply") == 0, lab.report["printed"]
    calls = {(call.service, call.operation) for call in lab.aws.calls}
    return sorted(call for call in calls if not call[1].startswith(READS))


def applied(lab: Lab) -> int:
    """Apply until it succeeds; how many applies that took."""
    for number in range(1, MANY):
        if lab.gitbot("apply") == 0:
            return number
    raise AssertionError(lab.report["printed"])


@pytest.mark.soak
@pytest.mark.parametrize("fault", FAULTS)
@every_phase
def test_each_change_fails_once(
    local_aws: LocalAws,
    killers: tuple[Killer, Killer],
    tmp_path: Path,
    name: str,
    fault: str,
    record_property: RecordProperty,
) -> None:
    phase = PHASES[name]
    operations = mutations(fresh(local_aws, killers[0], tmp_path / "undisturbed"), phase)
    lab = fresh(local_aws, killers[0], tmp_path / "lab")
    before = ready(lab, phase)
    for service, operation in operations:
        local_aws.inject(Fault(service=service, operation=operation, **FAULTS[fault]))
    applies = applied(lab)
    assert local_aws.faults == ()  # each has met its call
    lab.assert_done(phase, before)
    record_property(BOUNDARIES, f"{len(operations)} operations, survived all in {applies} applies")


STOPS = ("after cloud CreateVpc", "after cloud RunInstances", "before state identify")
LEASE_S = 2


def stopped(killer: Killer, lab: Lab) -> int:
    """The id of the process once it has stopped, and not in the middle of a write.

    Its other threads write too: the lease, and how far the apply is. Stopped within one, it would keep
    everybody else from the file until it goes on.
    """
    process = int(killer.answer()["stopped"])
    while is_being_written(lab.store):
        os.kill(process, signal.SIGCONT)
        time.sleep(0.01)
        os.kill(process, signal.SIGSTOP)
        assert killer.answer() == {"stopped": process}
    return process


def is_being_written(file: str) -> bool:
    with closing(sqlite3.connect(file, timeout=0)) as store:
        try:
            store.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
    return False


@pytest.mark.soak
@pytest.mark.parametrize("at", STOPS)
def test_a_process_that_slept_past_its_lease_changes_nothing_any_more(
    lab: Lab, killers: tuple[Killer, Killer], tmp_path: Path, at: str
) -> None:
    phase = PHASES["create"]
    sleeper = killers[1]
    how = {"kill_at": at, "stop": True, "lease_s": LEASE_S}
    sleeper.start(lab.command("apply"), tmp_path / "sleeper.json", **how)
    process = stopped(sleeper, lab)
    try:
        time.sleep(LEASE_S)
        applied(lab)
        lab.assert_done(phase, {})
        made = lab.known(), lab.objects()
    finally:
        os.kill(process, signal.SIGCONT)
    assert sleeper.answer() == 1
    assert "lease" in json.loads((tmp_path / "sleeper.json").read_text())["printed"]
    assert (lab.known(), lab.objects()) == made
    lab.assert_done(phase, {})


@pytest.mark.soak
@every_phase
def test_two_applies_at_once_do_it_once(
    lab: Lab, killers: tuple[Killer, Killer], tmp_path: Path, name: str
) -> None:
    """The one is stopped in the middle until the other has met its lease: else it might end before that."""
    phase, first = PHASES[name], killers[1]
    before = ready(lab, phase)
    first.start(lab.command("apply"), tmp_path / "first.json", kill_at=EACH, stop=True)
    process = stopped(first, lab)
    try:
        lab.aws.forget_calls()
        assert lab.gitbot("apply") == 1
        assert "dev is being applied by" in lab.report["printed"]
        assert all(call.operation.startswith(READS) for call in lab.aws.calls)
    finally:
        os.kill(process, signal.SIGCONT)
    assert first.answer() == 0
    lab.assert_done(phase, before)
