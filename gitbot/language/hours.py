"""Reads what specs say about the power of machines: off-hours, busy, what runs before a stop. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from gitbot.language.field_shapes import Anything, Field, Flag, Number, Parsed, Record, Text
from gitbot.language.nodes import Node
from gitbot.language.problems import Problems, quoted
from gitbot.language.time.hours import read_hours
from gitbot.model.desired import DesiredResource
from gitbot.model.durations import DURATION_PATTERN, DURATION_RULE, duration_between
from gitbot.model.hours import NO_RULES, Busy, BusyMetric, MachineRules, OffHours, PreStop
from gitbot.model.names import Address
from gitbot.model.placement import sizes_of
from gitbot.model.schema import Switch

if TYPE_CHECKING:  # the table of fields is printed without the checks of resource types
    from gitbot.language.written import Written

_SECOND: Final = timedelta(seconds=1)
_MINUTE: Final = timedelta(minutes=1)
_DAY: Final = timedelta(days=1)


def _checked(text: str) -> str:
    """The text itself, when it is a schedule. Raises TextProblemError otherwise."""
    read_hours(text)
    return text


def _duration(least: timedelta, most: timedelta) -> Parsed:
    return Parsed(
        read=duration_between(least, most), rule=DURATION_RULE, pattern=DURATION_PATTERN, longest=40
    )


SCHEDULE: Final = Parsed(
    read=_checked, rule="a schedule such as off=(M-F,19);on=(M-F,7);tz=Europe/Berlin"
)
OFFHOURS: Final = Record(
    shorthand="schedule",
    fields={
        "schedule": Field(
            shape=SCHEDULE,
            doc="When machines stop and start; default Monday to Friday from 7 to 19; off for never.",
        ),
        "enforce": Field(
            shape=Flag(), doc="Put back what somebody started or stopped outside of the schedule."
        ),
    },
)
OWN_OFFHOURS: Final = Record(
    shorthand="schedule",
    fields={
        **OFFHOURS.fields,
        "schedule": Field(
            shape=Anything(),
            doc="When the machine stops and starts; off for never. Expressions are evaluated.",
        ),
    },
)
_METRIC: Final = Record(
    fields={
        "namespace": Field(
            shape=Text(pattern=r"[A-Za-z0-9./_#:-]{1,255}", rule="a namespace such as CWAgent"),
            required=True,
            doc="The namespace of the metric in CloudWatch.",
        ),
        "name": Field(shape=Text(longest=255), required=True, doc="The name of the metric."),
        "statistic": Field(
            shape=Text(choices=("Average", "Maximum", "Minimum", "Sum", "SampleCount")),
            doc="The statistic over the window; default Maximum.",
        ),
        "above": Field(
            shape=Number(least=0, most=1e12, whole=False),
            required=True,
            doc="The machine works while the metric is above this.",
        ),
        "window": Field(
            shape=_duration(5 * _MINUTE, _DAY), doc="How far it looks back; default 30m."
        ),
    }
)
BUSY: Final = Record(
    fields={
        "tag": Field(shape=Flag(), doc="The job on the machine renews its tag gitbot:busy-until."),
        "metric": Field(shape=_METRIC, doc="A CloudWatch metric of the machine tells."),
        "atMost": Field(
            shape=_duration(_MINUTE, 14 * _DAY),
            doc="How long a stop waits for a machine that works, or of which nobody knows; default 12h.",
        ),
    }
)
PRE_STOP: Final = Record(
    shorthand="command",
    fields={
        "command": Field(
            shape=Text(longest=4000), required=True, doc="The shell command; SSM runs it."
        ),
        "timeout": Field(
            shape=_duration(30 * _SECOND, 60 * _MINUTE), doc="How long it may take; default 5m."
        ),
    },
)
STACK_HOURS: Final[Mapping[str, Field]] = {
    "offhours": Field(shape=OFFHOURS, doc="When the machines of the stack are stopped."),
    "busy": Field(shape=BUSY, doc="How it is known that a machine works and must not be stopped."),
    "preStop": Field(shape=PRE_STOP, doc="What runs on a machine before it is stopped."),
    "instanceStore": Field(
        shape=Text(choices=("discard",)),
        doc="discard: what is on the instance store may be lost whenever a machine is stopped.",
    ),
}


def off_hours_of(
    given: Mapping[str, Any] | None, node: Node | None, where: str, problems: Problems
) -> OffHours | None:
    """The off-hours that ``shape.read`` made of the node; None when there are none, or they are
    wrong."""
    if given is None or node is None:
        return None
    text = given.get("schedule", "on")
    enforce = given.get("enforce", False)
    if enforce and not read_hours(text).two_sided:
        problems.add(
            "bad-hours",
            node.get("enforce") or node,
            f"{where} enforces a schedule that never {'stops' if 'on=' in text else 'starts'} "
            "anything, so there is nothing that machines should always be.",
            "Write both sides, off= and on=, or remove enforce.",
        )
    return OffHours(text=text, enforce=enforce)


def give_rules(
    document: Node,
    spec: Mapping[str, Any],
    written: Mapping[Address, Written],
    desired: dict[Address, DesiredResource],
    problems: Problems,
) -> None:
    """Give every machine in ``desired`` what the stack says about its power, unless the machine
    itself says something else."""
    place = document.get("spec")
    stack = _stack_rules(place, spec, problems)
    machines, silent = 0, stack == NO_RULES
    for address, resource in desired.items():
        one = written[address]
        switch = one.type.schema.switch if one.type is not None else None
        if switch is None:
            _refuse_own(one, one.problems)
            continue
        machines += 1
        if silent and resource.machine == NO_RULES:
            continue
        rules = replace(stack, off_hours=resource.machine.off_hours or stack.off_hours)
        _check_disks(one, resource, switch, rules, one.problems)
        desired[address] = replace(resource, machine=rules)
    if place is not None and not machines:
        for name in STACK_HOURS.keys() & spec.keys():
            problems.add(
                "bad-hours",
                place.key_mark(name),
                f"spec.{name} is about machines, and the stack has no resource that can be stopped.",
                "Remove it.",
            )


def _stack_rules(place: Node | None, spec: Mapping[str, Any], problems: Problems) -> MachineRules:
    node = place.get("offhours") if place is not None else None
    return MachineRules(
        off_hours=off_hours_of(spec.get("offhours"), node, "spec.offhours", problems),
        busy=_busy(place, spec.get("busy"), problems),
        pre_stop=_pre_stop(spec.get("preStop")),
        discards_disks=spec.get("instanceStore") == "discard",
    )


def _busy(place: Node | None, given: Mapping[str, Any] | None, problems: Problems) -> Busy | None:
    if given is None or place is None:
        return None
    metric, tag = given.get("metric"), given.get("tag", False)
    if bool(tag) == (metric is not None):
        problems.add(
            "bad-hours",
            place.key_mark("busy"),
            "spec.busy must say in exactly one way how it is known that a machine works.",
            "Write `tag: true`, or a `metric`.",
        )
        return None
    if metric is not None and not {"namespace", "name", "above"} <= metric.keys():
        return None  # it has a problem already
    limit = {"at_most": given["atMost"]} if "atMost" in given else {}
    return Busy(metric=None if metric is None else BusyMetric(**metric), **limit)


def _pre_stop(given: Mapping[str, Any] | None) -> PreStop | None:
    if given is None or "command" not in given:
        return None
    return PreStop(**given)


def _refuse_own(one: Written, problems: Problems) -> None:
    if "offhours" in one.fields:
        problems.add(
            "bad-hours",
            one.node.key_mark("offhours"),
            f"{one.type_name} cannot be stopped and started.",
            "Remove offhours from this resource.",
        )


def _check_disks(
    one: Written,
    resource: DesiredResource,
    switch: Switch,
    rules: MachineRules,
    problems: Problems,
) -> None:
    """Refuse off-hours that the stack itself asks for where a stop would wipe disks."""
    asked = rules.off_hours is not None and not read_hours(rules.off_hours.text).opted_out
    if not asked or rules.discards_disks:
        return
    for size in sizes_of(resource.properties, switch.size):
        if not size.startswith(switch.wiped):
            continue
        at = one.node.get("properties", switch.size) or one.node.get("placement", "instanceTypes")
        problems.add(
            "instance-store",
            at or one.home,
            f"{quoted(size)} can have local disks (instance store), and AWS wipes them every time "
            f"off-hours stop {one.key}.",
            "If nothing on them is needed, write `instanceStore: discard` below spec. Else keep "
            "data on EBS or S3, or choose a size without local disks.",
        )
