"""Whether people agreed to exactly what an apply would do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gitbot.decisions.consent import (
    Consent,
    ConsentFacts,
    Part,
    check_agreed,
    consent,
    continues,
    covers,
    only_by_release,
    released_run,
    unasked,
    unfinished_run,
)
from gitbot.errors import RefusedError
from gitbot.model.desired import ChangedPlan, Environment, Trigger
from gitbot.model.diagnostic import SourceSpan
from gitbot.model.names import Address, Sha, StackId
from gitbot.model.plan import Action, Change, Guard, GuardHit, PathChange, Plan
from gitbot.model.runs import Claim, Run, RunKind, RunStatus
from gitbot.reconciler.digest import digest

STACK = StackId(repository="1", environment="dev", name="x", region="eu-west-1")
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def change(address: str, action: Action, *paths: str) -> Change:
    return Change(
        address=Address(address),
        type="AWS::S3::Bucket",
        action=action,
        paths=tuple(PathChange(path=path, after=1) for path in paths),
    )


def plan(*changes: Change, digest: str = "d1", desired: str = "want", guards: int = 0) -> Plan:
    hit = GuardHit(guard=Guard.STATEFUL_DELETE, detail="a bucket would be deleted")
    return Plan(
        stack=STACK,
        account="1",
        commit=None,
        serial=1,
        lineage="l",
        desired_hash=desired,
        changes=changes,
        digest=digest,
        guards=(hit,) * guards,
    )


def run(
    status: RunStatus,
    of: Plan,
    kind: RunKind = RunKind.APPLY,
    actor: str = "ada",
    ended_at: datetime | None = NOW,
) -> Run:
    return Run(
        id="r",
        kind=kind,
        stack=STACK,
        commit=Sha("c" * 40),
        head=None,
        tip=Sha("c" * 40),
        pull_request=7,
        status=status,
        digest=of.digest,
        does=True,
        actor=actor,
        started_at=NOW,
        finished_at=ended_at,
        shown_whole=True,
    )


Told = tuple[Run, Plan]
"""A run and its plan."""


def did(status: RunStatus, of: Plan, actor: str = "ada") -> Told:
    return run(status, of, actor=actor), of


def ask(it: Plan, reviewed: Run | None = None, *history: Told, apply: bool = False) -> Consent:
    began = unfinished_run([one for one, _ in history])
    facts = ConsentFacts(
        reviewed=reviewed,
        released=released_run([one for one, _ in history], NOW),
        unfinished=next((of for one, of in history if one is began), None),
        changed_plan=ChangedPlan.APPLY if apply else ChangedPlan.HOLD,
    )
    return consent(it, facts)


CREATE = plan(change("a", Action.CREATE, "/X"))


def test_the_reviewed_digest_is_applied() -> None:
    assert ask(CREATE, run(RunStatus.PLANNED, CREATE, RunKind.PLAN)).given == "reviewed"


def test_another_digest_than_the_reviewed_one_is_held_with_both() -> None:
    reviewed = run(RunStatus.PLANNED, replace(CREATE, digest="d0"), RunKind.PLAN)
    held = ask(CREATE, reviewed)
    assert held.given == ""
    assert "d0 was reviewed" in held.why


def test_a_plan_that_was_not_shown_whole_is_held_and_released_by_its_digest() -> None:
    """The kind: what people could not read counts as read."""
    reviewed = replace(run(RunStatus.PLANNED, CREATE, RunKind.PLAN), shown_whole=False)
    held = ask(CREATE, reviewed)
    assert held.given == ""
    assert held.why.startswith("#7 could not show this plan whole")
    assert ask(CREATE, reviewed, did(RunStatus.RELEASED, CREATE)).given == "released by ada"
    assert ask(CREATE, reviewed, apply=True).given == "the environment applies changed plans"


def test_a_plan_that_nobody_saw_is_held() -> None:
    assert "no pull request showed" in ask(CREATE).why


def test_an_environment_may_apply_changed_plans_but_never_guarded_ones() -> None:
    assert ask(CREATE, apply=True).given
    assert not ask(replace(plan(guards=1), digest="d1"), apply=True).given


def test_a_guard_holds_even_what_was_reviewed() -> None:
    guarded = plan(change("a", Action.DELETE), guards=1)
    held = ask(guarded, run(RunStatus.PLANNED, guarded, RunKind.PLAN))
    assert held.why == "a bucket would be deleted"


def test_a_release_counts_for_its_digest_alone() -> None:
    guarded = plan(change("a", Action.DELETE), guards=1)
    answer = ask(guarded, None, did(RunStatus.RELEASED, guarded, actor="bob"))
    assert answer.released_by == "bob"
    assert not ask(guarded, None, did(RunStatus.RELEASED, replace(guarded, digest="d2"))).given


def test_a_release_is_spent_by_the_apply_after_it() -> None:
    guarded = plan(change("a", Action.DELETE), guards=1)
    history = (did(RunStatus.APPLIED, guarded), did(RunStatus.RELEASED, guarded))
    assert not ask(guarded, None, *history).given


def test_what_blocks_cannot_be_released() -> None:
    hit = GuardHit(guard=Guard.DIAGNOSTICS_BLOCK_DELETE, detail="broken specs", blocks=True)
    blocked = replace(CREATE, guards=(hit,))
    assert ask(blocked, None, did(RunStatus.RELEASED, blocked)).why == "broken specs"


def test_the_rest_of_an_apply_that_died_goes_on_though_its_digest_differs() -> None:
    agreed = plan(change("a", Action.CREATE), change("b", Action.CREATE))
    rest = plan(change("a", Action.NOOP), change("b", Action.CREATE), digest="d2")
    assert ask(rest, None, did(RunStatus.RUNNING, agreed)).given
    assert ask(rest, None, did(RunStatus.FAILED, agreed)).given
    assert not ask(rest, None, did(RunStatus.HELD, agreed)).given


def test_another_plan_than_that_of_the_apply_that_died_is_no_rest_of_it() -> None:
    died = did(RunStatus.FAILED, plan(change("a", Action.CREATE)))
    other = plan(change("b", Action.CREATE), digest="d2")
    assert "no pull request showed" in ask(other, None, died).why


@pytest.mark.parametrize(
    ("agreed", "now", "expected"),
    [
        pytest.param(
            plan(change("a", Action.CREATE), change("b", Action.CREATE)),
            plan(change("a", Action.NOOP), change("b", Action.CREATE)),
            True,
            id="the first of two creations is done",
        ),
        pytest.param(
            plan(change("a", Action.CREATE)),
            plan(change("a", Action.REPLACE)),
            True,
            id="a creation that stopped half-way is made anew",
        ),
        pytest.param(
            plan(change("a", Action.CREATE)),
            plan(change("a", Action.UPDATE, "/X")),
            True,
            id="a created object is left to update",
        ),
        pytest.param(
            plan(change("a", Action.CREATE)),
            plan(change("b", Action.CREATE)),
            False,
            id="another address was never agreed to",
        ),
        pytest.param(
            plan(change("a", Action.UPDATE, "/X", "/Y")),
            plan(change("a", Action.UPDATE, "/X")),
            True,
            id="one of two paths is left",
        ),
        pytest.param(
            plan(change("a", Action.UPDATE, "/X")),
            plan(change("a", Action.UPDATE, "/X", "/Y")),
            False,
            id="an update of another path was never agreed to",
        ),
        pytest.param(
            plan(change("a", Action.UPDATE, "/X")),
            plan(change("a", Action.REPLACE, "/X")),
            False,
            id="a replacement is no rest of an update",
        ),
        pytest.param(
            plan(change("a", Action.REPLACE)),
            plan(change("a", Action.DELETE)),
            True,
            id="the old object of a replacement is left to delete",
        ),
        pytest.param(
            plan(change("a", Action.REPLACE)),
            plan(change("a", Action.UPDATE, "/X")),
            True,
            id="the new object of a replacement is left to update",
        ),
        pytest.param(
            plan(change("a", Action.DELETE), change("b", Action.ADOPT)),
            plan(change("a", Action.DELETE), change("b", Action.ADOPT)),
            True,
            id="all of it is left",
        ),
        pytest.param(
            plan(change("a", Action.DELETE)),
            plan(change("a", Action.FORGET)),
            True,
            id="a deleted object is left to forget",
        ),
        pytest.param(
            plan(change("a", Action.FORGET)),
            plan(change("a", Action.DELETE)),
            False,
            id="a deletion is no rest of forgetting",
        ),
        pytest.param(
            plan(change("a", Action.ADOPT, "/X")),
            plan(change("a", Action.UPDATE, "/X")),
            True,
            id="an adopted object is left to update",
        ),
        pytest.param(
            plan(change("a", Action.ADOPT)),
            plan(change("a", Action.UPDATE, "/X")),
            False,
            id="an update that the adoption did not show was never agreed to",
        ),
        pytest.param(
            plan(change("a", Action.DELETE)),
            plan(replace(change("a", Action.DELETE), empties=True)),
            False,
            id="what is inside was to stay",
        ),
        pytest.param(
            plan(change("a", Action.CREATE)),
            plan(replace(change("a", Action.REPLACE), empties=True)),
            True,
            id="a new object that is made anew has nothing inside",
        ),
        pytest.param(
            plan(replace(change("a", Action.DELETE), snapshots=True)),
            plan(change("a", Action.DELETE)),
            False,
            id="a snapshot was to be made first",
        ),
        pytest.param(
            plan(change("a", Action.NOOP)),
            plan(change("a", Action.UPDATE, "/X")),
            False,
            id="nothing is left of nothing",
        ),
        pytest.param(
            plan(change("a", Action.DELETE), desired="p"),
            plan(change("a", Action.DELETE)),
            False,
            id="another desired state",
        ),
        pytest.param(
            replace(plan(change("a", Action.DELETE)), account="2"),
            plan(change("a", Action.DELETE)),
            False,
            id="another account",
        ),
    ],
)
def test_what_is_a_rest_of_what_was_agreed(agreed: Plan, now: Plan, expected: bool) -> None:
    assert continues(agreed, now) is expected


def test_a_guard_that_only_the_rest_meets_holds_it() -> None:
    agreed = plan(change("a", Action.CREATE))
    rest = plan(change("a", Action.REPLACE), digest="d2", guards=1)
    assert not ask(rest, None, did(RunStatus.FAILED, agreed)).given
    assert ask(rest, None, did(RunStatus.FAILED, replace(agreed, guards=rest.guards))).given


def hit(guard: Guard, *addresses: str, blocks: bool = False) -> GuardHit:
    names = tuple(map(Address, addresses))
    return GuardHit(guard=guard, detail=f"{guard} of {names}", addresses=names, blocks=blocks)


DELETES_A, DELETES_AB = hit(Guard.STATEFUL_DELETE, "a"), hit(Guard.STATEFUL_DELETE, "a", "b")


@pytest.mark.parametrize(
    ("agreed", "now", "unseen"),
    [
        pytest.param((), (), (), id="no guard"),
        pytest.param((DELETES_A,), (DELETES_A,), (), id="the same guard"),
        pytest.param((DELETES_AB,), (DELETES_A,), (), id="a guard over less"),
        pytest.param((DELETES_A,), (DELETES_AB,), (DELETES_AB,), id="a guard over more"),
        pytest.param(
            (hit(Guard.STATEFUL_REPLACE, "a"),), (DELETES_A,), (DELETES_A,), id="another guard"
        ),
        pytest.param(
            (hit(Guard.MASS_DELETE), DELETES_A),
            (DELETES_A,),
            (),
            id="one of several that were seen",
        ),
    ],
)
def test_the_guards_that_nobody_was_asked_about(
    agreed: tuple[GuardHit, ...], now: tuple[GuardHit, ...], unseen: tuple[GuardHit, ...]
) -> None:
    assert unasked(replace(CREATE, guards=agreed), replace(CREATE, guards=now)) == unseen


REST = plan(change("a", Action.NOOP), digest="d2")
BLOCKED = hit(Guard.DIAGNOSTICS_BLOCK_DELETE, blocks=True)


@pytest.mark.parametrize(
    ("agreed", "now", "words"),
    [
        pytest.param(CREATE, CREATE, None, id="the same plan"),
        pytest.param(CREATE, REST, None, id="a rest of it"),
        pytest.param(
            CREATE,
            replace(CREATE, desired_hash="other"),
            None,
            id="the same digest does the same, however the specs say it",
        ),
        pytest.param(
            replace(CREATE, guards=(DELETES_A,)),
            replace(CREATE, guards=(DELETES_A,)),
            None,
            id="a guard that was seen",
        ),
        pytest.param(
            CREATE,
            plan(change("b", Action.CREATE), digest="d2"),
            "dev/x is not the one that was shown: d1 was shown, d2 is what it would do now",
            id="another plan",
        ),
        pytest.param(
            CREATE, replace(CREATE, guards=(DELETES_A,)), "dev/x: stateful-delete", id="a new guard"
        ),
        pytest.param(
            replace(CREATE, guards=(BLOCKED,)),
            replace(CREATE, guards=(BLOCKED,)),
            "dev/x: diagnostics-block-delete",
            id="what blocks was shown, and blocks",
        ),
    ],
)
def test_what_is_applied_before_the_merge_is_what_was_agreed_to(
    agreed: Plan, now: Plan, words: str | None
) -> None:
    if words is None:
        check_agreed(agreed, now)
    else:
        with pytest.raises(RefusedError, match=words):
            check_agreed(agreed, now)


APPLIED, FAILED, RUNNING = RunStatus.APPLIED, RunStatus.FAILED, RunStatus.RUNNING
RELEASED, HELD, SUPERSEDED = RunStatus.RELEASED, RunStatus.HELD, RunStatus.SUPERSEDED


@pytest.mark.parametrize(
    ("statuses", "unfinished", "released"),
    [
        pytest.param([], None, None, id="nothing was ever applied"),
        pytest.param([APPLIED, FAILED, RELEASED], None, None, id="an apply ends what came before"),
        pytest.param([FAILED, RELEASED], 0, None, id="a release ends with the job that used it"),
        pytest.param([HELD, RELEASED], None, None, id="also when that job found another plan"),
        pytest.param([SUPERSEDED, RELEASED], None, None, id="which nobody needs any more"),
        pytest.param([RELEASED], None, 0, id="a release that no job has used"),
        pytest.param([RELEASED, RUNNING], 1, 0, id="a release after one that died"),
        pytest.param([HELD, FAILED, FAILED], 1, None, id="the newest of two that failed"),
        pytest.param([HELD], None, None, id="a held one has begun nothing"),
    ],
)
def test_what_of_the_past_still_counts(
    statuses: list[RunStatus], unfinished: int | None, released: int | None
) -> None:
    history = [run(status, CREATE) for status in statuses]
    assert unfinished_run(history) is (None if unfinished is None else history[unfinished])
    assert released_run(history, NOW) is (None if released is None else history[released])


@pytest.mark.parametrize(
    ("ended_at", "counts"),
    [(NOW - timedelta(days=1), True), (NOW - timedelta(days=1, seconds=1), False), (None, False)],
    ids=["a day old", "older", "without a time"],
)
def test_a_release_counts_for_a_day(ended_at: datetime | None, counts: bool) -> None:
    """A digest that was released once consented to the same plan months later."""
    released = run(RELEASED, CREATE, ended_at=ended_at)
    assert (released_run([released], NOW) is released) is counts


@pytest.mark.parametrize(
    ("hours_old", "frozen_h", "counts"),
    [(30, 6, True), (30, 5, False), (30, 30, True), (300, 290, True), (30, 40, True)],
    ids=["a day before", "more before", "at once", "a long freeze", "while it was frozen"],
)
def test_a_release_does_not_age_while_it_is_frozen(
    hours_old: int, frozen_h: int, counts: bool
) -> None:
    released = run(RELEASED, CREATE, ended_at=NOW - timedelta(hours=hours_old))
    since = NOW - timedelta(hours=frozen_h)
    assert (released_run([released], NOW, since) is released) is counts


DEV = Environment(name="dev", region="eu-west-1", source=SourceSpan(file="x"))
CLAIM = Claim(
    stack=STACK, pull_request=7, claimed_by="ada", claimed_at=NOW, head=Sha("a" * 40), closed=True
)


@pytest.mark.parametrize(
    ("rules", "claim", "words"),
    [
        pytest.param(DEV, None, "", id="applied by merges"),
        pytest.param(DEV, replace(CLAIM, closed=False), "", id="held by who merged it"),
        pytest.param(DEV, CLAIM, "#7 had applied this stack and was closed", id="given back"),
        pytest.param(
            replace(DEV, triggers=frozenset({Trigger.COMMENT})),
            None,
            "dev is not applied by merges",
            id="applied by comments only",
        ),
    ],
)
def test_why_only_a_release_counts(rules: Environment, claim: Claim | None, words: str) -> None:
    found = only_by_release(rules, claim)
    assert words in found
    assert bool(found) is bool(words)


def test_where_only_a_release_counts_a_review_does_not_and_guards_are_said_too() -> None:
    reviewed = run(RunStatus.PLANNED, CREATE, RunKind.PLAN)
    facts = ConsentFacts(reviewed=reviewed, ask="asked for", changed_plan=ChangedPlan.APPLY)
    assert consent(CREATE, facts) == Consent(why="asked for")
    guarded = replace(CREATE, guards=(DELETES_A,))
    assert consent(guarded, facts).why == f"{DELETES_A.detail}; asked for"
    released = run(RELEASED, CREATE, actor="bob")
    assert consent(CREATE, replace(facts, released=released)).given == "released by bob"


SETS_X, SETS_Y = (plan(change("a", Action.UPDATE, path), digest=path) for path in ("/X", "/Y"))
BOTH = plan(change("a", Action.UPDATE, "/X", "/Y"))
PARTS = (
    Part(pull_request=7, plan=SETS_X, shown_whole=True),
    Part(pull_request=8, plan=SETS_Y, shown_whole=True),
)


@pytest.mark.parametrize(
    ("now", "parts", "given"),
    [
        pytest.param(BOTH, PARTS, "reviewed on #7 and #8", id="each was agreed to"),
        pytest.param(BOTH, PARTS[:1], "", id="one of them was not"),
        pytest.param(
            plan(change("a", Action.UPDATE, "/X", "/Y", "/Z")), PARTS, "", id="one path is in none"
        ),
        pytest.param(BOTH, (), "", id="none stands"),
        pytest.param(
            BOTH,
            (replace(PARTS[0], shown_whole=False), PARTS[1]),
            "",
            id="one of them was not shown whole",
        ),
    ],
)
def test_what_was_agreed_to_on_several_pull_requests_is_agreed_to_together(
    now: Plan, parts: tuple[Part, ...], given: str
) -> None:
    """Nobody changed anything else, and it was held: it had the digest of neither."""
    now = replace(now, digest=digest(now))
    reviewed = run(RunStatus.PLANNED, SETS_Y, RunKind.PLAN)
    assert consent(now, ConsentFacts(reviewed=reviewed, parts=parts)).given == given


def test_a_hold_says_which_agreement_has_ended() -> None:
    facts = ConsentFacts(notes=("the agreement has ended", "a commit is lost"))
    why = consent(CREATE, facts).why
    assert why.endswith("was merged; the agreement has ended; a commit is lost")
    released = replace(facts, released=run(RELEASED, CREATE, actor="bob"))
    assert consent(CREATE, released) == Consent(given="released by bob", released_by="bob")


def test_an_environment_may_apply_another_plan_than_the_reviewed_one() -> None:
    reviewed = run(RunStatus.PLANNED, replace(CREATE, digest="d0"), RunKind.PLAN)
    assert ask(CREATE, reviewed, apply=True).given == "the environment applies changed plans"


WHOLE = plan(change("a", Action.CREATE), change("b", Action.CREATE))
REST = plan(change("b", Action.CREATE), digest="d2")


@pytest.mark.parametrize(
    ("before", "within", "now", "covered"),
    [
        (WHOLE, WHOLE, WHOLE, True),
        (WHOLE, WHOLE, REST, True),
        (None, None, WHOLE, False),
        (None, WHOLE, WHOLE, False),
        (REST, REST, WHOLE, False),
        (REST, WHOLE, WHOLE, False),
        (WHOLE, REST, WHOLE, False),
        (replace(WHOLE, desired_hash="other"), replace(WHOLE, desired_hash="other"), REST, False),
        (WHOLE, WHOLE, replace(REST, guards=plan(guards=1).guards), False),
    ],
    ids=[
        "it stood there",
        "the rest of it, after an apply that failed",
        "nothing was shown yet",
        "it came first in that second, and may have come later",
        "another plan stood there",
        "another one stood there a second before",
        "another one came in that second",
        "the rest of something else",
        "the rest meets a guard that nobody saw",
    ],
)
def test_an_approval_is_for_the_plan_that_stood_there(
    before: Plan | None, within: Plan | None, now: Plan, covered: bool
) -> None:
    """The kind: consent is bound to a digest. The same holds of a merge and of /apply."""
    assert covers(before, within, now) is covered
