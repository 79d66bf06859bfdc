"""The field ``freeze`` of an environment, and the windows that it declares. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from gitbot.language.field_shapes import Field, ListOf, Parsed, Record, Text
from gitbot.language.nodes import Node
from gitbot.language.problems import Problems, quoted
from gitbot.language.time.cron import CRON_RULE, read_cron
from gitbot.language.time.instants import read_moment
from gitbot.model.durations import DURATION_PATTERN, duration_between, duration_words
from gitbot.model.freeze import Act, Once, Opens, Repeats, Window
from gitbot.model.text_problem import TextProblemError
from gitbot.model.time import Cron
from gitbot.model.zones import instant_of, zone

LONGEST: Final = timedelta(days=31)
"""How long a window that repeats can be: a longer one is a ``from`` and an ``until``."""

_ACTS = tuple(act.value for act in Act if act is not Act.WAKE)
_DURATION_RULE = f"a duration of at most {duration_words(LONGEST)}, such as 10h"
_TIME_RULE = "a time such as 2026-11-26T18:00"
_BARE_DATE = re.compile(r"[0-9-]+")


def _read_start(text: str) -> datetime:
    """The time, as ``read_moment``. A bare date is refused: it means its end, which nobody expects
    of a beginning."""
    moment = read_moment(text, rule=_TIME_RULE)
    if _BARE_DATE.fullmatch(text):
        raise TextProblemError(
            f'"{text}" does not say at which time of the day.', f"Write {text}T00:00.", at=len(text)
        )
    return moment


_LISTED = ListOf(item=Text(choices=_ACTS))
TEAM: Final = Text(pattern=r"[^/\s]+/[^/\s]+", rule="organisation/team")

FREEZE: Final = ListOf(
    item=Record(
        fields={
            "name": Field(
                shape=Text(pattern=r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,62}", rule="letters and digits"),
                required=True,
                doc="What the window is called in messages.",
            ),
            "deny": Field(shape=_LISTED, doc="What is not done while it is open."),
            "allow": Field(shape=_LISTED, doc="What is done only while it is open."),
            "cron": Field(
                shape=Parsed(read=lambda text: (text, read_cron(text)), rule=CRON_RULE),
                doc="When it opens, in the environment's time zone; with for.",
            ),
            "for": Field(
                shape=Parsed(
                    read=duration_between(timedelta(minutes=1), LONGEST),
                    rule=_DURATION_RULE,
                    pattern=DURATION_PATTERN,
                ),
                doc="How long it is open, on the clocks of the time zone.",
            ),
            "from": Field(
                shape=Parsed(read=_read_start, rule=_TIME_RULE),
                doc="When it opens, once; with until.",
            ),
            "until": Field(
                shape=Parsed(read=read_moment, rule=f"{_TIME_RULE} or a date, which means its end"),
                doc="When it closes: that instant is outside.",
            ),
            "stacks": Field(
                shape=ListOf(
                    item=Text(pattern=r"[a-z0-9*?\[\]!-]{1,63}", rule="a name with * and ?")
                ),
                doc="For which stacks, by name or pattern; default all.",
            ),
            "override": Field(
                shape=Record(
                    fields={
                        "teams": Field(
                            shape=ListOf(item=TEAM),
                            required=True,
                            doc="GitHub teams, organisation/team.",
                        )
                    }
                ),
                doc="Who may apply a plan all the same, by its digest and with a reason.",
            ),
        }
    )
)


def read_windows(
    entries: Sequence[Mapping[str, Any]], place: Node, timezone: str, problems: Problems
) -> tuple[Window, ...]:
    """The windows of the entries. Entries that contradict themselves are added as problems.

    ``place`` is the list in the file; ``timezone`` is the IANA name for local times.
    """
    found: list[Window] = []
    for entry, node in zip(entries, place.value, strict=True):
        before = len(problems.found)
        for detail, fix in _contradictions(entry, {window.name for window in found}):
            problems.add("freeze-window", node, detail, fix)
        if len(problems.found) == before and (opens := _opens(entry, node, timezone, problems)):
            found.append(_window(entry, opens, timezone))
    return tuple(found)


def _contradictions(entry: Mapping[str, Any], known: set[str]) -> Iterator[tuple[str, str]]:
    name = quoted(entry["name"])
    if entry["name"] in known:
        yield f"There are two windows {name}.", "Give each its own name."
    if bool(entry.get("deny")) == bool(entry.get("allow")):
        yield f"The window {name} needs deny or allow, and not both.", "Write deny: [apply]."
    for key in ("stacks", "override"):
        value = entry.get(key)
        if value in ((), {"teams": ()}):
            yield f"{key} of the window {name} is empty.", "Name something, or leave it out."
    if set(entry) & {"cron", "for", "from", "until"} not in ({"cron", "for"}, {"from", "until"}):
        yield (
            f"The window {name} does not say when it is open, or says it twice.",
            "Write cron and for, or from and until.",
        )


def _opens(entry: Mapping[str, Any], node: Node, timezone: str, problems: Problems) -> Opens | None:
    if "cron" in entry:
        expression, fields = entry["cron"]
        cron = Cron(expression=expression, timezone=timezone, fields=fields)
        return Repeats(cron=cron, lasts=entry["for"])
    start, end = (_instant(entry[key], zone(timezone)) for key in ("from", "until"))
    if start < end:
        return Once(start=start, end=end)
    problems.add(
        "freeze-window",
        node.get("until") or node,
        f"The window {quoted(entry['name'])} ends before it begins.",
        "Write an until that is after from.",
    )
    return None


def _instant(moment: datetime, local: ZoneInfo) -> datetime:
    return moment if moment.tzinfo is not None else instant_of(moment, local)


def _window(entry: Mapping[str, Any], opens: Opens, timezone: str) -> Window:
    acts = frozenset(Act(one) for one in entry.get("allow") or entry["deny"])
    return Window(
        name=entry["name"],
        allows=bool(entry.get("allow")),
        acts=acts | {Act.WAKE} if Act.OFFHOURS in acts else acts,
        opens=opens,
        stacks=entry.get("stacks", ("*",)),
        teams=frozenset(entry.get("override", {}).get("teams", ())),
        text=_text(opens, timezone),
    )


def _text(opens: Opens, timezone: str) -> str:
    if isinstance(opens, Repeats):
        return f"{opens.cron.expression} for {duration_words(opens.lasts)} ({timezone})"
    start, end = (moment.astimezone(zone(timezone)) for moment in (opens.start, opens.end))
    return f"{start:%Y-%m-%dT%H:%M} to {end:%Y-%m-%dT%H:%M} ({timezone})"
