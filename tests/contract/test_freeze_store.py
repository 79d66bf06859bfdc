"""What people froze and withdrew, and what waits for a freeze to end, is kept until it is ended."""

from __future__ import annotations

from dataclasses import replace

from gitbot.model.freeze import FrozenApply, HandFreeze, Withdrawal
from gitbot.ports.records import Records
from tests.contract.records_world import DAY, DEV, NOON, OTHER, STACK

PROD = replace(DEV, environment="prod")

FREEZE = HandFreeze(environment=DEV, by="ada", since=NOON, because="é", command="comment:1:2:0")
WAITS = FrozenApply(stack=STACK, since=NOON, why="the window `weekend`", until=NOON + DAY)


def test_an_environment_is_frozen_once_and_found_by_its_issue(records: Records) -> None:
    freezes = records.freezes
    assert freezes.freeze(FREEZE) == FREEZE
    assert freezes.freeze(replace(FREEZE, by="bob", command="comment:2:2:0")) == FREEZE
    freezes.note_issue(DEV, 9)
    freezes.note_issue(PROD, 10)
    assert freezes.frozen(DEV) == freezes.of_issue(DEV.repository, 9) == replace(FREEZE, issue=9)
    assert freezes.frozen(PROD) is freezes.of_issue(DEV.repository, 10) is None
    freezes.unfreeze(DEV)
    freezes.unfreeze(DEV)
    assert freezes.frozen(DEV) is freezes.of_issue(DEV.repository, 9) is None


def test_what_waits_keeps_its_first_time(records: Records) -> None:
    freezes, other = records.freezes, replace(WAITS, stack=OTHER, until=None)
    freezes.wait([other, WAITS])
    freezes.wait([replace(WAITS, since=NOON + DAY, why="ada froze dev", until=None)])
    assert freezes.waiting(DEV) == tuple(
        sorted(
            [replace(WAITS, why="ada froze dev", until=None), other], key=lambda each: each.stack
        )
    )
    assert freezes.waiting(PROD) == ()
    freezes.end_waiting([STACK])
    freezes.end_waiting([])
    assert freezes.waiting(DEV) == (other,)


def test_the_newest_withdrawal_of_a_stack_stands(records: Records) -> None:
    freezes = records.freezes
    first = Withdrawal(stack=STACK, desired_hash="a" * 64, by="ada", at=NOON, number=7, command="c")
    gone = replace(first, desired_hash=None, by="bob")
    freezes.withdraw(first)
    freezes.withdraw(gone)
    assert freezes.withdrawn(DEV) == (gone,)
    freezes.end_withdrawal([STACK])
    assert freezes.withdrawn(DEV) == ()
