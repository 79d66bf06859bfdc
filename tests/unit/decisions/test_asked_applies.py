"""How an apply stands that somebody asked a server for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gitbot.decisions.asked_applies import (
    ApplyStatus,
    newest_of_each,
    not_offered,
    same_request,
    standing,
)
from gitbot.model.commands import CommandStatus, Source
from gitbot.model.runs import RunStatus
from tests.contract.records_world import DIGEST, HEAD, NOON, OTHER, apply, command, ref

ASKED = command(ref(source=Source.API))
SAME: dict[str, Any] = {
    "author": "ana",
    "number": 5,
    "environment": "dev",
    "digest": "1234567812345678",
}


def test_who_asks_again_for_the_same_gets_the_same() -> None:
    assert same_request([command(), ASKED], *SAME.values()) == ASKED
    assert same_request([command()], *SAME.values()) is None
    for name, other in {"author": "eve", "number": 6, "environment": "prod", "digest": "0"}.items():
        assert same_request([ASKED], *{**SAME, name: other}.values()) is None


@pytest.mark.parametrize(
    ("status", "answer", "runs", "expected", "why"),
    [
        (CommandStatus.HEARD, None, (), ApplyStatus.WAITING, ""),
        (CommandStatus.ACCEPTED, None, (), ApplyStatus.WAITING, ""),
        (
            CommandStatus.ACCEPTED,
            None,
            (apply("a", RunStatus.RUNNING),),
            ApplyStatus.RUNNING,
            "",
        ),
        (CommandStatus.REFUSED, "too late", (), ApplyStatus.REFUSED, "too late"),
        (CommandStatus.REFUSED, None, (), ApplyStatus.REFUSED, "it was refused"),
        (CommandStatus.DONE, None, (apply("a"),), ApplyStatus.DONE, ""),
        (
            CommandStatus.DONE,
            None,
            (apply("a"), apply("b", RunStatus.FAILED, error="no room")),
            ApplyStatus.FAILED,
            "dev/trainer is failed: no room",
        ),
        (
            CommandStatus.DONE,
            None,
            (apply("a", RunStatus.HELD),),
            ApplyStatus.FAILED,
            "dev/trainer is held",
        ),
        # The kind: an apply that was told to have gone through though nothing was done.
        (CommandStatus.DONE, "it changed", (), ApplyStatus.FAILED, "it changed"),
        (CommandStatus.DONE, "it changed", (apply("a"),), ApplyStatus.FAILED, "it changed"),
        (
            CommandStatus.DONE,
            None,
            (),
            ApplyStatus.FAILED,
            "nothing was applied: the comment of gitbot on #5 says why",
        ),
    ],
)
def test_an_apply_is_done_when_all_its_stacks_are(
    status: CommandStatus, answer: str | None, runs: Any, expected: ApplyStatus, why: str
) -> None:
    found = standing(replace(ASKED, status=status, answer=answer), runs)
    assert (found.status, found.why) == (expected, why)
    assert found.status.ended == (expected not in (ApplyStatus.WAITING, ApplyStatus.RUNNING))


@pytest.mark.parametrize(
    ("applies", "says"),
    [
        ((), "#5 shows another plan of dev/trainer by now"),
        (
            (apply("a", finished_at=NOON),),
            "was applied at 2026-05-01 12:00 UTC, asked for by `ana`",
        ),
        ((apply("a"),), "was applied, asked for by `ana`: nothing was done again"),
        ((apply("a", digest="0" * 64),), "shows another plan"),
        # The kind: after a death the rest was applied, which has a digest of its own.
        (
            (apply("a", digest="0" * 64, reviewed_digest=DIGEST, head=HEAD),),
            "was applied, asked for by `ana`: nothing was done again",
        ),
        # After a merge, what was reviewed may have been held, and another plan released.
        ((apply("a", digest="0" * 64, reviewed_digest=DIGEST),), "shows another plan"),
        ((apply("a", pull_request=6),), "shows another plan"),
        ((apply("a", RunStatus.SUPERSEDED),), "shows another plan"),
        (
            (apply("a"), apply("b", RunStatus.FAILED, error="no room")),
            "was begun before (dev/trainer is failed: no room): read on #5 what is left to do",
        ),
    ],
)
def test_who_asks_again_after_the_end_is_told_how_it_ended(applies: Any, says: str) -> None:
    """The kind: after a lost reply, an apply that went through was told as one that another plan had replaced."""
    assert says in not_offered(5, DIGEST, ["dev/trainer"], applies)


def test_the_last_run_of_a_stack_counts() -> None:
    died, rest = apply("a", RunStatus.FAILED), apply("b")
    other = apply("c", stack=OTHER)
    assert newest_of_each([died, other, rest]) == (rest, other)
