"""Tables of what a /drift command is bound to, and of when its apply may be done."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gitbot.decisions.drift.commands import bound_digest, drifted, may_undo
from gitbot.decisions.drift.fingerprints import fingerprint
from gitbot.errors import RefusedError
from gitbot.model.commands import Command, CommandRef, Source
from gitbot.model.drift import Finding, Phase
from gitbot.model.names import Address
from gitbot.model.plan import Action, Cause, Change, Guard, GuardHit, PathChange, Plan
from gitbot.model.said import ShownDigest
from tests.unit.decisions.drift.drift_by_hand import STACK, difference, row

WRITTEN = datetime(2026, 11, 28, 12, tzinfo=UTC)
BEFORE, AFTER = WRITTEN - timedelta(minutes=1), WRITTEN + timedelta(minutes=1)
FOUND = (difference(),)
SHOWN, PLANNED = fingerprint(FOUND), "1a2b3c4d5e6f7a8b" + "0" * 48
ROW = row(phase=Phase.OPEN, fingerprint=SHOWN, differences=FOUND, issue=3)


def command(digest: str | None = None) -> Command:
    return Command(
        ref=CommandRef(source=Source.COMMENT, comment=1, text_at=WRITTEN, line=0),
        repository="7",
        number=3,
        author="ada",
        verb="drift",
        arguments={"form": "apply", **({"digest": digest} if digest else {})},
        written_at=WRITTEN,
    )


def shown(digest: str, at: datetime = BEFORE, stack: Any = STACK) -> ShownDigest:
    return ShownDigest(stack=stack, digest=digest, shown_at=at)


def test_a_stack_without_an_issue_has_no_drift_to_undo() -> None:
    assert drifted(STACK, ROW, ROW) is ROW
    assert drifted(STACK, ROW, None) is ROW
    for nothing in (None, row(phase=Phase.SUSPECT), row(phase=Phase.CLEAN)):
        with pytest.raises(RefusedError, match="no drift of `dev/web`"):
            drifted(STACK, nothing, None)


@pytest.mark.parametrize(
    ("finding", "says"),
    [(Finding.UNMANAGED, "lifecycle.import"), (Finding.ERROR, "cannot be looked at")],
)
def test_an_issue_about_something_else_says_what_to_do_instead(finding: Finding, says: str) -> None:
    with pytest.raises(RefusedError, match=says):
        drifted(STACK, ROW, row(phase=Phase.OPEN, finding=finding))


@pytest.mark.parametrize(
    ("digest", "known", "bound"),
    [
        (None, [shown(SHOWN)], SHOWN),
        (None, [shown(SHOWN, WRITTEN)], SHOWN),
        (None, [shown(PLANNED), shown(SHOWN)], SHOWN),
        (PLANNED[:16], [shown(PLANNED), shown(SHOWN)], PLANNED),
    ],
)
def test_a_command_is_bound_to_what_was_shown_before_it(
    digest: str | None, known: list[ShownDigest], bound: str
) -> None:
    assert bound_digest(command(digest), ROW, known) == bound


@pytest.mark.parametrize(
    ("digest", "known", "says"),
    [
        (None, [], "what differs has changed"),
        (None, [shown(SHOWN, AFTER)], "what differs has changed"),
        (None, [shown("f" * 64)], "what differs has changed"),
        (None, [shown(SHOWN, stack=replace(STACK, name="other"))], "what differs has changed"),
        (PLANNED[:16], [shown(SHOWN)], "no plan shown on #3"),
        (PLANNED[:16], [shown(PLANNED, AFTER)], "only after the comment"),
    ],
)
def test_what_was_not_shown_before_is_not_agreed_to(
    digest: str | None, known: list[ShownDigest], says: str
) -> None:
    with pytest.raises(RefusedError, match=says):
        bound_digest(command(digest), ROW, known)


def plan(*paths: PathChange, action: Action = Action.UPDATE, **more: Any) -> Plan:
    changes = (Change(address=Address("bucket"), type="T", action=action, paths=paths),)
    values: dict[str, Any] = {"changes": changes if paths else (), "digest": PLANNED}
    fields: dict[str, Any] = {
        "stack": STACK,
        "account": "1",
        "commit": None,
        "serial": 1,
        "lineage": "l",
        "desired_hash": "h",
    }
    return Plan(**(fields | values | more))


TAG = PathChange(path="/Tags/owner", cause=Cause.DRIFT)
NEW = PathChange(path="/Size", cause=Cause.CHANGE)
BLOCKS = GuardHit(guard=Guard.MASS_DELETE, detail="never", blocks=True)


def test_an_issue_that_does_not_show_the_drift_agrees_to_nothing() -> None:
    assert bound_digest(command(), replace(ROW, issue=9), [shown(SHOWN)]) == ""
    held = may_undo(plan(TAG), FOUND, "", None)
    assert held.held_by == ("this issue does not show what would be put back",)
    assert may_undo(plan(), (), "", None).given


def test_a_plan_that_only_undoes_what_was_shown_is_applied() -> None:
    assert may_undo(plan(TAG), FOUND, SHOWN, None).given
    assert may_undo(plan(), FOUND, SHOWN, None).given


def test_a_plan_that_would_do_more_waits_for_its_digest() -> None:
    held = may_undo(plan(TAG, NEW), FOUND, SHOWN, None)
    assert not held.given
    assert held.held_by == (
        "`bucket` gets `/Size` from a change of the spec that was not applied yet",
    )
    assert may_undo(plan(TAG, NEW), FOUND, PLANNED, None).given
    guarded = plan(TAG, guards=(replace(BLOCKS, detail="it has data", blocks=False),))
    assert may_undo(guarded, FOUND, SHOWN, None).held_by == ("it has data",)
    assert may_undo(guarded, FOUND, PLANNED, None).given


def test_the_rest_of_what_was_begun_needs_no_new_agreement() -> None:
    assert may_undo(plan(TAG, digest="2" * 64), (), SHOWN, plan(TAG, NEW)).given
    with pytest.raises(RefusedError, match="is not the one that was shown"):
        may_undo(plan(TAG, NEW, digest="2" * 64), (), SHOWN, plan(TAG))


def test_what_differs_otherwise_than_shown_is_left_alone() -> None:
    with pytest.raises(RefusedError, match="is not what was shown here any more"):
        may_undo(plan(TAG), (difference(path="/Tags/cost"),), SHOWN, None)
    with pytest.raises(RefusedError, match="never"):
        may_undo(plan(TAG, guards=(BLOCKS,)), FOUND, PLANNED, None)
