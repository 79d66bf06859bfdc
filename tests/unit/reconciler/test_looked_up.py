"""Answers of lookups: which one counts, what is asked for what is missing, and what the digest covers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from gitbot.model.lookups import (
    DesiredLookup,
    KeptLookup,
    Pick,
    PlannedLookup,
    Question,
    question_hash,
)
from gitbot.model.names import Address
from gitbot.model.plan import Plan
from gitbot.model.values import Unknown, Value
from gitbot.reconciler.looked_up import out_of, question_of, unanswered
from gitbot.reconciler.union import union_digest
from tests.unit.reconciler.planning_world import (
    BUCKET,
    SPAN,
    plan_of,
    present,
    record,
    resource,
    stack,
    state,
    unknown,
)

IMAGE = Address("image")


def lookup(name: str = "image", identifier: Value = "i", **more: Any) -> DesiredLookup:
    fields = {"type": "T", "attributes": ("Id",), "source": SPAN, **more}
    return DesiredLookup(address=Address(name), identifier=identifier, **fields)


def kept(one: DesiredLookup, minute: int = 0, **attributes: Any) -> KeptLookup:
    """The answer to what the lookup asks, given at this minute."""
    return KeptLookup(
        question=question_hash(one.asked),
        identifiers=(str(attributes.get("Id", "x")),),
        attributes=attributes,
        at=datetime(2026, 11, 28, 12, minute, tzinfo=UTC),
    )


ONE = lookup()
ALWAYS = lookup(always=True)
OLD, NEW = kept(ONE, 1, Id="old"), kept(ONE, 2, Id="new")


@pytest.mark.parametrize(
    ("wanted", "every", "own", "fresh", "found"),
    [
        (ONE, [OLD, NEW], [], True, NEW),
        (ONE, [NEW, OLD], [], True, NEW),
        (ONE, [NEW], [OLD], True, NEW),
        (ONE, [OLD], [NEW], True, NEW),
        (ONE, [], [], True, None),
        (ONE, [kept(ONE, 3, Other=1)], [], True, None),
        (ONE, [kept(ONE, 3, Other=1), OLD], [], True, OLD),
        (lookup(identifier="j"), [OLD], [], True, None),
        (ALWAYS, [NEW], [], True, None),
        (ALWAYS, [NEW], [OLD], True, OLD),
        (ALWAYS, [NEW], [], False, NEW),
        (ALWAYS, [NEW], [OLD], False, NEW),
    ],
)
def test_which_answer_counts(
    wanted: DesiredLookup,
    every: list[KeptLookup],
    own: list[KeptLookup],
    fresh: bool,
    found: KeptLookup | None,
) -> None:
    assert out_of(every, own, fresh=fresh)(wanted, wanted.asked) == found


def test_an_attribute_that_is_new_is_asked_of_the_object_that_is_recorded() -> None:
    filtered = lookup(identifier=None, filter={"Name": "n"}, pick=Pick.NEWEST)
    wider = replace(filtered, attributes=("Id", "Name"))
    answers = (kept(filtered, 1, Id="old"), kept(filtered, 2, Id="new"))
    same = Question(
        address=IMAGE, type="T", identifier="new", pick=Pick.ONE, attributes=("Id", "Name")
    )
    assert question_of(wider, wider.asked, answers) == same
    whole = Question(
        address=IMAGE,
        type="T",
        filter={"Name": "n"},
        pick=Pick.NEWEST,
        attributes=("Id", "Name"),
    )
    assert question_of(wider, wider.asked, ()) == whole
    many = replace(wider, pick=Pick.ALL)
    assert question_of(many, many.asked, (kept(many, 1, Id="old"),)) == replace(
        whole, pick=Pick.ALL
    )
    assert question_of(ONE, ONE.asked, (OLD,)).identifier == "i"


def planned(*lookups: DesiredLookup, answers: tuple[KeptLookup, ...], **more: Any) -> Plan:
    recorded = more.pop("recorded", None) or state()
    desired = replace(
        stack(resource("box", BUCKET, {"BucketName": unknown("${image.Id}")})),
        lookups={one.address: one for one in lookups},
    )
    return plan_of(
        desired, recorded, answering=out_of(answers, (), fresh=True), observed=more.get("observed")
    )


def test_what_was_found_is_in_the_plan_and_its_digest() -> None:
    old, new = planned(ONE, answers=(OLD,)), planned(ONE, answers=(NEW,))
    (change,) = old.changes
    assert [(path.path, path.after) for path in change.paths] == [("/BucketName", "old")]
    assert [one.found for one in old.lookups] == [OLD]
    assert old.digest != new.digest
    # When it was found does not matter.
    assert planned(ONE, answers=(replace(OLD, at=NEW.at),)).digest == old.digest


def test_an_answer_that_state_has_is_no_change() -> None:
    recorded = state(
        record("box", BUCKET, {"BucketName": "old"}),
        lookups={IMAGE: OLD},
        desired_hash="h1",
    )
    seen = present("box", BucketName="old")
    same = planned(ONE, answers=(OLD,), recorded=recorded, observed=seen)
    assert same.empty
    assert same.asks_nobody
    moved = planned(ONE, answers=(NEW,), recorded=recorded, observed=seen)
    assert [one.address for one in moved.new_lookups] == [IMAGE]
    assert not moved.empty
    # An answer of which nothing is made is agreed to all the same.
    other = lookup("other", "k")
    more = planned(
        ONE, other, answers=(OLD, kept(other, 1, Id="x")), recorded=recorded, observed=seen
    )
    assert not more.empty
    assert not more.asks_nobody


def test_lookups_ask_with_the_answers_of_others_whatever_their_order() -> None:
    second = lookup("a_second", unknown("${image.Id}"))
    third = lookup("third", unknown("${a_second.Id}"))
    answers = (
        OLD,
        kept(lookup(identifier="old"), Id="two"),
        kept(lookup(identifier="two"), Id="3"),
    )
    plan = planned(third, second, ONE, answers=answers)
    assert {one.address: one.found.attributes["Id"] for one in plan.lookups if one.found} == {
        "a_second": "two",
        "image": "old",
        "third": "3",
    }


def test_a_lookup_waits_for_what_it_asks_with() -> None:
    late = lookup("late", unknown("${box.Arn}"))
    plan = planned(ONE, late, answers=(OLD,))
    (waiting,) = [one for one in plan.lookups if one.address == "late"]
    assert waiting.found is None
    assert waiting.moves
    assert isinstance(waiting.asked["identifier"], Unknown)
    assert list(unanswered(plan.lookups)) == []
    nothing = planned(ONE, answers=())
    assert [one.address for one in unanswered(nothing.lookups)] == [IMAGE]


def test_plans_that_were_merged_together_agree_to_the_later_answer() -> None:
    first, second = planned(ONE, answers=(OLD,)), planned(ONE, answers=(NEW,))
    assert union_digest([first, second]) == second.digest
    without = replace(second, lookups=())
    assert union_digest([without]) != second.digest


@pytest.mark.parametrize(
    ("before", "moves"),
    [
        (None, True),
        (OLD, False),
        (replace(OLD, at=NEW.at), False),
        (replace(OLD, attributes={"Id": "old", "Name": "n"}), True),
        (replace(OLD, question="q"), True),
        (replace(OLD, identifiers=("o",)), True),
    ],
)
def test_what_moves(before: KeptLookup | None, moves: bool) -> None:
    one = PlannedLookup(address=IMAGE, type="T", asked={}, found=OLD, before=before)
    assert one.moves is moves
