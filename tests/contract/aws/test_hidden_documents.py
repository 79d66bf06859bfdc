"""A document that is written as text and must not be shown is compared as what it says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import pytest

from gitbot.model.plan import Cause
from gitbot.model.values import Redacted, Sensitive, is_sensitive, redact
from gitbot.providers.aws.policy_kinds import POLICIES
from gitbot.providers.aws.types import NATIVE_TYPES
from gitbot.reconciler.compare import compare
from gitbot.reconciler.compared_form import compared_form
from gitbot.reconciler.pointers import parse, put, value_at
from tests.contract.aws.cases.case import Case
from tests.contract.aws.life import Life
from tests.contract.aws.test_closed_maps import BY_TYPE, CONDITION, DOCUMENTS, changed
from tests.contract.aws.world import REDACTOR, AwsWorld

TEXTS: Final = [
    *(
        (type_, path.removesuffix("/rules"), added)
        for (type_, path), added in DOCUMENTS.items()
        if type_ != "AWS::S3::Bucket"
    ),
    *(
        (type_, path[1:].replace("*", "0"), {"Statement": CONDITION})
        for type_, paths in POLICIES.items()
        if type_ in NATIVE_TYPES
        for path in paths
    ),
]


def as_map(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


@pytest.mark.parametrize(("type_", "path", "added"), TEXTS, ids=lambda one: str(one)[:60])
def test_a_hidden_text_is_what_the_cloud_shows_until_somebody_changes_that(
    world: AwsWorld, type_: str, path: str, added: Mapping[str, Any]
) -> None:
    case: Case = BY_TYPE[type_]
    schema, place = world.schema(type_), parse(f"/{path}")
    spec = case.full(world)
    hidden = put(spec, place, Sensitive(json.dumps(as_map(value_at(spec, place)), indent=1)))
    recorded = redact(compared_form(hidden, schema), REDACTOR)
    life = Life(world, type_)
    life.apply(spec)
    assert life.remote_id is not None

    def differences(desired: Mapping[str, Any]) -> Any:
        observed = world.properties(type_, life.remote_id)  # type: ignore[arg-type]
        return compare(
            schema, desired=desired, recorded=recorded, observed=observed, redactor=REDACTOR
        )

    # As a variable says it, and as a secret does, of which the hash alone is known.
    assert differences(hidden) == ()
    assert differences(recorded) == ()
    by_hand = put(spec, place, with_added(value_at(spec, place), added))
    world.update(type_, life.remote_id, spec, by_hand)
    for desired in (hidden, recorded):
        found = differences(desired)
        assert {one.cause for one in found} == {Cause.DRIFT}
        assert all(isinstance(one.before, Redacted) or one.before is None for one in found), found
        assert all(one.after is None or is_sensitive(one.after) for one in found), found


def with_added(document: Any, added: Mapping[str, Any]) -> Any:
    if "Statement" in added:
        return changed(document, ["Statement"], added["Statement"], with_it=True)
    where = ["rules"] if "rules" in as_map(document) else []
    return changed(document, where, added, with_it=True)
