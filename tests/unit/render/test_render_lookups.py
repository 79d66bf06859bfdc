"""What a plan says of what it looked up."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from gitbot.model.lookups import KeptLookup, PlannedLookup
from gitbot.model.names import Address
from gitbot.model.plan import Plan
from gitbot.model.values import Unknown
from gitbot.render.plan_words import count_changes, plan_summary
from gitbot.render.plans import plan_fold
from gitbot.render.terminal import plan_lines
from tests.unit.render.plans_by_hand import plan

KEPT = KeptLookup(
    question="q",
    identifiers=("ami-1",),
    attributes={"ImageId": "ami-1", "Name": "n"},
    at=datetime(2026, 11, 28, tzinfo=UTC),
)
ASKED = {"identifier": None, "filter": {"Owner": "self"}, "pick": "newest"}
IMAGE = PlannedLookup(
    address=Address("lookups.image"), type="AWS::EC2::Image", asked=ASKED, found=KEPT
)


def lines(*lookups: PlannedLookup) -> list[str]:
    return [line.text.strip() for line in plan_lines(plan(lookups=lookups))][2:-1]


def test_a_new_answer_is_shown_whole() -> None:
    assert lines(IMAGE) == [
        "? lookups.image AWS::EC2::Image was looked up",
        'asks: {Owner: "self"}, newest',
        '+ found: "ami-1"',
        '+ ImageId: "ami-1"',
        '+ Name: "n"',
    ]


def test_of_another_answer_what_differs_is_shown() -> None:
    before = replace(KEPT, identifiers=("ami-0",), attributes={"ImageId": "ami-0", "Name": "n"})
    assert lines(replace(IMAGE, before=before)) == [
        "? lookups.image AWS::EC2::Image was looked up again",
        'asks: {Owner: "self"}, newest',
        '~ found: "ami-0" → "ami-1"',
        '~ ImageId: "ami-0" → "ami-1"',
    ]


def test_what_is_looked_up_by_the_apply_says_what_it_will_ask() -> None:
    waits = {"identifier": Unknown(template="${net.VpcId}"), "filter": {}, "pick": "one"}
    assert lines(replace(IMAGE, found=None, asked=waits)) == [
        "? lookups.image AWS::EC2::Image is looked up by the apply, when what it asks is known",
        "asks: ${net.VpcId} (known after apply)",
    ]


def test_what_stays_and_what_is_newer_is_remarked() -> None:
    many = replace(KEPT, identifiers=("a", "b"), attributes={})
    remarked = replace(IMAGE, before=KEPT, remark="ami-2 would be found now")
    caller = PlannedLookup(
        address=Address("lookups.me"),
        type="AWS::STS::CallerIdentity",
        asked={"identifier": None, "filter": {}, "pick": "one"},
        found=many,
        before=many,
    )
    assert lines(remarked, caller) == [
        "• lookups.image: ami-2 would be found now.",
        "? lookups stay as they are recorded",
        'lookups.image: "ami-1" {ImageId: "ami-1", Name: "n"}',
        'lookups.me: ["a", "b"]',
    ]
    assert lines(replace(caller, before=None))[1] == 'asks: "the only one"'


def test_a_plan_that_only_records_an_answer_says_so() -> None:
    only: Plan = plan(lookups=(IMAGE,))
    assert plan_summary(only) == "only what is looked up changes: nothing in the cloud does"
    assert count_changes([only]) == "only what is looked up changes"
    fold = plan_fold(only, "what was applied")
    assert [line.text for line in fold.diff][:2] == [
        "? lookups.image",
        'asks: {Owner: "self"}, newest',
    ]
