"""Cases of the types of API Gateway."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.contract.aws.cases.case import Case, made_role
from tests.contract.aws.world import AwsWorld

KIND = "AWS::ApiGatewayV2"
SOCKET = {"ProtocolType": "WEBSOCKET", "RouteSelectionExpression": "$request.body.action"}
TAG_MAPS = [{"owner": "ml", "cost": "research"}, {"owner": "platform", "stage": "dev"}]


def made_api(world: AwsWorld, name: str = "a", *, socket: bool = False) -> str:
    """An API; for HTTP, unless it is one of sockets."""
    kind: Any = SOCKET if socket else {"ProtocolType": "HTTP"}

    def make() -> str:
        made = world.aws.client("apigatewayv2").create_api(Name=name, **kind)
        return str(made["ApiId"])

    return str(world.thing(f"api-{name}-{socket}", make))


def made_integration(world: AwsWorld, name: str, api: str) -> str:
    """An integration of the API."""

    def make() -> str:
        made = world.aws.client("apigatewayv2").create_integration(
            ApiId=api,
            IntegrationType="HTTP_PROXY",
            IntegrationMethod="ANY",
            IntegrationUri=f"https://{name}.example",
        )
        return str(made["IntegrationId"])

    return str(world.thing(f"integration-{name}-{api}", make))


def made_authorizer(world: AwsWorld, name: str, api: str) -> str:
    """An authorizer of the API that checks tokens."""

    def make() -> str:
        made = world.aws.client("apigatewayv2").create_authorizer(
            ApiId=api,
            AuthorizerType="JWT",
            IdentitySource=["$request.header.Authorization"],
            JwtConfiguration={"Issuer": f"https://{name}.example", "Audience": ["shop"]},
            Name=name,
        )
        return str(made["AuthorizerId"])

    return str(world.thing(f"authorizer-{name}-{api}", make))


def made_route(world: AwsWorld, key: str, api: str) -> str:
    """The key of a route that the API has."""

    def make() -> str:
        world.aws.client("apigatewayv2").create_route(ApiId=api, RouteKey=key)
        return key

    return str(world.thing(f"route-{key}-{api}", make))


def least_api(world: AwsWorld) -> dict[str, Any]:
    return {"Name": "orders", "ProtocolType": "HTTP"}


def api(world: AwsWorld) -> dict[str, Any]:
    return {
        **least_api(world),
        "Description": "takes orders",
        "Version": "2026-11",
        "RouteSelectionExpression": "$request.method $request.path",
        "DisableExecuteApiEndpoint": True,
        "IpAddressType": "dualstack",
        "CorsConfiguration": {
            "AllowOrigins": ["https://shop.example", "https://*.shop.example"],
            "AllowMethods": ["GET", "POST"],
            "AllowHeaders": ["Authorization", "X-Order"],
            "ExposeHeaders": ["X-Order"],
            "AllowCredentials": True,
            "MaxAge": 600,
        },
        "Tags": TAG_MAPS[0],
    }


def api_changes(world: AwsWorld) -> Mapping[str, Any]:
    return {
        "Name": "orders-2",
        "Description": "takes all orders",
        "Version": "2026-12",
        "RouteSelectionExpression": "$request.method $request.path",
        "DisableExecuteApiEndpoint": False,
        "IpAddressType": "ipv4",
        "CorsConfiguration": {
            "AllowOrigins": ["*"],
            "AllowMethods": ["*"],
            "AllowHeaders": ["x-order"],
            "ExposeHeaders": ["x-order", "x-trace"],
            "AllowCredentials": False,
            "MaxAge": 60,
        },
        "Tags": TAG_MAPS[1],
    }


QUICK: Mapping[str, Any] = {
    "Target": "arn:aws:lambda:us-east-1:123456789012:function:orders",
    "RouteKey": "ANY /orders",
    "CredentialsArn": "arn:aws:iam::*:user/*",
}
"""What makes an API with one route at once."""


def definition(title: str, *paths: str) -> dict[str, Any]:
    """A definition of an API, as SAM makes one."""
    leads = {
        "x-amazon-apigateway-integration": {
            "type": "aws_proxy",
            "httpMethod": "POST",
            "payloadFormatVersion": "2.0",
            "uri": "arn:aws:lambda:us-east-1:123456789012:function:orders",
        },
        "responses": {},
    }
    return {
        "openapi": "3.0.1",
        "info": {"title": title, "version": "1.0"},
        "paths": {path: {"get": leads} for path in paths},
        "tags": [{"name": "httpapi:createdBy", "x-amazon-apigateway-tag-value": "SAM"}],
    }


def beside_api(world: AwsWorld, name: str) -> Mapping[str, Any]:
    of_sockets = (
        *("RouteSelectionExpression", "ApiKeySelectionExpression"),
        "DisableSchemaValidation",
    )
    if name in ("FailOnWarnings", "BasePath"):
        return {"Body": definition("orders", "/orders")}
    if name in ("RouteKey", "CredentialsArn"):
        return QUICK
    return SOCKET if name in of_sockets else {}


API = """\
api:
  type: AWS::ApiGatewayV2::Api
  properties:
    Name: orders
    ProtocolType: HTTP
    CorsConfiguration: {AllowOrigins: ["https://shop.example"], AllowHeaders: [Authorization]}
    Tags: {owner: ml}
