"""Words about the gates of a promotion: its check, and the end of its pull request's text. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from gitbot.model.forge import Check, CheckState
from gitbot.model.promotion import Gate, GateState
from gitbot.render.escape import plain, sentence

CHECK: Final = "gitbot/promotion"
_LONGEST = 15_000
_BEGIN, _END = "<!-- gitbot:gates -->", "<!-- /gitbot:gates -->"
_BLOCK: Final = re.compile(f"{_BEGIN}.*?{_END}", re.DOTALL)
_WORDS = {
    Gate.APPLIED: "applied in the source, exactly this",
    Gate.VERIFIED: "verified: a plan of the source is empty",
    Gate.SOAKED: "soaked",
    Gate.DRIFT: "no open drift in the source",
    Gate.DECIDED: "nothing left to decide",
    Gate.HOLD: "not held",
    Gate.WINDOW: "nothing forbids it now",
    Gate.OTHERS: "nobody else works on it",
    Gate.PLANNED: "its plan is shown",
    Gate.APPROVED: "requirements of the environment",
    Gate.RULES: "rules of the branch",
}


def promotion_check(states: Sequence[tuple[str, Sequence[GateState]]]) -> Check:
    """The check ``gitbot/promotion``: each gate of each stack, and when it opens where known."""
    every = [state for _, some in states for state in some]
    closed = [state for state in every if not state.open]
    times = [state.opens_at for state in closed if state.opens_at is not None]
    if not closed:
        title, state = "every gate is open", CheckState.SUCCESS
    elif any(one.gate is Gate.DECIDED for one in closed):
        title, state = "a person must decide something", CheckState.FAILURE
    else:
        first = closed[0]
        title = f"waits: {first.why}" if len(closed) == 1 else f"waits for {len(closed)} gates"
        state = CheckState.ACTION_REQUIRED if all(one.who for one in closed) else CheckState.PENDING
    if times and state is CheckState.PENDING:
        title = f"{title}; the earliest opens {min(times):%Y-%m-%d %H:%M} UTC"
    return Check(
        name=CHECK,
        state=state,
        title=title,
        summary="\n\n".join(_table(stack, some) for stack, some in states),
    )


def gates_block(states: Sequence[tuple[str, Sequence[GateState]]]) -> str:
    """The part of the pull request's text that says what it waits for, in Markdown."""
    tables = [_table(stack, some) for stack, some in states]
    while sum(map(len, tables)) > _LONGEST:
        tables.pop()
    left = len(states) - len(tables)
    more = [f"And of {left} more stacks: see the check `{CHECK}`."] if left else []
    return "\n\n".join([_BEGIN, "**What it waits for**", *tables, *more, _END])


def gates_in(body: str) -> str:
    """The part of the text that says what it waits for; empty where none does."""
    found = _BLOCK.search(body)
    return found.group() if found else ""


def with_gates(body: str, block: str) -> str:
    """The text with this as the part that says what it waits for."""
    rest = _BLOCK.sub("", body).rstrip()
    return f"{rest}\n\n{block}" if block else rest


def _table(stack: str, states: Sequence[GateState]) -> str:
    lines = [f"**{plain(stack)}**", "", "| gate | | |", "|---|---|---|"]
    for one in states:
        when = (
            f" (opens {one.opens_at:%Y-%m-%d %H:%M} UTC)" if one.opens_at and not one.open else ""
        )
        why = sentence(one.why).replace("|", "\\|") if one.why else ""
        lines.append(f"| {_WORDS[one.gate]} | {'open' if one.open else 'waits'} | {why}{when} |")
    return "\n".join(lines)
