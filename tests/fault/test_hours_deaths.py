"""Machines get the power that they should have, wherever the job of off-hours dies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gitbot.jobs.keep_hours import keep_hours
from gitbot.jobs.steps.look import Ports
from gitbot.model.hours import MachineRow
from gitbot.model.keys import KeepHours
from gitbot.model.names import Address
from gitbot_sandbox.aws import Fault, FaultKind
from tests.e2e.drift_world import Died, DriftWorld, Dying, Place, drift_world
from tests.e2e.specs import stack

pytestmark = pytest.mark.full

OFFICE = "off=(M-F,19);on=(M-F,7);tz=UTC"
NOON, NIGHT = datetime(2026, 12, 1, 12, tzinfo=UTC), datetime(2026, 12, 1, 19, 1, tzinfo=UTC)
MORNING = datetime(2026, 12, 2, 7, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DriftWorld]:
    root: Path = tmp_path_factory.mktemp("hours")
    with drift_world(root) as made:
        yield made


@pytest.fixture(autouse=True)
def _at_noon(world: DriftWorld) -> Iterator[None]:
    world.calendar.at = NOON
    world.sandbox.aws.clear_faults()
    yield
    world.sandbox.aws.clear_faults()


def machines(*names: str, more: str = "", needs: Mapping[str, str] | None = None) -> str:
    """A stack with these machines and off-hours; ``needs`` says which needs which."""
    text = stack(
        "gpu",
        "".join(
            f"{name}:\n  type: AWS::EC2::Instance\n"
            "  properties: {ImageId: ami-12c6146b, InstanceType: t3.micro}\n"
            + (f"  lifecycle: {{dependsOn: [{needs[name]}]}}\n" if name in (needs or {}) else "")
            for name in names
        ),
    )
    return text.replace("spec:\n", f'spec:\n  offhours: "{OFFICE}"\n{more}')


def keep(place: Place, at: datetime, ports: Ports | None = None) -> None:
    place.world.calendar.at = at
    key = KeepHours(repository=place.id, environment="dev", reason=place.reason())
    keep_hours(ports or place.world.ports, key)


def found(place: Place) -> dict[str, tuple[str, str]]:
    """The identifier and the state of each machine of the repository, by its address."""
    answer = place.world.sandbox.aws.client("ec2").describe_instances()
    rows = place.world.ports.engine.state.read_all(place.key)
    ours = {one.remote_id: address for row in rows for address, one in row.resources.items()}
    return {
        ours[one["InstanceId"]]: (one["InstanceId"], one["State"]["Name"])
        for reservation in answer["Reservations"]
        for one in reservation["Instances"]
        if one["InstanceId"] in ours
    }


def states(place: Place) -> dict[str, str]:
    return {address: state for address, (_, state) in found(place).items()}


def rows(place: Place) -> Mapping[Address, MachineRow]:
    (hours,) = place.world.ports.records.hours.of_environment(place.key).values()
    return hours.machines


def switched(place: Place, operation: str) -> list[str]:
    """The machines in the order in which they were stopped or started, as CloudTrail tells."""
    by_id = {remote_id: address for address, (remote_id, _) in found(place).items()}
    events = place.world.sandbox.aws.client("cloudtrail").lookup_events(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": operation}]
    )["Events"]
    names = [one["ResourceName"] for event in reversed(events) for one in event["Resources"]]
    return [by_id[name] for name in names if name in by_id]


class DyingRows:
    """The rows of off-hours, whose ``at``-th write kills the process, before or after it."""

    def __init__(self, rows: Any, at: int, after: bool) -> None:
        self._rows, self._left, self._after = rows, at, after

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._rows, name)
        if not name.startswith("put_"):
            return call

        def write(*arguments: Any) -> None:
            self._left -= 1
            if self._left == 0 and not self._after:
                raise Died
            call(*arguments)
            if self._left == 0:
                raise Died

        return write


@pytest.mark.timeout(600)
@pytest.mark.parametrize("after", [False, True], ids=["before it", "after it"])
def test_a_job_that_dies_at_any_write_is_made_up_for(world: DriftWorld, after: bool) -> None:
    place = world.place({"gpu": machines("a", "b")})
    keep(place, NOON)
    before = found(place)
    full = Fault(
        kind=FaultKind.ERROR,
        service="ec2",
        operation="StartInstances",
        count=None,
        status=500,
        code="InsufficientInstanceCapacity",
    )
    for day, at in enumerate((1, 2, 3)):
        later = timedelta(days=day)
        for moment, state in ((NIGHT, "stopped"), (MORNING, "running")):
            records = world.ports.records
            dying = replace(records, hours=DyingRows(records.hours, at, after))
            with suppress(Died):
                keep(place, moment + later, replace(world.ports, records=dying))
            keep(place, moment + later + MINUTE)
            assert set(states(place).values()) == {state}
    for at in (1, 2, 3):
        world.sandbox.aws.inject(full)
        keep(place, NIGHT + timedelta(days=5 + at))
        with suppress(Died):
            ports = replace(world.ports, forges=Dying(world.ports.forges, at, after))
            keep(place, MORNING + timedelta(days=5 + at), ports)
        keep(place, MORNING + timedelta(days=5 + at) + MINUTE)
        assert [issue.state for issue in place.issues()] == ["open"]
        world.sandbox.aws.clear_faults()
        keep(place, MORNING + timedelta(days=5 + at) + 6 * MINUTE)
        assert [issue.state for issue in place.issues()] == ["closed"]
    assert {one: remote_id for one, (remote_id, _) in found(place).items()} == {
        one: remote_id for one, (remote_id, _) in before.items()
    }


def test_what_needs_another_machine_stops_before_it_and_starts_after_it(world: DriftWorld) -> None:
    place = world.place({"gpu": machines("a", "b", "c", needs={"b": "a", "c": "b"})})
    keep(place, NOON)
    keep(place, NIGHT)
    assert states(place) == {"a": "stopped", "b": "stopped", "c": "stopped"}
    keep(place, MORNING)
    assert states(place) == {"a": "running", "b": "running", "c": "running"}
    assert switched(place, "StopInstances") == ["c", "b", "a"]
    assert switched(place, "StartInstances") == ["a", "b", "c"]


def test_one_machine_that_cannot_be_stopped_keeps_no_other(world: DriftWorld) -> None:
    place = world.place({"gpu": machines("a", "b", needs={"b": "a"})})
    keep(place, NOON)
    world.sandbox.aws.client("ec2").modify_instance_attribute(
        InstanceId=found(place)["b"][0], DisableApiStop={"Value": True}
    )
    keep(place, NIGHT)
    assert states(place) == {"a": "stopped", "b": "running"}
    (issue,) = place.issues()
    (said,) = place.said(issue.number)
    assert "switch its stop protection off" in said
    keep(place, NIGHT + 6 * MINUTE)
    assert place.said(issue.number) == [said]
    keep(place, MORNING)  # it runs, as it should: the trouble is over
    assert (states(place), issue.state) == ({"a": "running", "b": "running"}, "closed")


def test_a_machine_that_works_is_stopped_only_after_a_notice(world: DriftWorld) -> None:
    place = world.place({"gpu": machines("a", more="  busy: {tag: true, atMost: 2h}\n")})
    ec2 = world.sandbox.aws.client("ec2")

    def busy_until(at: datetime) -> None:
        tag = {"Key": "gitbot:busy-until", "Value": at.isoformat()}
        ec2.create_tags(Resources=[found(place)["a"][0]], Tags=[tag])

    keep(place, NOON)
    busy_until(NIGHT + timedelta(hours=9))
    keep(place, NIGHT)
    assert rows(place)[Address("a")].waits_since == NIGHT
    keep(place, NIGHT + 91 * MINUTE)
    (issue,) = place.issues()
    assert "it will be stopped at" in place.said(issue.number)[0]
    keep(place, NIGHT + 115 * MINUTE)
    assert states(place) == {"a": "running"}
    keep(place, NIGHT + 122 * MINUTE)
    assert (states(place), issue.state) == ({"a": "stopped"}, "closed")
    keep(place, MORNING)
    busy_until(MORNING)
    keep(place, NIGHT + timedelta(days=1))
    assert states(place) == {"a": "stopped"}  # its job is over: at once


def test_what_runs_before_a_stop_is_that_of_the_tip_and_keeps_nothing_running(
    world: DriftWorld,
) -> None:
    place = world.place({"gpu": machines("a", more="  preStop: ./save.sh\n")})
    keep(place, NOON)
    world.sandbox.aws.inject(
        Fault(
            kind=FaultKind.ERROR, service="ssm", operation="*", status=400, code="InvalidInstanceId"
        )
    )
    keep(place, NIGHT)
    assert states(place) == {"a": "stopped"}
    (issue,) = place.issues()
    assert "It was stopped all the same" in place.said(issue.number)[-1]
    keep(place, NIGHT + MINUTE)
    assert (len(place.said(issue.number)), issue.state) == (1, "open")
    keep(place, MORNING)
    assert issue.state == "closed"
    place.push({"specs/dev/gpu.yaml": machines("a", more="  preStop: ./other.sh\n")})
    world.sandbox.aws.forget_calls()
    keep(place, NIGHT + timedelta(days=1))
    assert states(place) == {"a": "stopped"}
    commands = world.sandbox.aws.client("ssm").list_commands()["Commands"]
    sent = [
        one["Parameters"]["commands"]
        for one in commands
        if found(place)["a"][0] in one["InstanceIds"]
    ]
    assert sent == [["./other.sh"]]


def test_what_slept_is_started_when_its_off_hours_end(world: DriftWorld) -> None:
    place = world.place({"gpu": machines("a")})
    keep(place, NOON)
    keep(place, NIGHT)
    place.bring({"specs/dev/gpu.yaml": machines("a").replace(f'"{OFFICE}"', "off")})
    assert states(place) == {"a": "stopped"}  # the apply leaves it as it was
    keep(place, NIGHT + MINUTE)
    assert states(place) == {"a": "running"}
    assert world.ports.records.hours.of_environment(place.key) == {}


def test_the_trouble_of_a_machine_that_goes_is_over(world: DriftWorld) -> None:
    place = world.place({"gpu": machines("a", "b")})
    keep(place, NOON)
    world.sandbox.aws.client("ec2").modify_instance_attribute(
        InstanceId=found(place)["b"][0], DisableApiStop={"Value": True}
    )
    keep(place, NIGHT)
    (issue,) = place.issues()
    assert issue.state == "open"
    place.bring({"specs/dev/gpu.yaml": machines("a")})
    keep(place, NIGHT + MINUTE)
    assert issue.state == "closed"
    keep(place, NIGHT + 2 * MINUTE)
    assert list(rows(place)) == ["a"]


def test_a_read_that_is_refused_keeps_no_other_machine_from_its_hours(world: DriftWorld) -> None:
    place = world.place({"gpu": machines("a", "b")})
    keep(place, NOON)
    refused = Fault(
        kind=FaultKind.ERROR,
        service="ec2",
        operation="DescribeInstances",
        count=None,
        status=403,
        code="UnauthorizedOperation",
    )
    world.sandbox.aws.inject(refused)
    keep(place, NIGHT)
    assert all("it is not known whether it runs" in row.failure for row in rows(place).values())
    world.sandbox.aws.clear_faults()
    # The read of both is refused, and that of the first alone; then both are read again.
    world.sandbox.aws.inject(replace(refused, count=2))
    keep(place, NIGHT + 6 * MINUTE)
    assert set(states(place).values()) == {"stopped"}
