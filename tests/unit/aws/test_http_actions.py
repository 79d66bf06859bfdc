"""Tests for the actions of services whose IAM knows methods of HTTP."""

from __future__ import annotations

from gitbot.providers.aws.api_models import API_MODELS
from gitbot.providers.aws.dialect import Dialect
from gitbot.providers.aws.http_actions import http_action


def test_the_action_of_every_call_is_the_method_that_botocore_sends() -> None:
    """The kind: a policy that allows calls by names that IAM does not know."""
    model = API_MODELS.load_service_model("apigatewayv2", "service-2")
    methods = {name: one["http"]["method"] for name, one in model["operations"].items()}
    found = {name: http_action("apigatewayv2", name) for name in methods}
    assert found == {name: f"apigateway:{method}" for name, method in methods.items()}


def test_calls_are_named_either_way_and_those_of_other_services_by_themselves() -> None:
    gateway = Dialect(service="apigatewayv2", absent=frozenset())
    assert gateway.action("update_api") == "apigateway:PATCH"
    assert gateway.action("apigateway:TagResource") == "apigateway:TagResource"
    assert http_action("ec2", "CreateVpc") is None
    assert Dialect(service="ec2", absent=frozenset()).action("create_vpc") == "ec2:CreateVpc"
