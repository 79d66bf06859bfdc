"""What somebody adds by hand within a policy, a document or a rule is drift, and an apply takes it out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import pytest

from gitbot.model.plan import Action, Cause
from gitbot.providers.aws.policy_kinds import POLICIES
from gitbot.providers.aws.types import NATIVE_TYPES
from tests.contract.aws.cases import CASES
from tests.contract.aws.cases.case import Case
from tests.contract.aws.life import Life
from tests.contract.aws.world import AwsWorld

CONDITION: Final = {"Condition": {"StringEquals": {"aws:PrincipalTag/by": "hand"}}}
BY_TYPE: Final = {case.type: case for case in CASES}
DOCUMENTS: Final[Mapping[tuple[str, str], Mapping[str, Any]]] = {
    ("AWS::CloudWatch::Dashboard", "DashboardBody"): {"start": "-PT9H"},
    ("AWS::ECR::Repository", "LifecyclePolicy/LifecyclePolicyText/rules"): {"description": "hand"},
    ("AWS::Events::Rule", "EventPattern"): {"account": ["123456789012"]},
    ("AWS::S3::Bucket", "LifecycleConfiguration/Rules"): {
        "NoncurrentVersionExpiration": {"NoncurrentDays": 1}
    },
    ("AWS::S3::Bucket", "CorsConfiguration/CorsRules"): {"MaxAge": 77},
    ("AWS::SNS::Subscription", "FilterPolicy"): {"by": ["hand"]},
    ("AWS::SageMaker::Pipeline", "PipelineDefinition/PipelineDefinitionBody"): {
        "Metadata": {"a": "b"}
    },
    ("AWS::StepFunctions::StateMachine", "DefinitionString"): {"TimeoutSeconds": 99},
}
ROWS: Final = [
    *((type_, path, added) for (type_, path), added in DOCUMENTS.items()),
    *(
        (type_, f"{path[1:].replace('/*', '')}/Statement", CONDITION)
        for type_, paths in POLICIES.items()
        if type_ in NATIVE_TYPES
        for path in paths
    ),
]


def changed(value: Any, parts: list[str], added: Mapping[str, Any], *, with_it: bool) -> Any:
    """The value with these keys, or without them, in the map at the end of the parts; of a list, in its first element."""
    if isinstance(value, str):
        return json.dumps(changed(json.loads(value), parts, added, with_it=with_it))
    if isinstance(value, list):
        return [changed(value[0], parts, added, with_it=with_it), *value[1:]]
    if parts:
        return {**value, parts[0]: changed(value[parts[0]], parts[1:], added, with_it=with_it)}
    rest = {key: one for key, one in value.items() if key not in added}
    return {**rest, **added} if with_it else rest


@pytest.mark.parametrize(("type_", "path", "added"), ROWS, ids=lambda one: str(one)[:60])
def test_a_key_that_somebody_adds_is_drift_and_goes(
    world: AwsWorld, type_: str, path: str, added: Mapping[str, Any]
) -> None:
    case: Case = BY_TYPE[type_]
    full, parts = case.full(world), path.split("/")
    spec = changed(full, parts, added, with_it=False)
    life = Life(world, type_)
    life.apply(spec)
    assert life.remote_id is not None
    by_hand = changed(spec, parts, added, with_it=True)
    world.update(type_, life.remote_id, spec, by_hand)
    change = life.change(spec)
    assert (change.action, {one.cause for one in change.paths}) == (Action.UPDATE, {Cause.DRIFT})
    assert life.apply(spec).action is Action.UPDATE
