"""What is recorded of a policy that the cloud shows says the same as the spec, however that writes it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Final

import pytest

from gitbot.model.schema import TypeSchema
from gitbot.providers.aws.catalog import open_catalog
from gitbot.reconciler.compare import compare
from gitbot.reconciler.looked_up import out_of
from gitbot.reconciler.partial import after_failed_update, with_additions
from gitbot.reconciler.rebuilt_values import values_of, with_values
from tests.unit.reconciler.planning_world import (
    REDACT,
    bind,
    present,
    record,
    resource,
    stack,
    state,
    unknown,
)

TYPE: Final = "AWS::S3::BucketPolicy"


def schema_of(name: str) -> TypeSchema:
    found = open_catalog().lookup(name)
    assert found is not None
    return found


SCHEMA: Final = schema_of(TYPE)
STATEMENT: Final = {
    "Sid": "s",
    "Effect": "Allow",
    "Principal": "*",
    "Action": "s3:GetObject",
    "Resource": "arn:aws:s3:::b/*",
    "Condition": {"StringEquals": {"aws:UserAgent": "x"}},
}
ROOT: Final = {"AWS": "arn:aws:iam::123456789012:root"}
SHOWN: Final = {
    **STATEMENT,
    "Principal": {"AWS": ["*"]},
    "Action": ["s3:GetObject"],
    "Resource": ["arn:aws:s3:::b/*"],
    "Condition": {"StringEquals": {"aws:UserAgent": ["x"]}},
}


def policy(*statements: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [*statements]}


def of(document: Any) -> dict[str, Any]:
    return {"Bucket": "b", "PolicyDocument": document}


WAYS: Final = {
    "everybody": (policy(STATEMENT), policy(SHOWN)),
    "one statement alone": ({**policy(), "Statement": STATEMENT}, policy(SHOWN)),
    "the root of an account": (
        policy({**STATEMENT, "Principal": ROOT}),
        policy({**SHOWN, "Principal": {"AWS": ["123456789012"]}}),
    ),
    "a text": (json.dumps(policy(STATEMENT)), policy(SHOWN)),
}


def differences(recorded: Any, observed: Any) -> list[tuple[str, Any, Any]]:
    found = compare(SCHEMA, desired=recorded, recorded=recorded, observed=observed, redactor=REDACT)
    return [(one.path, one.before, one.after) for one in found]


@pytest.mark.parametrize("way", WAYS)
def test_the_record_after_a_failed_update_is_what_the_cloud_has(way: str) -> None:
    spec, shown = WAYS[way]
    one = record("it", SCHEMA, of(spec))
    after = after_failed_update(one, one, of(shown), SCHEMA)
    assert after.properties == of(shown)


@pytest.mark.parametrize("way", WAYS)
def test_the_record_after_a_refresh_has_what_somebody_added_and_no_less(way: str) -> None:
    spec, shown = WAYS[way]
    other = {**SHOWN, "Sid": "by-hand", "Effect": "Deny"}
    observed = of({**shown, "Statement": [*shown["Statement"], other]})
    after = with_additions(record("it", SCHEMA, of(spec)), observed, SCHEMA)
    assert after.properties == observed


@pytest.mark.parametrize("way", [way for way in WAYS if way != "a text"])
def test_a_recovered_policy_with_a_secret_that_nobody_opens_is_as_the_cloud_has_it(
    way: str,
) -> None:
    spec, shown = WAYS[way]
    secret = replace(unknown("${x}", sensitive=True), references={}, secrets={"ssm:/ua": "1"})
    wanted = json.loads(json.dumps(spec))
    statement = wanted["Statement"]
    statement = statement if isinstance(statement, dict) else statement[0]
    statement["Condition"]["StringEquals"]["aws:UserAgent"] = secret
    desired = stack(resource("it", SCHEMA, of(wanted)))
    lookup = {TYPE: SCHEMA}.get
    observed = present("it", **of(shown))
    before = state(record("it", SCHEMA, {}))
    values = values_of(desired, before, observed, lookup, bind, out_of((), (), fresh=False))
    after = with_values(before, desired, values, observed, lookup, REDACT)
    recorded = next(iter(after.resources.values())).properties
    hidden = recorded["PolicyDocument"]["Statement"][0]  # type: ignore[index, call-overload]
    assert hidden["Principal"] == shown["Statement"][0]["Principal"]
    assert hidden["Condition"]["StringEquals"]["aws:UserAgent"] == [REDACT("x")]
    assert differences(recorded, of(shown)) == []
