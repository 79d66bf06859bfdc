"""Tell people what becomes of the machines of a stack that expires. Shell."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from gitbot.jobs.steps.expiry.machines import Awake
from gitbot.jobs.steps.expiry.moment import read_moment
from gitbot.jobs.steps.expiry.noting import note
from gitbot.jobs.steps.expiry.tell import say
from gitbot.jobs.steps.look import Look, Ports
from gitbot.jobs.steps.telling import Telling
from gitbot.model.desired import Environment
from gitbot.model.expiry import Expiry
from gitbot.render.expiry_machines import (
    not_switched_comment,
    pre_stop_comment,
    untagged_comment,
    works_comment,
)


def say_failures(
    ports: Ports, seen: Look, row: Expiry, failures: Collection[str], telling: Telling
) -> bool:
    """Say which machines have not the power that they should have, and why. Whether all is said."""
    text = not_switched_comment(row, tuple(failures))
    return not failures or _say(ports, seen, row, "power", text, telling)


def say_tags(ports: Ports, seen: Look, row: Expiry, telling: Telling) -> None:
    """Say which objects do not carry the tag about their end, or that by now all do."""
    _say(ports, seen, row, "tags", untagged_comment(row), telling)


def say_pre_stops(ports: Ports, seen: Look, row: Expiry, telling: Telling) -> None:
    """Say which commands before a stop failed, and why, unless that was said."""
    if not row.pre_stop:
        return
    subject = f"preStop:{row.stage_at:%Y%m%dT%H%M%S}"
    if _say(ports, seen, row, subject, pre_stop_comment(row), telling):
        said = set(row.pre_stop)
        note(
            ports,
            row,
            lambda now: replace(
                now, pre_stop=tuple(one for one in now.pre_stop if one not in said)
            ),
            read_moment(ports).latest,
        )


def say_works(
    ports: Ports, seen: Look, rules: Environment, row: Expiry, awake: Awake, telling: Telling
) -> Mapping[str, datetime]:
    """Give people notice of machines that do not go on for long although they work.

    Returns since when they know of which machine. One of which GitHub does not take the notice yet
    is left running until it does.
    """
    if not awake.notices:
        return awake.noticed
    until = max(awake.waits[address].until for address in awake.notices)
    text = works_comment(row, awake.notices, until, rules.timezone)
    # Another phase, or another machine later, is news: it has a comment of its own.
    phase = "stop" if row.put_off_at is None else "destroy"
    subject = f"works:{phase}:{len(row.noticed)}"
    known = {one: at for one, at in awake.noticed.items() if one not in awake.notices}
    if not _say(ports, seen, row, subject, text, telling):
        return known
    return known | dict.fromkeys(awake.notices, read_moment(ports).latest)


def _say(ports: Ports, seen: Look, row: Expiry, subject: str, text: str, telling: Telling) -> bool:
    """Whether it need not be said again: it stands there, or GitHub takes it nowhere."""
    what = f"the machines of {row.stack.label} ({subject})"
    moment, about = read_moment(ports), f"{row.expires_at:%Y%m%dT%H%M%S}:{subject}"
    telling.say(what, lambda: say(ports, seen, row, about, text, moment))
    return not telling.owes(what)
