"""Renders what a recovery of state found, as lines of the terminal. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from gitbot.model.names import StackId
from gitbot.model.plan import Change
from gitbot.model.recovery import Finding, How, Stranger
from gitbot.render.escape import clean
from gitbot.render.terminal import Line

_STYLES = {How.FOUND: "cyan", How.MOVED: "cyan", How.GONE: "yellow", How.RIVAL: "red"}


def recovery_lines(stack: StackId, lineage: str, findings: Sequence[Finding]) -> tuple[Line, ...]:
    """What a recovery records of one stack, an object a line."""
    heading = Line(f"{stack.label}: what the state of lineage {lineage} becomes", "bold")
    if not findings:
        return (Line(f"{stack.label}: nothing was found, and state has nothing", "bold"),)
    return (heading, *(Line(f"  {_words(one)}", _STYLES.get(one.how, "")) for one in findings))


def _words(one: Finding) -> str:
    thing = clean(f"{one.address}  {one.type}  {one.remote_id}")
    match one.how:
        case How.KNOWN:
            return f"{thing}  stays"
        case How.FOUND:
            return f"{thing}  found"
        case How.MOVED:
            return f"{thing}  found again, until now as {clean(str(one.former))}"
        case How.DEPOSED:
            return f"{thing}  replaced by a newer object: the next apply deletes it"
        case How.GONE:
            return f"{thing}  does not exist any more: leaves state"
        case How.RIVAL:
            return (
                f"{thing}  not recorded: several objects claim this address, and their tags do not say "
                "which is the newest. Delete those that are not needed by hand, then recover again"
            )


def twice_lines(changes: Sequence[Change]) -> tuple[Line, ...]:
    """A warning of what an apply may make a second time; nothing where there is nothing of the kind."""
    if not changes:
        return ()
    why = (
        "⚠ Of these nothing tells whether they exist: they carry no tags, and their specs give no name. Where they do, an "
        "apply makes them a second time. First look for each, and name it with `lifecycle.import` or delete it:"
    )
    things = (Line(f"  {clean(f'{one.address}  {one.type}')}", "yellow") for one in changes)
    return (Line(why, "yellow"), *things)


def stranger_lines(strangers: Iterable[Stranger]) -> tuple[Line, ...]:
    """The tagged objects that are left alone, by the stack that their tags name."""
    lines: list[Line] = []
    for (stack, lineage, why), some in groupby(strangers, key=_belonging):
        about = f"Left alone of {clean(stack)}, lineage {clean(lineage)}: {why}"
        lines.append(Line(about, "yellow"))
        lines += [Line(f"  {clean(f'{one.address}  {one.type}  {one.remote_id}')}") for one in some]
    return tuple(lines)


def _belonging(one: Stranger) -> tuple[str, str, str]:
    return one.stack, one.lineage, one.why