"""


def least_integration(world: AwsWorld) -> dict[str, Any]:
    return {
        "ApiId": made_api(world),
        "IntegrationType": "HTTP_PROXY",
        "IntegrationUri": "https://orders.example",
        "IntegrationMethod": "ANY",
    }


def integration(world: AwsWorld) -> dict[str, Any]:
    return {
        **least_integration(world),
        "Description": "the orders",
        "ConnectionType": "VPC_LINK",
        "ConnectionId": "a1b2c3",
        "CredentialsArn": made_role(world, "apigateway.amazonaws.com"),
        "PayloadFormatVersion": "1.0",
        "TimeoutInMillis": 10000,
        "TlsConfig": {"ServerNameToVerify": "orders.example"},
        "RequestParameters": {"append:header.from": "shop", "overwrite:path": "/v1"},
        "ResponseParameters": {
            "200": {
                "ResponseParameters": [{"Destination": "append:header.by", "Source": "orders"}]
            },
            "404": {
                "ResponseParameters": [{"Destination": "overwrite:statuscode", "Source": "403"}]
            },
        },
    }


def integration_changes(world: AwsWorld) -> Mapping[str, Any]:
    return {
        "IntegrationUri": "https://orders-2.example",
        "IntegrationMethod": "POST",
        "Description": "all orders",
        "ConnectionType": "VPC_LINK",
        "ConnectionId": "d4e5f6",
        "CredentialsArn": made_role(world, "apigateway.amazonaws.com", "b"),
        "PayloadFormatVersion": "2.0",
        "TimeoutInMillis": 20000,
        "TlsConfig": {"ServerNameToVerify": "orders-2.example"},
        "RequestParameters": {"overwrite:path": "/v2"},
        "ResponseParameters": {
            "200": {"ResponseParameters": [{"Destination": "append:header.by", "Source": "all"}]}
        },
    }


def another_integration(world: AwsWorld) -> dict[str, Any]:
    known = ("IntegrationUri", "IntegrationMethod", "Description")
    return {name: integration(world)[name] for name in known}


OF_SOCKETS = (
    *("RequestTemplates", "TemplateSelectionExpression"),
    *("PassthroughBehavior", "ContentHandlingStrategy"),
)


def beside_integration(world: AwsWorld, name: str) -> Mapping[str, Any]:
    if name in OF_SOCKETS:
        return {"ApiId": made_api(world, socket=True)}
    if name == "ConnectionType":
        return {"ConnectionId": "a1b2c3"}
    return {"ConnectionType": "VPC_LINK"} if name == "ConnectionId" else {}


def least_route(world: AwsWorld) -> dict[str, Any]:
    return {"ApiId": made_api(world), "RouteKey": "GET /orders"}


def route(world: AwsWorld) -> dict[str, Any]:
    api_id = made_api(world)
    return {
        **least_route(world),
        "Target": f"integrations/{made_integration(world, 'a', api_id)}",
        "AuthorizationType": "JWT",
        "AuthorizerId": made_authorizer(world, "a", api_id),
        "AuthorizationScopes": ["orders.read", "orders.list"],
        "OperationName": "orders",
    }


def route_changes(world: AwsWorld) -> Mapping[str, Any]:
    api_id = made_api(world)
    return {
        "RouteKey": "GET /all-orders",
        "Target": f"integrations/{made_integration(world, 'b', api_id)}",
        "AuthorizationType": "JWT",
        "AuthorizerId": made_authorizer(world, "b", api_id),
        "AuthorizationScopes": ["orders.all"],
        "OperationName": "all-orders",
    }


ROUTES_OF_SOCKETS = (
    *("ApiKeyRequired", "RouteResponseSelectionExpression"),
    *("ModelSelectionExpression", "RequestModels", "RequestParameters"),
)


def beside_route(world: AwsWorld, name: str) -> Mapping[str, Any]:
    if name == "AuthorizerId":
        return {"AuthorizationType": "JWT"}
    if name == "AuthorizationScopes":
        own = made_authorizer(world, "a", made_api(world))
        return {"AuthorizationType": "JWT", "AuthorizerId": own}
    return {"ApiId": made_api(world, socket=True)} if name in ROUTES_OF_SOCKETS else {}


def log_group(world: AwsWorld, name: str) -> str:
    """The ARN of a log group, as CloudWatch Logs tells it."""

    def make() -> str:
        logs = world.aws.client("logs")
        logs.create_log_group(logGroupName=f"/apis/{name}")
        [one] = logs.describe_log_groups(logGroupNamePrefix=f"/apis/{name}")["logGroups"]
        return str(one["arn"])

    return str(world.thing(f"api-logs-{name}", make))


def least_stage(world: AwsWorld) -> dict[str, Any]:
    return {"ApiId": made_api(world, socket=True), "StageName": "dev"}


def stage(world: AwsWorld) -> dict[str, Any]:
    api_id = made_api(world)
    return {
        "ApiId": api_id,
        "StageName": "$default",
        "AutoDeploy": True,
        "Description": "for everybody",
        "StageVariables": {"table": "orders", "level": "debug"},
        "AccessLogSettings": {
            "DestinationArn": log_group(world, "a"),
            "Format": "$context.requestId $context.status",
        },
        "DefaultRouteSettings": {
            "DetailedMetricsEnabled": True,
            "ThrottlingBurstLimit": 100,
            "ThrottlingRateLimit": 50.5,
        },
        "RouteSettings": {
            made_route(world, "GET /a", api_id): {"ThrottlingBurstLimit": 10},
            made_route(world, "GET /b", api_id): {
                "ThrottlingBurstLimit": 10,
                "ThrottlingRateLimit": 5,
            },
        },
        "Tags": TAG_MAPS[0],
    }


def stage_changes(world: AwsWorld) -> Mapping[str, Any]:
    return {
        "AutoDeploy": False,
        "Description": "for all",
        "StageVariables": {"table": "all-orders"},
        "AccessLogSettings": {
            "DestinationArn": log_group(world, "b"),
            "Format": "$context.requestId",
        },
        "DefaultRouteSettings": {
            "DetailedMetricsEnabled": False,
            "ThrottlingBurstLimit": 200,
            "ThrottlingRateLimit": 100,
        },
        "RouteSettings": {made_route(world, "GET /b", made_api(world)): {"ThrottlingRateLimit": 7}},
        "Tags": TAG_MAPS[1],
    }


def beside_logs(world: AwsWorld, name: str) -> Mapping[str, Any]:
    return {"DestinationArn": log_group(world, "a"), "Format": "$context.requestId"}


def settings_of_routes(world: AwsWorld) -> list[dict[str, Any]]:
    """Settings of two routes of the sockets."""
    own = made_api(world, socket=True)
    keys = [made_route(world, key, own) for key in ("$connect", "$disconnect")]
    return [
        {keys[0]: {"LoggingLevel": "INFO", "ThrottlingBurstLimit": 5}},
        {keys[1]: {"ThrottlingRateLimit": 1}},
    ]


WHOLE = f"""\
{API}orders:
  type: AWS::ApiGatewayV2::Integration
  properties:
    ApiId: ${{api.ApiId}}
    IntegrationType: HTTP_PROXY
    IntegrationUri: https://orders.example
    IntegrationMethod: ANY
