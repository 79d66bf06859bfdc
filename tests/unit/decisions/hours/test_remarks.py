"""What a pull request says about the off-hours of machines."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from gitbot.decisions.hours.remarks import hours_remarks
from gitbot.model.cloud import Power
from gitbot.model.desired import DesiredResource, DesiredStack, Environment
from gitbot.model.diagnostic import SourceSpan
from gitbot.model.expiry import ExpiryRules, Lifetime
from gitbot.model.hours import Busy, BusyMetric, HoursCommand, MachineRules, OffHours
from gitbot.model.names import Address
from gitbot.model.plan import Action, Change
from gitbot.model.schema import Route, Switch, TypeSchema
from gitbot.model.values import Unknown
from gitbot.render.plan_comments import plan_comment
from gitbot.render.views import EnvironmentPlanView, PlanCommentView, StackPlanView
from tests.unit.decisions.facts_by_hand import HEAD

OFFICE = OffHours(text="off=(M-F,19);on=(M-F,7)")
SOURCE = SourceSpan(file="specs/dev/gpu.yaml")
MACHINE = TypeSchema(
    name="Test::Machine",
    route=Route.NATIVE,
    power="/State",
    switch=Switch(states={}, size="Size", wiped=("g5.", "i3."), gpus=("g5.",)),
)
TYPES = {"Test::Machine": MACHINE, "Test::Box": TypeSchema(name="Test::Box", route=Route.NATIVE)}
NOON = datetime(2026, 11, 27, 11, 0, tzinfo=UTC)  # a Friday
NIGHT = datetime(2026, 11, 27, 21, 0, tzinfo=UTC)


def machine(
    name: str, rules: MachineRules, size: Any = "m5.large", type_: str = ""
) -> DesiredResource:
    return DesiredResource(
        address=Address(name),
        type=type_ or "Test::Machine",
        properties={"Size": size},
        machine=rules,
        source=SOURCE,
    )


def remarks(
    *resources: DesiredResource,
    now: datetime = NOON,
    made: str = "",
    default: OffHours | None = None,
    ttl: str = "",
    expiry: ExpiryRules | None = None,
    command: HoursCommand | None = None,
) -> list[str]:
    stack = DesiredStack(
        environment="dev",
        name="gpu",
        region="us-east-1",
        resources={one.address: one for one in resources},
        hash="h",
        lifetime=Lifetime(text=ttl, ttl=timedelta(hours=72)) if ttl else None,
        source=SOURCE,
    )
    rules = Environment(
        name="dev",
        region="us-east-1",
        timezone="Europe/Berlin",
        off_hours=default,
        expiry=expiry,
        source=SOURCE,
    )
    change = Change(address=Address(made), type="Test::Machine", action=Action.CREATE)
    days = frozenset({date(2026, 11, 30)})
    return list(
        hours_remarks(stack, [change], rules, TYPES.get, lambda name: days, now, command=command)
    )


def test_the_next_four_transitions_and_what_is_saved() -> None:
    rules = MachineRules(off_hours=OFFICE)
    assert remarks(machine("a", rules), machine("b", rules)) == [
        "Off-hours of `a`, `b`: stops Fri 2026-11-27 19:00, starts Mon 2026-11-30 07:00, stops Mon "
        "2026-11-30 19:00, starts Tue 2026-12-01 07:00 (Europe/Berlin). It saves 108 of 168 hours a "
        "week."
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("off=(M-F,19)", "stops Tue 2026-12-01 19:00, stops Wed 2026-12-02 19:00 (Europe/Berlin)."),
        ("skip=DE;tz=utc", "stops Mon 2026-11-30 00:00 (holiday), starts Tue 2026-12-01 07:00"),
        ("on=(M,7);off=(F,21);skip=DE", "starts Tue 2026-12-01 00:00 (end of the holiday)"),
        ("until=2026-11-28T12:00:00Z", "starts Sat 2026-11-28 13:00 (end of the schedule) (Europe"),
        ("until=2026-11-20T12:00:00Z", "its schedule is over, and nothing follows. It saves"),
    ],
)
def test_a_schedule_is_told_in_its_own_words(text: str, words: str) -> None:
    (found,) = remarks(machine("a", MachineRules(off_hours=OffHours(text=text))))
    assert words in found


@pytest.mark.parametrize(
    ("power", "hours", "words"),
    [
        (Power.RUNNING, 9, ": stops Fri 2026-11-27 21:00, starts Mon 2026-11-30 07:00, stops Mon"),
        (Power.RUNNING, 9, "Now `/wake` of ada holds, until Fri 2026-11-27 21:00 (Europe/Berlin)."),
        (Power.STOPPED, 2, ": starts Fri 2026-11-27 14:00, stops Fri 2026-11-27 19:00, starts Mon"),
        (Power.STOPPED, None, ": nothing follows. Now `/sleep` of ada holds, without an end. It"),
        (Power.STOPPED, 0, ": stops Fri 2026-11-27 19:00, starts Mon 2026-11-30 07:00, stops Mon"),
    ],
)
def test_what_somebody_asked_for_instead_of_the_schedule_counts(
    power: Power, hours: int | None, words: str
) -> None:
    until = None if hours is None else NOON + timedelta(hours=hours)
    asked = HoursCommand(power=power, at=NOON - timedelta(hours=1), until=until, by="ada")
    (found,) = remarks(machine("a", MachineRules(off_hours=OFFICE)), command=asked)
    assert words in found
    assert ("Now `/" in found) == (hours != 0)


@pytest.mark.parametrize(
    ("text", "now", "made", "words"),
    [
        ("on", NIGHT, "a", "It is off-hours now: `a`, made now, runs until Mon 2026-11-30 19:00 (Europe/Berlin)."),
        ("on", NIGHT, "b", ""),
        ("on", NOON, "a", ""),
        ("off=(F,19);on=(F,7);until=2026-11-27T22:00:00Z", NIGHT, "a", "`a`, made now, runs on."),
        ("off", NIGHT, "a", ""),
    ],
)  # fmt: skip
def test_a_machine_that_is_made_off_hours_runs_until_the_next_stop(
    text: str, now: datetime, made: str, words: str
) -> None:
    found = remarks(machine("a", MachineRules(off_hours=OffHours(text=text))), now=now, made=made)
    told = [one for one in found if one.startswith("It is off-hours now")]
    assert (words in told[0]) if words else not told


CPU = Busy(metric=BusyMetric(namespace="AWS/EC2", name="CPUUtilization", above=5))
GPU = Busy(metric=BusyMetric(namespace="CWAgent", name="nvidia_smi_utilization_gpu", above=5))


@pytest.mark.parametrize(
    ("size", "busy", "words"),
    [
        ("m5.large", CPU, []),
        ("i3.large", None, ["AWS wipes the local disks"]),
        ("g5.xlarge", None, ["may find no capacity in the morning", "AWS wipes the local disks"]),
        ("g5.xlarge", GPU, ["may find no capacity", "AWS wipes"]),
        ("g5.xlarge", Busy(), ["may find no capacity", "AWS wipes"]),
        ("g5.xlarge", CPU, ["may find no capacity", "AWS wipes", "the CloudWatch agent collect `nvidia_gpu`"]),
        (Unknown(template="${x.Size}"), CPU, []),
    ],
)  # fmt: skip
def test_what_can_go_wrong_is_told(size: Any, busy: Busy | None, words: list[str]) -> None:
    rules = MachineRules(busy=busy)
    _, *found = remarks(machine("a", rules, size), default=OFFICE)
    assert len(found) == len(words)
    assert all(part in one for part, one in zip(words, found, strict=True))


def test_a_machine_with_choices_is_told_of_as_the_worst_of_them() -> None:
    choices = {"placement": {"instanceTypes": ["m5.large", "g5.xlarge"]}}
    one = replace(machine("a", MachineRules()), properties=choices)
    assert any(
        "AWS wipes the local disks (instance store) of `a`" in said
        for said in remarks(one, default=OFFICE)
    )


def test_a_machine_on_spot_alone_is_not_promised_a_stop() -> None:
    on_spot = {"placement": {"spot": True, "instanceTypes": ["m5.large"]}}
    one = replace(machine("a", MachineRules()), properties=on_spot)
    other = replace(
        machine("b", MachineRules()), properties={"placement": {"spot": True, "onDemand": True}}
    )
    assert remarks(one, default=OFFICE) == [
        "Off-hours cannot stop `a`: AWS stops no machine on spot."
    ]
    told = remarks(one, other, default=OFFICE)
    assert told[1].startswith("Off-hours of `b`: ")


@pytest.mark.parametrize(
    ("ttl", "expiry"),
    [
        pytest.param("72h", None, id="by its own spec"),
        pytest.param("", ExpiryRules(default=timedelta(days=7)), id="by the environment"),
    ],
)
def test_what_the_stop_of_an_expired_stack_costs_is_told_without_off_hours(
    ttl: str, expiry: ExpiryRules | None
) -> None:
    found = remarks(
        machine("a", MachineRules(busy=CPU), "g5.xlarge"),
        machine("b", MachineRules(off_hours=OffHours(text="off")), "i3.large"),
        machine("c", MachineRules(), type_="Test::Box"),
        ttl=ttl,
        expiry=expiry,
    )
    wiped, blind = found
    assert "AWS wipes the local disks (instance store) of `a`, `b` at every stop" in wiped
    assert "On `a` an idle processor" in blind


def test_nothing_is_said_of_what_has_no_off_hours() -> None:
    box = machine("a", MachineRules(), type_="Test::Box")
    other = machine("b", MachineRules(off_hours=OFFICE), type_="Test::Unknown")
    assert remarks(box, other, machine("c", MachineRules())) == []
    assert hours_remarks(None, [], replace(RULES, off_hours=OFFICE), TYPES.get, _none, NOON) == ()


RULES = Environment(name="dev", region="us-east-1", source=SOURCE)


def _none(name: str) -> frozenset[date]:
    raise AssertionError(name)


def test_the_plan_comment_shows_it_below_the_stack() -> None:
    view = StackPlanView(name="gpu", hours=("Off-hours of `a`: stops soon.",))
    environment = EnvironmentPlanView(name="dev", stacks=(view,))
    page = PlanCommentView(head=HEAD, tip=HEAD, tracked_branch="main", environments=(environment,))
    (text,) = plan_comment(page).pages
    assert "#### `dev/gpu`\n\n- Off-hours of `a`: stops soon." in text
