"""Keys that somebody added to closed maps become state, so that the next plan tells a change of them."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import Any

import pytest

from gitbot.model.names import Address
from gitbot.model.ownership import Owner, Whose
from gitbot.model.tags import LINEAGE_TAG
from gitbot.reconciler.refreshing import Refresh, refresh
from tests.unit.language.test_aws_specs import CATALOG
from tests.unit.reconciler.planning_world import (
    BUCKET,
    REDACT,
    TYPES,
    plan_of,
    present,
    record,
    resource,
    stack,
    state,
)

A = Address("a")
TRUST: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"Service": "ec2.amazonaws.com"},
        }
    ],
}
OTHER: dict[str, Any] = {
    "Effect": "Allow",
    "Action": "sts:AssumeRole",
    "Principal": {"AWS": "arn:aws:iam::222222222222:root"},
    "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
}
PATTERN: dict[str, Any] = {"source": ["aws.s3"]}
RULES: dict[str, Any] = {"Rules": [{"Id": "old", "Status": "Enabled", "ExpirationInDays": 9}]}


def _changed(value: Any, change: Any) -> Any:
    made = copy.deepcopy(value)
    change(made)
    return made


ADDED = {
    "a condition in a statement": (
        "AWS::IAM::Role",
        "AssumeRolePolicyDocument",
        TRUST,
        _changed(TRUST, lambda it: it["Statement"][0].update(Condition={"Bool": {"a": "true"}})),
    ),
    "a whole statement": (
        "AWS::IAM::Role",
        "AssumeRolePolicyDocument",
        TRUST,
        _changed(TRUST, lambda it: it["Statement"].append(OTHER)),
    ),
    "a condition in a policy that the spec gives as text": (
        "AWS::IAM::Role",
        "AssumeRolePolicyDocument",
        json.dumps(TRUST),
        _changed(TRUST, lambda it: it["Statement"][0].update(Condition={"Bool": {"a": "true"}})),
    ),
    "a principal": (
        "AWS::IAM::Role",
        "AssumeRolePolicyDocument",
        TRUST,
        _changed(
            TRUST, lambda it: it["Statement"][0]["Principal"].update(Federated="cognito.amazonaws")
        ),
    ),
    "a key of a pattern": (
        "AWS::Events::Rule",
        "EventPattern",
        PATTERN,
        {**PATTERN, "detail": {"bucket": {"name": ["mine"]}}},
    ),
    "a key of a document that the spec gives as text": (
        "AWS::StepFunctions::StateMachine",
        "DefinitionString",
        json.dumps({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}),
        json.dumps(
            {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}, "TimeoutSeconds": 5}, indent=1
        ),
    ),
    "an expiry of a rule": (
        "AWS::S3::Bucket",
        "LifecycleConfiguration",
        RULES,
        _changed(
            RULES,
            lambda it: it["Rules"][0].update(
                AbortIncompleteMultipartUpload={"DaysAfterInitiation": 1}
            ),
        ),
    ),
    "a whole rule": (
        "AWS::S3::Bucket",
        "LifecycleConfiguration",
        RULES,
        _changed(
            RULES,
            lambda it: it["Rules"].append(
                {
                    "Id": "all",
                    "Status": "Enabled",
                    "Filter": {"Prefix": "x/"},
                    "ExpirationInDays": 1,
                }
            ),
        ),
    ),
}


@pytest.mark.parametrize("case", ADDED)
def test_what_somebody_added_becomes_state_and_the_next_plan_changes_it(case: str) -> None:
    kind, name, declared, there = ADDED[case]
    seen = present("a", **{name: there})
    lookup = CATALOG.lookup
    before = state(record("a", BUCKET, {name: declared}, type=kind))
    wanted = stack(resource("a", kind, {name: declared}))
    (earlier,) = plan_of(wanted, before, seen, schemas=lookup).effective

    found = _refreshed(before, seen)
    assert (found.kept, found.after.complete) == ((), False)
    assert [one.path.split("/")[1] for one in found.taken] == [name]
    again = _refreshed(found.after, seen)
    assert (again.taken, again.kept, again.empty) == ((), (), True)

    plan = plan_of(wanted, found.after, seen, schemas=lookup)
    assert plan.drift == ()
    (change,) = plan.effective
    assert [(one.path, one.before, one.after) for one in change.paths] == [
        (one.path, one.before, one.after) for one in earlier.paths
    ]
    assert change.paths


def _refreshed(before: Any, seen: Any) -> Refresh:
    return refresh(before, seen, {}, CATALOG.lookup, REDACT, str)


TAGS = [{"Key": "k", "Value": "v"}]
WHY = {
    "a sensitive value": (
        {"Versioning": {"Status": REDACT("Enabled")}},
        present("a", Versioning={"Status": "Suspended"}),
        {},
        "/Versioning/Status",
        "sensitive value",
    ),
    "an object of another stack": (
        {"Versioning": {"Status": "Enabled"}},
        present("a", Versioning={"Status": "Suspended"}),
        {A: Owner(whose=Whose.ANOTHERS, name="dev/other")},
        "/Versioning/Status",
        "not of this stack any more",
    ),
    "a tag of gitbot": (
        {"Tags": TAGS},
        {A: replace(present("a", Tags=TAGS)[A], unmarked=True)},
        {},
        f"/Tags/{LINEAGE_TAG}",
        "the next apply puts it right",
    ),
}


@pytest.mark.parametrize("case", WHY)
def test_of_what_stays_in_state_it_says_why(case: str) -> None:
    declared, seen, owners, path, words = WHY[case]
    found = refresh(state(record("a", BUCKET, declared)), seen, owners, TYPES.get, REDACT, str)
    (kept,) = found.kept
    assert kept.path == path
    assert words in kept.detail
    others = {words for *_, words in WHY.values()} - {words}
    assert not any(one in kept.detail for one in others)
    assert found.taken == ()
