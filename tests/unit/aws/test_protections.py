"""What a plan says of objects that a property protects from the deletion that it would make."""

from __future__ import annotations

from typing import Any

import pytest

from gitbot.errors import CloudError
from gitbot.model.names import Address, RemoteId
from gitbot.model.observed import Absent, Present, Removing
from gitbot.providers.aws.advice import apply_first
from gitbot.providers.aws.catalog import open_catalog
from gitbot.providers.aws.protections import explained, objections, questions

LOOKUP = open_catalog().lookup
AT, OWN = Address("it"), RemoteId("own")
BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
GROUP = "AWS::AutoScaling::AutoScalingGroup"


@pytest.mark.parametrize(
    ("type_", "shown", "way"),
    [
        (
            "AWS::DynamoDB::Table",
            {"DeletionProtectionEnabled": True},
            "DeletionProtectionEnabled: false",
        ),
        ("AWS::DynamoDB::Table", {"DeletionProtectionEnabled": False}, ""),
        ("AWS::DynamoDB::Table", {}, ""),
        ("AWS::EC2::Instance", {"DisableApiTermination": True}, "DisableApiTermination: false"),
        ("AWS::RDS::DBCluster", {"DeletionProtection": True}, "DeletionProtection: false"),
        (
            "AWS::Cognito::UserPool",
            {"DeletionProtection": "ACTIVE"},
            "DeletionProtection: INACTIVE",
        ),
        ("AWS::Cognito::UserPool", {"DeletionProtection": "INACTIVE"}, ""),
        (GROUP, {"DeletionProtection": "prevent-all-deletion"}, "DeletionProtection: none"),
        (GROUP, {"DeletionProtection": "prevent-force-deletion"}, ""),
        (
            BALANCER,
            {"LoadBalancerAttributes": [{"Key": "deletion_protection.enabled", "Value": "true"}]},
            "deletion_protection.enabled: false",
        ),
    ],
)
def test_a_protected_object_is_told_with_the_way_out(
    type_: str, shown: dict[str, Any], way: str
) -> None:
    asked = questions([Removing(address=AT, type=type_, remote_id=OWN)], LOOKUP)
    seen = {AT: Present(remote_id=OWN, properties=shown)}
    told = [one.fix for one in objections(asked, seen, LOOKUP)]
    assert told == ([f"Set `{way}` and apply that before this."] if way else [])
    assert not [*objections(asked, {AT: Absent()}, LOOKUP)]


def test_a_type_without_such_a_property_is_not_asked_about() -> None:
    assert questions([Removing(address=AT, type="AWS::SQS::Queue", remote_id=OWN)], LOOKUP) == ()


def test_the_error_of_a_deletion_names_the_property_once() -> None:
    schema = LOOKUP(BALANCER)
    refused = CloudError("cannot be deleted because deletion protection is enabled", code="Not")
    told = explained(refused, schema, AT)
    assert told is not None
    assert (str(told), told.code) == (
        f"{refused}. Set `deletion_protection.enabled: false` and {apply_first(AT)}.",
        "Not",
    )
    assert explained(told, schema, AT) is None
    assert explained(CloudError("it is in use"), schema, AT) is None
    assert explained(refused, LOOKUP("AWS::SQS::Queue"), AT) is None
