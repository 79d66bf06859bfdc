"""What API Gateway keeps that it is not told, refuses for a moment, and shows in other forms."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from gitbot.errors import CloudError, ConflictError
from gitbot.language.keywords import validator_of
from gitbot.model.cloud import Purpose
from gitbot.model.desired import Roles
from gitbot.model.names import Address, RemoteId
from gitbot.model.observed import Making, Present, ReadRequest
from gitbot.model.schema import Route
from gitbot.providers.aws.permissions import policy
from gitbot_sandbox.aws import Fault, FaultKind
from tests.contract.aws.cases.apigatewayv2 import (
    QUICK,
    SOCKET,
    api,
    definition,
    integration,
    least_api,
    least_integration,
    least_route,
    least_stage,
    made_api,
    route,
    stage,
)
from tests.contract.aws.cases.case import trust
from tests.contract.aws.life import Life, RefusedError
from tests.contract.aws.world import REGION, AwsWorld, environment

API, INTEGRATION, ROUTE, STAGE = (
    f"AWS::ApiGatewayV2::{kind}" for kind in ("Api", "Integration", "Route", "Stage")
)


def test_what_is_taken_out_of_cors_goes_and_the_rest_stays(world: AwsWorld) -> None:
    life, spec = Life(world, API), api(world)
    life.apply(spec)
    cors = {name: spec["CorsConfiguration"][name] for name in ("AllowOrigins", "AllowHeaders")}
    life.apply({**spec, "CorsConfiguration": cors})
    shown = world.properties(API, RemoteId(str(life.remote_id)))["CorsConfiguration"]
    assert {name for name, value in shown.items() if value} == set(cors)
    life.apply({name: value for name, value in spec.items() if name != "CorsConfiguration"})
    client = world.aws.client("apigatewayv2")
    assert "CorsConfiguration" not in client.get_api(ApiId=str(life.remote_id))


def test_headers_are_compared_as_browsers_do_and_variables_with_and_without_braces(
    world: AwsWorld,
) -> None:
    life, spec = Life(world, API), api(world)
    life.apply(spec)
    cors = {**spec["CorsConfiguration"], "AllowHeaders": ["x-order", "AUTHORIZATION"]}
    braces = "${request.method} ${request.path}"
    other = {**spec, "CorsConfiguration": cors, "RouteSelectionExpression": braces}
    assert life.change(other).paths == ()


@pytest.mark.parametrize(
    "spec",
    [
        {"Name": "a", "ProtocolType": "WEBSOCKET"},
        {"Name": "a", **SOCKET, "CorsConfiguration": {"AllowOrigins": ["https://a.example"]}},
        {"Name": "a", "ProtocolType": "HTTP", "RouteSelectionExpression": "$request.body.action"},
        {
            "Name": "a",
            "ProtocolType": "HTTP",
            "CorsConfiguration": {"AllowOrigins": ["*"], "AllowCredentials": True},
        },
        {"Name": "a", "ProtocolType": "HTTP", "RouteKey": "GET /"},
    ],
)
def test_what_no_api_can_be_is_refused_before_any_call(
    world: AwsWorld, spec: Mapping[str, Any]
) -> None:
    with pytest.raises(RefusedError):
        Life(world, API).plan(spec)


def test_an_api_of_sockets_has_an_address_of_its_own_and_two_apis_may_have_one_name(
    world: AwsWorld,
) -> None:
    spec = {**least_api(world), **SOCKET}
    first, second = (world.create(API, spec, token=one * 32) for one in "ab")
    assert first != second
    assert world.properties(API, first)["ApiEndpoint"].startswith("wss://")


def test_a_definition_says_all_of_an_api_but_whose_it_is(world: AwsWorld) -> None:
    """The kind: an import that takes the tags away by which the object is found again."""
    spec = {"Body": definition("orders", "/orders"), "Tags": {"owner": "ml"}}
    operation, client = world.operation(API, spec), world.aws.client("apigatewayv2")
    made = world.cloud.create(operation)
    world.cloud.settle(operation, made)
    for title, paths in (("orders", ["/orders"]), ("orders-2", ["/orders", "/all"])):
        wanted = {**spec, "Body": definition(title, *paths)}
        world.update(API, made, spec, wanted)
        shown = world.properties(API, made)
        assert shown["Name"] == title
        assert shown["Tags"].items() >= {"owner": "ml", "httpapi:createdBy": "SAM"}.items()
        found = world.cloud.find(operation)
        assert found is not None
        assert (found.remote_id, found.lineage) == (made, "lineage-1")
        keys = [one["RouteKey"] for one in client.get_routes(ApiId=made)["Items"]]
        assert keys == [f"GET {path}" for path in paths]
        spec = wanted


def test_an_api_with_a_target_leads_to_it_at_once_and_elsewhere_later(world: AwsWorld) -> None:
    life, spec = Life(world, API), {**least_api(world), **QUICK}
    life.apply(spec)
    client, named = world.aws.client("apigatewayv2"), {"ApiId": str(life.remote_id)}

    def told() -> tuple[str, str, str | None]:
        [one], [leads] = (
            client.get_routes(**named)["Items"],
            client.get_integrations(**named)["Items"],
        )
        assert one["Target"] == f"integrations/{leads['IntegrationId']}"
        return one["RouteKey"], leads["IntegrationUri"], leads.get("CredentialsArn")

    assert told() == ("ANY /orders", QUICK["Target"], QUICK["CredentialsArn"])
    assert [one["StageName"] for one in client.get_stages(**named)["Items"]] == ["$default"]
    moved = {**spec, "Target": "https://shop.example", "RouteKey": "GET /orders"}
    life.apply(moved)
    life.apply({name: value for name, value in moved.items() if name != "RouteKey"})
    assert told() == ("GET /orders", "https://shop.example", QUICK["CredentialsArn"])
    for kept in ("Target", "CredentialsArn"):
        rest = {name: value for name, value in moved.items() if name not in (kept, "RouteKey")}
        assert life.attempt(rest) & {"removal-undeclared", "property-value", "missing-property"}


def test_what_an_authorizer_is_asked_for_goes_with_it(world: AwsWorld) -> None:
    life, spec = Life(world, ROUTE), route(world)
    life.apply(spec)
    names = ("AuthorizationType", "AuthorizerId", "AuthorizationScopes")
    life.apply({name: value for name, value in spec.items() if name not in names})
    shown = world.properties(ROUTE, RemoteId(str(life.remote_id)))
    assert {name for name in names if shown.get(name)} == {"AuthorizationType"}
    assert shown["AuthorizationType"] == "NONE"


def test_many_routes_are_read_with_one_call_and_few_with_one_each(world: AwsWorld) -> None:
    keys = [f"GET /{number}" for number in range(5)]
    made = [
        world.create(ROUTE, {**least_route(world), "RouteKey": key}, token=str(at) * 32)
        for at, key in enumerate(keys)
    ]
    for some, calls in ((made[:2], ["GetRoute"] * 2), (made, ["GetRoutes"])):
        requests = [
            ReadRequest(
                address=Address(f"route{at}"),
                type=ROUTE,
                remote_id=one,
                route=Route.NATIVE,
                surfaces=frozenset(),
            )
            for at, one in enumerate(some)
        ]
        world.aws.forget_calls()
        seen = world.cloud.read(requests)
        told = [seen[one.address] for one in requests]
        assert [one.properties["RouteKey"] for one in told if isinstance(one, Present)] == keys[
            : len(some)
        ]
        assert [call.operation for call in world.aws.calls] == calls


def test_an_integration_stays_while_a_route_leads_to_it(world: AwsWorld) -> None:
    made = world.create(INTEGRATION, least_integration(world))
    target = f"integrations/{made.partition('|')[2]}"
    world.aws.client("apigatewayv2").create_route(
        ApiId=made_api(world), RouteKey="GET /theirs", Target=target
    )
    with pytest.raises(CloudError, match=r"still in use.*referenced by the following Routes"):
        world.cloud.delete(world.operation(INTEGRATION, {}, within_s=2), made)
    assert not world.is_absent(INTEGRATION, made)


def test_integrations_are_known_by_all_that_tells_them_apart(world: AwsWorld) -> None:
    """The kind: one object for two resources, as nothing but its properties names it."""
    plain = least_integration(world)
    told = {**plain, "Description": "the orders"}
    made = [
        world.create(INTEGRATION, spec, token=str(at) * 32) for at, spec in enumerate((told, plain))
    ]
    assert len(set(made)) == 2
    for spec, own in zip((told, plain), made, strict=True):
        found = world.cloud.find(world.operation(INTEGRATION, spec))
        assert found is not None
        assert found.remote_id == own
    with pytest.raises(ConflictError, match="import"):
        world.create(INTEGRATION, {**plain, "TimeoutInMillis": 100}, token="2" * 32)


def test_a_change_beside_another_one_is_tried_again(world: AwsWorld) -> None:
    spec = least_route(world)
    made = world.create(ROUTE, spec)
    told = "Unable to complete operation due to concurrent modification. Please try again later."
    for operation in ("UpdateRoute", "DeleteRoute"):
        world.aws.inject(
            Fault(
                kind=FaultKind.ERROR,
                operation=operation,
                status=409,
                code="ConflictException",
                message=told,
            )
        )
    other = {**spec, "OperationName": "orders"}
    world.update(ROUTE, made, spec, other)
    assert world.differences(ROUTE, made, other) == ()
    world.cloud.delete(world.operation(ROUTE, other), made)
    assert world.is_absent(ROUTE, made)


def test_parts_of_maps_go_alone(world: AwsWorld) -> None:
    """The kind: a map of which the service leaves what it is not told."""
    life, spec = Life(world, INTEGRATION), integration(world)
    life.apply(spec)
    life.apply(
        {
            **spec,
            "RequestParameters": {"overwrite:path": "/v1"},
            "ResponseParameters": {"404": spec["ResponseParameters"]["404"]},
        }
    )
    shown = world.properties(INTEGRATION, RemoteId(str(life.remote_id)))
    assert shown["RequestParameters"] == {"overwrite:path": "/v1"}
    assert shown["ResponseParameters"].keys() == {"404"}
    life, spec = Life(world, STAGE), stage(world)
    life.apply(spec)
    settings = {"GET /b": {"ThrottlingBurstLimit": 10}}
    life.apply({**spec, "StageVariables": {"table": "orders"}, "RouteSettings": settings})
    shown = world.properties(STAGE, RemoteId(str(life.remote_id)))
    assert shown["StageVariables"] == {"table": "orders"}
    assert shown["RouteSettings"] == settings


def test_the_local_aws_refuses_what_api_gateway_does(world: AwsWorld) -> None:
    http = {"ApiId": made_api(world), "StageName": "dev"}
    levels = {"DefaultRouteSettings": {"LoggingLevel": "INFO"}}
    with pytest.raises(CloudError, match="Execution logs are not supported on protocolType HTTP"):
        world.create(STAGE, {**http, **levels})
    assert world.create(STAGE, {**least_stage(world), **levels})
    unknown = {"RouteSettings": {"GET /none": {"ThrottlingBurstLimit": 1}}}
    with pytest.raises(CloudError, match="Unable to find Route by key GET /none"):
        world.create(STAGE, {**http, **unknown})
    with pytest.raises(CloudError, match="ApiKeyRequired is not currently supported"):
        world.create(ROUTE, {**least_route(world), "ApiKeyRequired": True})
    with pytest.raises(CloudError, match="Unable to find Integration"):
        world.create(ROUTE, {**least_route(world), "Target": "integrations/gone"})


def test_the_rights_that_are_printed_suffice_for_apis_and_show_no_keys(
    world: AwsWorld,
) -> None:
    """The kind: rights that are methods of HTTP, so that those for one thing are those for all."""
    iam, region = world.aws.client("iam"), {"region": REGION}
    document = policy([API, ROUTE, STAGE], Purpose.APPLY, handlers=lambda _: {}, **region)
    made = iam.create_role(
        RoleName="apis", AssumeRolePolicyDocument=json.dumps(trust("ec2.amazonaws.com"))
    )["Role"]
    iam.put_role_policy(RoleName="apis", PolicyName="it", PolicyDocument=json.dumps(document))
    cloud = world.clouds.open(environment(roles=Roles(apply=made["Arn"])), Purpose.APPLY)
    making = Making(address=Address("a"), type=API, route=Route.NATIVE, properties=least_api(world))
    assert [*cloud.objections([making])] == []
    specs = {API: api, ROUTE: least_route, STAGE: stage}
    for number, (type_, spec) in enumerate(specs.items()):
        operation = world.operation(type_, spec(world), token=str(number) * 32)
        own = cloud.create(operation)
        cloud.settle(operation, own)
        cloud.adopt(operation, own)
        cloud.delete(operation, own)
    with pytest.raises(CloudError, match="apigateway:GET"):
        cloud.aws.call("apigateway", "get_api_keys", includeValues=True)
    world.aws.client("apigateway").get_api_keys(includeValues=True)


@pytest.mark.parametrize(("name", "wrong"), [("table_2", False), ("table-2", True), ("", True)])
def test_variables_of_a_stage_have_names_that_api_gateway_takes(
    world: AwsWorld, name: str, wrong: bool
) -> None:
    spec = {"ApiId": "a1b2c3d4e5", "StageName": "live", "StageVariables": {name: "x"}}
    assert bool(validator_of(world.schema(STAGE).json_schema).errors(spec)) is wrong


def test_the_settings_of_all_routes_leave_a_stage_but_for_limits_that_only_go_to_others(
    world: AwsWorld,
) -> None:
    """API Gateway deletes the settings of a route and of logs; those of all routes only take other values."""
    spec = {"ApiId": made_api(world), "StageName": "dev", "AutoDeploy": True}
    life = Life(world, STAGE)
    life.apply({**spec, "DefaultRouteSettings": {"DetailedMetricsEnabled": True}})
    gone = life.apply(spec)
    assert [(one.path, one.note) for one in gone.paths] == [
        (
            "/DefaultRouteSettings/DetailedMetricsEnabled",
            "routes do not, unless theirs say so",
        )
    ]
    assert not world.properties(STAGE, RemoteId(str(life.remote_id)))["DefaultRouteSettings"][
        "DetailedMetricsEnabled"
    ]
    limited = {"DetailedMetricsEnabled": True, "ThrottlingBurstLimit": 5}
    life.apply({**spec, "DefaultRouteSettings": limited})
    with pytest.raises(RefusedError) as refused:
        life.apply(spec)
    assert refused.value.codes == {"removal-undeclared"}
    assert "`DefaultRouteSettings.ThrottlingBurstLimit`" in str(refused.value)
    life.apply({**spec, "DefaultRouteSettings": {"ThrottlingBurstLimit": 5}})
