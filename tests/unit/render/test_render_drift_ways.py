"""Tests for the words of the three ways out of drift."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from gitbot.model.plan import Action, ResourceFailure, WalkResult
from gitbot.render.adoption import (
    AdoptionView,
    adopted_answer,
    adoption,
    ignoring,
    not_adopted,
)
from gitbot.render.undoing import UndoneView, undone_comment
from tests.unit.render.plans_by_hand import address, created, plan

DONE = WalkResult(done=((address("ssh"), Action.CREATE),))
PLAN = plan(created("ssh", GroupDescription="SSH"))
ADOPTED = AdoptionView(
    stack="dev/trainer",
    file="specs/dev/trainer.yaml",
    taken=(("trainer", "/InstanceType", 12),),
    left=(),
    actor="bob",
    issue=7,
)


def said(**fields: Any) -> str:
    view = UndoneView(**{"stack": "dev/trainer", "actor": "bob", "plan": PLAN, **fields})
    return "\n".join(undone_comment(view).texts)


def test_what_was_put_back_is_listed_with_its_plan() -> None:
    text = said(result=DONE)
    assert "✓ Put back**, as `bob` asked." in text
    assert "`ssh` created" in text
    assert "that undid the drift" in text


def test_a_failure_says_how_to_go_on() -> None:
    failure = ResourceFailure(address=address("ssh"), action=Action.CREATE, message="no capacity")
    text = said(result=WalkResult(failures=(failure,)))
    assert "✗ Not all of it was put back" in text
    assert "no capacity" in text
    assert "Remove the cause, then write the command again." in text


def test_nothing_to_do_is_said() -> None:
    assert "Nothing differs any more" in said(plan=plan(), result=WalkResult())


def test_what_would_do_more_shows_the_plan_and_the_command_for_exactly_that() -> None:
    text = said(held_by=("`a` is to be replaced",))
    assert "nothing was changed" in text
    assert "- `a` is to be replaced" in text
    assert "`/drift apply dev/trainer 1a2b3c4d00000000`" in text
    hidden = said(held_by=("`a` is to be replaced",), concealed=True)
    assert "/drift apply" not in hidden
    assert "nobody can agree to it" in hidden


def test_a_pull_request_that_adopts_says_what_it_writes_and_for_whom() -> None:
    title, body = adoption(ADOPTED)
    assert title == "Adopt what dev/trainer has in the cloud"
    assert "- `trainer` `/InstanceType`, line 12" in body
    assert "`bob` asked on #7" in body
    assert "nothing is left to change in the cloud" in body
    assert "`bob` counts as an author" in body
    assert "#9 writes what the cloud has into `specs/dev/trainer.yaml`" in adopted_answer(
        9, ADOPTED
    )


def test_what_a_person_must_write_makes_it_a_draft_that_says_why() -> None:
    left = (("trainer", "/UserData", "user data"), ("gone", "", "it is gone"))
    view = replace(ADOPTED, left=left)
    _, body = adoption(view)
    assert "**It is a draft**" in body
    assert "- `trainer` `/UserData`: user data" in body
    assert "- `gone`: it is gone" in body
    assert "It is a draft" in adopted_answer(9, view)
    assert not_adopted(left) == (
        "there is nothing that gitbot can write: `trainer` `/UserData`: user data; `gone`: it is gone"
    )


def test_a_pull_request_that_ignores_says_what_and_until_when() -> None:
    entry = {
        "stack": "trainer",
        "resource": "trainer",
        "path": "/Tags/owner",
        "until": "2026-12-24",
        "because": "handover @all",
    }
    title, body = ignoring(entry, "dev", "bob", 7)
    assert title == "Ignore drift of dev/trainer until 2026-12-24"
    assert "`/Tags/owner` of `trainer` in `dev/trainer`" in body
    assert "handover @all" not in body, "nobody is mentioned"
