"""A text that a service takes for JSON is JSON, or is refused when the spec is loaded.

The kind: a document that is any text to the registry, and that the service refuses in the apply.
"""

from __future__ import annotations

from typing import Any

import pytest

from gitbot.language.json_keyword import misfit_of
from gitbot.model.values import Unknown
from tests.unit.language.test_aws_specs import load

OPEN = Unknown(template="${a.Arn}", references={})


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("{}", None),
        ('{"widgets": []}', None),
        ({"widgets": []}, None),
        (OPEN, None),
        ("", "is no JSON text: Expecting value: line 1"),
        ('{"widgets": [', "is no JSON text: Expecting value: line 1"),
        ("widgets: []", "is no JSON text"),
        ("[]", "must be a JSON object"),
        ('"text"', "must be a JSON object"),
    ],
)
def test_a_text_is_a_json_object(value: Any, says: str | None) -> None:
    found = misfit_of(value)
    assert found is None if says is None else says in str(found)


ROLE = "arn:aws:iam::123456789012:role/r"


@pytest.mark.parametrize(
    ("type_", "properties", "ok"),
    [
        ("CloudWatch::Dashboard", "{DashboardBody: '{\"widgets\": []}'}", True),
        ("CloudWatch::Dashboard", "{DashboardBody: 'widgets: []'}", False),
        ("Events::Rule", "{EventPattern: '{\"source\": '}", False),
        ("Events::Rule", "{EventPattern: {source: [ml]}}", True),
        ("ECR::Repository", f"{{LifecyclePolicy: {{LifecyclePolicyText: '{'x' * 100}'}}}}", False),
        (
            "SageMaker::Pipeline",
            f"{{PipelineName: p, RoleArn: '{ROLE}', PipelineDefinition: {{PipelineDefinitionBody: '{{'}}}}",
            False,
        ),
        ("StepFunctions::StateMachine", f"{{RoleArn: '{ROLE}', DefinitionString: '{{'}}", False),
        (
            "StepFunctions::StateMachine",
            f"{{RoleArn: '{ROLE}', DefinitionString: '{{\"Seconds\": $${{n}}}}', "
            "DefinitionSubstitutions: {n: 5}}",
            True,
        ),
    ],
)
def test_services_that_take_json_as_text(type_: str, properties: str, ok: bool) -> None:
    found = load(f"a: {{type: 'AWS::{type_}', properties: {properties}}}")
    assert (
        found.errors() == () if ok else [one.code for one in found.errors()] == ["property-value"]
    )
