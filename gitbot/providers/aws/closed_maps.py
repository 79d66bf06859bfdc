"""Which maps services keep as they are given: a key that nobody declared was put there by somebody else. Pure.

Of other maps only the declared keys are compared, because services fill in what a spec leaves out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from gitbot.model.schema import TypeSchema
from gitbot.providers.aws.policy_kinds import POLICIES

_NAMES: Final = frozenset({"Id", "Sid"})
"""What a service may name policies, statements and rules by, where a spec does not."""

_KEPT: Final[Mapping[str, tuple[str, ...]]] = {
    "AWS::CloudWatch::Dashboard": ("/DashboardBody",),
    "AWS::ECR::Repository": ("/LifecyclePolicy/LifecyclePolicyText",),
    "AWS::Events::Rule": ("/EventPattern",),
    "AWS::S3::Bucket": ("/LifecycleConfiguration/Rules/*", "/CorsConfiguration/CorsRules/*"),
    "AWS::SNS::Subscription": ("/FilterPolicy",),
    "AWS::SageMaker::Pipeline": ("/PipelineDefinition/PipelineDefinitionBody",),
    "AWS::StepFunctions::StateMachine": ("/DefinitionString",),
}
"""By type: documents in JSON, and rules that S3 returns as it got them."""


def with_closed_maps(schema: TypeSchema) -> TypeSchema:
    """The schema, whose policies, documents and rules are compared as a whole, policies statement by statement.

    A policy has a ``Sid`` once, but it may have none, and nothing else depends on it
    (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html).
    """
    policies = POLICIES.get(schema.name, ())
    closed = dict.fromkeys((*_KEPT.get(schema.name, ()), *policies), _NAMES)
    closed |= {f"{path}/Statement/*": _NAMES for path in policies}
    statements = {f"{path}/Statement": ("Sid",) for path in policies}
    return replace(
        schema,
        closed=closed,
        identities={**schema.identities, **statements},
        renames=schema.renames | statements.keys(),
    )
