"""What ``Ref`` of a resource of a template gives."""

from __future__ import annotations

import pytest

from gitbot.language.cloudformation.identifiers import REFERRED
from gitbot.providers.aws.catalog import open_catalog
from tests.unit.language.test_template_groups import spec_of


@pytest.mark.parametrize(
    ("type_name", "properties", "given"),
    [
        (
            "AWS::ApiGatewayV2::Integration",
            "{ApiId: a, IntegrationType: AWS_PROXY}",
            "IntegrationId",
        ),
        ("AWS::ApiGateway::Resource", "{RestApiId: a, ParentId: b, PathPart: c}", "ResourceId"),
        ("AWS::Events::Rule", "{ScheduleExpression: rate(1 day)}", "RuleName"),
        ("AWS::Batch::JobDefinition", "{Type: container}", "JobDefinitionArn"),
        ("AWS::ECS::Service", "{TaskDefinition: t}", "ServiceArn"),
        ("AWS::SQS::Queue", "{}", "QueueUrl"),
    ],
)
def test_a_reference_is_what_cloudformation_says(
    type_name: str, properties: str, given: str
) -> None:
    found = spec_of(
        f"Resources:\n  X: {{Type: '{type_name}', Properties: {properties}}}\n"
        "  B:\n    Type: AWS::S3::Bucket\n    Properties: {Tags: [{Key: a, Value: !Ref X}]}\n"
    )["resources"]
    assert found["b"]["properties"]["Tags"] == [{"Key": "a", "Value": f"${{x.{given}}}"}]


def test_a_reference_of_several_identifiers_has_all() -> None:
    found = spec_of(
        "Resources:\n  X:\n    Type: AWS::WAFv2::IPSet\n    Properties:\n"
        "      {Scope: REGIONAL, IPAddressVersion: IPV4, Addresses: []}\n"
        "  B:\n    Type: AWS::S3::Bucket\n    Properties: {Tags: [{Key: a, Value: !Ref X}]}\n"
    )["resources"]
    [tag] = found["b"]["properties"]["Tags"]
    assert tag["Value"] == '${x.Name + "|" + x.Id + "|" + x.Scope}'


def test_what_references_give_is_a_property_of_the_type() -> None:
    catalog = open_catalog()
    for name, attribute in REFERRED.items():
        found = catalog.lookup(name)
        assert found is not None, name
        assert attribute in found.json_schema["properties"], name
