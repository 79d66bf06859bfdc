"""What waits for the end of a freeze, what of it was withdrawn, and who may override."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gitbot.decisions.freeze.waiting import (
    check_override,
    choose_environment,
    goes_on_alone,
    overriding_teams,
    to_withdraw,
    waits,
    withdrawal_of,
    words_for_plan,
    words_of_refusal,
    words_of_wait,
    words_of_withdrawal,
)
from gitbot.errors import RefusedError
from gitbot.model.commands import Command
from gitbot.model.desired import ChangedPlan, Environment, Trigger
from gitbot.model.freeze import FrozenApply, HandFreeze, Verdict, Window, Withdrawal
from gitbot.model.names import StackId
from gitbot.model.runs import Run, RunStatus
from tests.unit.decisions.facts_by_hand import NOW, PROD, a_command, a_run, stack_id
from tests.unit.decisions.freeze.windows_by_hand import a_window

STACK, OTHER = stack_id("web", "prod"), stack_id("db", "prod")
SRE, OPS = frozenset({"acme/sre"}), frozenset({"acme/ops"})
DENY = a_window("weekend", "deny", "0 17 * * FRI", 63)
SRE_DENY, OPS_DENY = replace(DENY, teams=SRE), replace(DENY, name="sale", teams=OPS)
ALLOW = a_window("office", "allow", "0 8 * * MON-FRI", 10)
OPS_ALLOW = replace(ALLOW, name="late", teams=OPS)
FREEZE = HandFreeze(
    environment=STACK.environment_key, by="ada", since=NOW, because="a demo", command="c"
)
OVERRIDE = a_command(environment="prod", digest="1a2b3c4d5e6f7a8b", because="it is down")


@pytest.mark.parametrize(
    ("in_the_way", "teams", "allowed"),
    [
        ((), frozenset(), True),
        ((DENY,), SRE, False),
        ((SRE_DENY,), SRE, True),
        ((SRE_DENY,), OPS, False),
        ((SRE_DENY, OPS_DENY), SRE, False),
        ((SRE_DENY, OPS_DENY), SRE | OPS, True),
        ((ALLOW,), OPS, False),
        ((ALLOW, OPS_ALLOW), OPS, True),
        ((SRE_DENY, OPS_ALLOW), OPS, False),
        ((SRE_DENY, OPS_ALLOW), SRE | OPS, True),
    ],
)
def test_an_override_covers_every_window_that_denies_and_one_that_allows(
    in_the_way: tuple[Window, ...], teams: frozenset[str], allowed: bool
) -> None:
    if allowed:
        check_override(OVERRIDE, None, in_the_way, teams)
        return
    with pytest.raises(RefusedError, match="may not override"):
        check_override(OVERRIDE, None, in_the_way, teams)


@pytest.mark.parametrize(
    ("command", "freeze", "in_the_way", "part"),
    [
        (a_command(digest="1a2b3c4d5e6f7a8b"), None, (SRE_DENY,), "says why"),
        (a_command(because="x", environment="dev"), None, (SRE_DENY,), "`/apply prod 1a2b"),
        (OVERRIDE, FREEZE, (SRE_DENY,), "ada froze prod"),
        (
            OVERRIDE,
            None,
            (SRE_DENY, OPS_DENY),
            "`weekend` and `sale`: that takes a member of acme/ops or acme/sre",
        ),
        (OVERRIDE, None, (DENY,), "`weekend`: nobody may"),
    ],
)
def test_an_override_that_does_not_count_says_what_is_missing(
    command: Command, freeze: HandFreeze | None, in_the_way: tuple[Window, ...], part: str
) -> None:
    with pytest.raises(RefusedError) as refused:
        check_override(command, freeze, in_the_way, ())
    assert part in str(refused.value)


def test_the_teams_that_may_override_are_named_only_when_that_is_enough() -> None:
    assert overriding_teams((SRE_DENY, OPS_DENY)) == SRE | OPS
    assert overriding_teams((SRE_DENY, DENY)) == overriding_teams(()) == frozenset()


def test_what_waits_says_why_until_when_and_what_can_be_done() -> None:
    later = NOW + timedelta(hours=20)
    found = waits(STACK, Verdict(allowed=False, why="the window `weekend`", next_open=later), NOW)
    assert (found.stack, found.since, found.until) == (STACK, NOW, later)
    assert words_of_wait(PROD, found, (SRE_DENY,)) == (
        "the window `weekend`. It goes on by itself at Sat 2026-05-02 08:00 UTC, if the plan is still "
        "the reviewed one. acme/sre can apply it now, with `/apply prod`, the digest of the plan, and "
        "`because` with a reason. `/cancel prod` withdraws it."
    )
    by_hand = words_of_wait(PROD, replace(found, until=None), ())
    assert "when that ends, if" in by_hand
    assert by_hand.endswith("reviewed one. `/cancel prod` withdraws it.")
    unseen = words_of_wait(PROD, found, (), alone=False)
    assert (
        "Nobody agreed to its plan: it is planned at Sat 2026-05-02 08:00 UTC, and held" in unseen
    )
    assert "by itself" not in unseen
    nobody = words_of_wait(PROD, found, (SRE_DENY,), unseen=("acme/sre",))
    assert "`because` with a reason (nobody can be found in acme/sre)." in nobody


MERGES = replace(PROD, triggers=frozenset({Trigger.MERGE}), changed_plan=ChangedPlan.HOLD)


@pytest.mark.parametrize(
    ("rules", "history", "reviewed", "expected"),
    [
        (MERGES, (), False, False),
        (MERGES, (), True, True),
        (MERGES, (a_run("a", status=RunStatus.RELEASED),), False, True),
        (MERGES, (a_run("a", status=RunStatus.FAILED),), False, True),
        (MERGES, (a_run("a", status=RunStatus.APPLIED),), False, False),
        (replace(MERGES, changed_plan=ChangedPlan.APPLY), (), False, True),
        (replace(MERGES, triggers=frozenset({Trigger.COMMENT})), (), True, False),
    ],
)
def test_what_nobody_may_have_agreed_to_does_not_go_on_by_itself(
    rules: Environment, history: tuple[Run, ...], reviewed: bool, expected: bool
) -> None:
    assert goes_on_alone(rules, None, history, reviewed=reviewed) is expected


def test_a_plan_comment_says_until_when_a_merge_waits() -> None:
    closed = Verdict(allowed=False, why="the window `weekend`", next_open=NOW)
    until = "Fri 2026-05-01 12:00 UTC"
    assert words_for_plan(PROD, closed) == (
        f"the window `weekend`. A merge waits until {until}, and so does a comment."
    )
    assert "waits until that ends" in words_for_plan(PROD, replace(closed, next_open=None))


def test_an_apply_that_is_refused_says_when_to_write_again_and_who_may_override() -> None:
    verdict = Verdict(allowed=False, why="the window `weekend`", next_open=NOW)
    assert words_of_refusal(PROD, STACK, verdict, (SRE_DENY,)) == (
        "prod/web is frozen: the window `weekend`. It works again after Fri 2026-05-01 12:00 UTC. "
        "acme/sre can apply it now, with `/apply prod/web`, the digest of the plan, and `because` with "
        "a reason"
    )
    by_hand = Verdict(allowed=False, why="ada froze prod")
    assert words_of_refusal(PROD, STACK, by_hand, ()) == "prod/web is frozen: ada froze prod"


@pytest.mark.parametrize(
    ("stack", "found"),
    [(None, {STACK, OTHER}), ("web", {STACK}), ("db", {OTHER}), ("x", set())],
)
def test_what_is_held_or_waits_is_withdrawn_if_it_is_named(
    stack: str | None, found: set[StackId]
) -> None:
    command = a_command(environment="prod", **({} if stack is None else {"stack": stack}))
    held = [a_run(status=RunStatus.HELD, stack=OTHER), a_run(status=RunStatus.HELD, stack=STACK)]
    waiting = [FrozenApply(stack=STACK, since=NOW, why="x")]
    assert to_withdraw(command, held, waiting) == found
    assert to_withdraw(command, (), (), [STACK, OTHER]) == found


def test_an_environment_is_named_or_the_only_one() -> None:
    assert choose_environment(a_command(environment="qa"), ["dev"]) == "qa"
    assert choose_environment(a_command(), ["dev"]) == "dev"
    with pytest.raises(RefusedError, match="`/apply dev because …`, `/apply prod because …`"):
        choose_environment(a_command(because="x"), ["prod", "dev"])
    with pytest.raises(RefusedError, match="there is none"):
        choose_environment(a_command(), [])


def test_a_withdrawal_stands_while_the_tip_wants_the_same() -> None:
    withdrawal = Withdrawal(stack=STACK, desired_hash="a", by="ada", at=NOW, number=7, command="c")
    assert withdrawal_of([withdrawal], STACK, "a") == withdrawal
    assert withdrawal_of([withdrawal], STACK, None) is None
    assert withdrawal_of([withdrawal], stack_id(), "a") is None
    assert words_of_withdrawal(withdrawal).startswith("ada withdrew it on #7: `/apply prod/web`")