list:
  type: AWS::ApiGatewayV2::Route
  properties:
    ApiId: ${{api.ApiId}}
    RouteKey: GET /orders
    Target: integrations/${{orders.IntegrationId}}
order:
  type: AWS::ApiGatewayV2::Route
  properties:
    ApiId: ${{api.ApiId}}
    RouteKey: POST /orders
    Target: integrations/${{orders.IntegrationId}}
everybody:
  type: AWS::ApiGatewayV2::Stage
  properties:
    ApiId: ${{api.ApiId}}
    StageName: "$default"
    AutoDeploy: true
    StageVariables: {{table: orders}}
"""

CASES = (
    Case(
        type=f"{KIND}::Api",
        creating="CreateApi",
        absent="a1b2c3d4e5",
        minimal=least_api,
        full=api,
        changes=api_changes,
        attributes=frozenset({"ApiId", "ApiEndpoint", "ExecuteApiArn"}),
        elsewhere=frozenset(
            {
                "ApiKeySelectionExpression",
                "Body",
                "FailOnWarnings",
                "BasePath",
                "DisableSchemaValidation",
                *QUICK,
            }
        ),
        one_value=frozenset({"RouteSelectionExpression"}),
        stack=API,
        samples={
            "Body": [definition("orders", "/orders"), definition("orders", "/orders", "/all")],
            "ProtocolType": ["HTTP", "HTTP"],
            "Target": [QUICK["Target"], "https://shop.example"],
            "RouteKey": ["GET /orders", "POST /orders"],
            "CredentialsArn": lambda world: [
                made_role(world, "apigateway.amazonaws.com", one) for one in "ab"
            ],
            "RouteSelectionExpression": ["$request.body.action", "$request.body.kind"],
            "Tags": TAG_MAPS,
        },
        beside={"": beside_api},
    ),
    Case(
        type=f"{KIND}::Integration",
        creating="CreateIntegration",
        absent="a1b2c3d4e5|f6g7h8i",
        minimal=least_integration,
        full=integration,
        changes=integration_changes,
        attributes=frozenset({"IntegrationId"}),
        others=another_integration,
        elsewhere=frozenset(OF_SOCKETS),
        needed=frozenset({"PassthroughBehavior"}),
        one_value=frozenset({"ConnectionType"}),
        tagged=False,
        stack=WHOLE,
        samples={
            "ApiId": lambda world: [made_api(world, one) for one in "ab"],
            "IntegrationType": ["HTTP_PROXY", "AWS_PROXY"],
            "IntegrationSubtype": ["SQS-SendMessage", "StepFunctions-StartExecution"],
            "ConnectionType": ["VPC_LINK", "VPC_LINK"],
            "CredentialsArn": lambda world: [
                made_role(world, "apigateway.amazonaws.com", one) for one in "ab"
            ],
            "RequestTemplates": [{"a": "{}"}, {"a": "[]"}],
            "RequestParameters": [{"overwrite:path": "/v1"}, {"append:header.by": "shop"}],
            "ResponseParameters": [
                {
                    "200": {
                        "ResponseParameters": [{"Destination": "append:header.by", "Source": one}]
                    }
                }
                for one in "ab"
            ],
        },
        beside={"": beside_integration},
    ),
    Case(
        type=f"{KIND}::Route",
        creating="CreateRoute",
        absent="a1b2c3d4e5|f6g7h8i",
        minimal=least_route,
        full=route,
        changes=route_changes,
        attributes=frozenset({"RouteId"}),
        others=lambda world: {"RouteKey": "GET /orders"},
        elsewhere=frozenset(ROUTES_OF_SOCKETS),
        one_value=frozenset({"AuthorizationType"}),
        needed=frozenset({"AuthorizationType", "AuthorizerId"}),
        tagged=False,
        stack=WHOLE,
        samples={
            "ApiId": lambda world: [made_api(world, one) for one in "ab"],
            "RouteKey": ["GET /a", "POST /a"],
            "RequestModels": [{"a": "one"}, {"a": "two"}],
            "RequestParameters": [
                {f"route.request.querystring.{one}": {"Required": True}} for one in "ab"
            ],
            "Target": lambda world: [
                f"integrations/{made_integration(world, one, made_api(world))}" for one in "ab"
            ],
            "AuthorizationType": ["AWS_IAM", "NONE"],
            "AuthorizerId": lambda world: [
                made_authorizer(world, one, made_api(world)) for one in "ab"
            ],
        },
        beside={"": beside_route},
    ),
    Case(
        type=f"{KIND}::Stage",
        creating="CreateStage",
        absent="a1b2c3d4e5|gone",
        minimal=least_stage,
        full=stage,
        changes=stage_changes,
        elsewhere=frozenset({"DeploymentId", "ClientCertificateId"}),
        stack=WHOLE,
        samples={
            "ApiId": lambda world: [made_api(world, one, socket=True) for one in "ab"],
            "StageName": ["dev", "prod"],
            "StageVariables": [{"table": "a"}, {"key": "b"}],
            "AccessLogSettings/DestinationArn": lambda world: [
                log_group(world, one) for one in "ab"
            ],
            "RouteSettings": settings_of_routes,
            "Tags": TAG_MAPS,
        },
        beside={"AccessLogSettings": beside_logs},
    ),
)
