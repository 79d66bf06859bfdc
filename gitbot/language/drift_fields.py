"""The fields of an environment and of a stack that are about drift, and what they mean. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, Literal, TypeAlias
from zoneinfo import ZoneInfo

from gitbot.language.field_shapes import (
    NAME,
    Field,
    Flag,
    ListOf,
    Number,
    Parsed,
    Record,
    Text,
)
from gitbot.language.nodes import Node
from gitbot.language.problems import Problems
from gitbot.language.time.cron import CRON_RULE, read_cron
from gitbot.language.time.instants import MOMENT_RULE, read_moment
from gitbot.model.drift import (
    DRIFT_DEFAULTS,
    DriftOff,
    DriftRules,
    HealRule,
    IgnoreRule,
    IssueRules,
)
from gitbot.model.durations import DURATION_PATTERN, duration_between
from gitbot.model.names import Address
from gitbot.model.text_problem import TextProblemError
from gitbot.model.time import Cron, CronFields, Every
from gitbot.model.zones import instant_of, zone

OFF: Final = "off"
_Off: TypeAlias = Literal["off"]

_between = duration_between(timedelta(minutes=1), timedelta(days=30))


def _every(text: str) -> timedelta | _Off:
    return OFF if text == OFF else _between(text)


def _cron(text: str) -> tuple[str, CronFields]:
    return text, read_cron(text)


def _because(text: str) -> str:
    if text.strip():
        return text
    raise TextProblemError("It is empty.", "Say why, for whoever reads it later.")


_UNTIL = Parsed(read=read_moment, rule=f"{MOMENT_RULE}; without an offset in the `timezone`")
_BECAUSE = Parsed(read=_because, rule="a reason", longest=300)
_POINTER = Text(pattern=r"(?s)(/.+)", rule="a JSON pointer such as /Tags or /Rules/0/Status")
_LABEL = Text(pattern=r"[^,]+", rule="the name of a label, without a comma", longest=50)
_LOGIN = Text(pattern=r"[A-Za-z0-9][A-Za-z0-9-]*", rule="a GitHub login", longest=39)
_TYPE = Text(pattern=r"\w+::\w+::\w+", rule="a resource type such as AWS::S3::Bucket")

ENVIRONMENT_DRIFT: Final = Record(
    shorthand="every",
    fields={
        "every": Field(
            shape=Parsed(
                read=_every,
                rule='a duration such as "30m", or "off"',
                pattern=f"{DURATION_PATTERN}|off",
            ),
            doc='How often drift is looked for, such as 30m; default 1h; "off" for never.',
        ),
        "cron": Field(
            shape=Parsed(read=_cron, rule=CRON_RULE),
            doc='In place of `every`: the local times of the `timezone`, such as "0 */2 * * *".',
        ),
        "confirmAfter": Field(
            shape=Parsed(
                read=duration_between(timedelta(), timedelta(days=1)),
                rule='a duration such as "5m"',
                pattern=DURATION_PATTERN,
            ),
            doc="How long drift must last before an issue is filed; default 5m.",
        ),
        "issues": Field(
            shape=Record(
                fields={
                    "labels": Field(shape=ListOf(item=_LABEL), doc="Labels of the issues."),
                    "assignees": Field(
                        shape=ListOf(item=_LOGIN), doc="Who is assigned, where GitHub lets them be."
                    ),
                    "max": Field(
                        shape=Number(least=1, most=100),
                        doc="Above as many stacks with drift, one issue lists them all; default 10.",
                    ),
                }
            ),
            doc="The issues that tell of drift.",
        ),
        "heal": Field(
            shape=ListOf(
                item=Record(
                    fields={
                        "types": Field(
                            shape=ListOf(item=_TYPE), required=True, doc="Resource types."
                        ),
                        "paths": Field(
                            shape=ListOf(item=_POINTER),
                            required=True,
                            doc="Properties of these types, as JSON pointers.",
                        ),
                    }
                )
            ),
            doc="What is put back without asking; default nothing.",
        ),
        "ignore": Field(
            shape=ListOf(
                item=Record(
                    fields={
                        "stack": Field(shape=NAME, required=True, doc="The stack's name."),
                        "resource": Field(
                            shape=Text(longest=200), required=True, doc="The resource's key."
                        ),
                        "path": Field(
                            shape=_POINTER, required=True, doc="The property, as a JSON pointer."
                        ),
                        "until": Field(
                            shape=_UNTIL,
                            required=True,
                            doc="When it counts again; a date: its end.",
                        ),
                        "because": Field(shape=_BECAUSE, required=True, doc="Why."),
                    }
                )
            ),
            doc="Drift that is neither reported nor corrected for a while.",
        ),
    },
)

STACK_DRIFT: Final = Record(
    fields={
        "off": Field(shape=Flag(), required=True, doc="true: nobody looks for drift of the stack."),
        "until": Field(shape=_UNTIL, required=True, doc="When it is looked for again."),
        "because": Field(shape=_BECAUSE, required=True, doc="Why."),
    }
)


def check_drift(given: Mapping[str, Any] | None, place: Node | None, problems: Problems) -> None:
    """Say when an environment's ``drift`` has both ``every`` and ``cron``."""
    if given is not None and "every" in given and "cron" in given:
        problems.add(
            "bad-value",
            place.key_mark("cron") if place is not None else None,
            "spec.drift has both `every` and `cron`.",
            "Keep one of them.",
        )


def drift_rules(given: Mapping[str, Any] | None, timezone: str) -> DriftRules:
    """The rules that an environment's ``drift`` means, when nothing is wrong with it."""
    if given is None:
        return DRIFT_DEFAULTS
    local = zone(timezone)
    defaults = DRIFT_DEFAULTS
    issues: Mapping[str, Any] = given.get("issues") or {}
    return DriftRules(
        scan=_scan(given, timezone, defaults),
        confirm_after=given.get("confirmAfter", defaults.confirm_after),
        issues=IssueRules(
            labels=issues.get("labels", ()),
            assignees=issues.get("assignees", ()),
            most=int(issues.get("max", defaults.issues.most)),
        ),
        heal=tuple(
            HealRule(types=one["types"], paths=one["paths"]) for one in given.get("heal", ())
        ),
        ignore=tuple(_ignore(one, local) for one in given.get("ignore", ())),
    )


def drift_off(given: Mapping[str, Any] | None, timezone: str) -> DriftOff | None:
    """What a stack's ``drift`` means, when nothing is wrong with it; None when drift is looked for."""
    if given is None or not given["off"]:
        return None
    return DriftOff(until=_instant(given["until"], zone(timezone)), because=given["because"])


def _scan(given: Mapping[str, Any], timezone: str, defaults: DriftRules) -> Every | Cron | None:
    if "cron" in given:
        expression, fields = given["cron"]
        return Cron(expression=expression, timezone=timezone, fields=fields)
    every = given.get("every")
    if every is None:
        return defaults.scan
    return None if every == OFF else Every(interval=every)


def _ignore(given: Mapping[str, Any], local: ZoneInfo) -> IgnoreRule:
    return IgnoreRule(
        stack=given["stack"],
        resource=Address(given["resource"]),
        path=given["path"],
        until=_instant(given["until"], local),
        because=given["because"],
    )


def _instant(moment: datetime, local: ZoneInfo) -> datetime:
    return moment if moment.tzinfo is not None else instant_of(moment, local)
