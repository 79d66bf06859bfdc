"""What Cloud Control makes is known to the services whose objects name it, until it is deleted."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from tests.contract.sandbox_cloud_control.conftest import Api

Use: TypeAlias = Callable[["Api", str], Any]
"""A call of the service that names the object by its identifier; refused when there is none."""


def _code(api: Api) -> tuple[str, str]:
    """The place of a package of code."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("handler.py", "def handle(event, context):\n    return event\n")
    s3 = api.aws.client("s3")
    s3.create_bucket(Bucket="layers-of-code")
    s3.put_object(Bucket="layers-of-code", Key="code.zip", Body=packed.getvalue())
    return "layers-of-code", "code.zip"


def _layer(api: Api) -> dict[str, Any]:
    bucket, key = _code(api)
    return {"LayerName": "tools", "Content": {"S3Bucket": bucket, "S3Key": key}}


def _function(api: Api, identifier: str) -> Any:
    role = "arn:aws:iam::123456789012:role/runs"
    if not api.aws.client("iam").list_roles()["Roles"]:
        trust = (
            '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", '
            '"Principal": {"Service": "lambda.amazonaws.com"}}]}'
        )
        api.aws.client("iam").create_role(RoleName="runs", AssumeRolePolicyDocument=trust)
    return api.aws.client("lambda").create_function(
        FunctionName=f"f{len(api.aws.client('lambda').list_functions()['Functions'])}",
        Role=role,
        Runtime="python3.12",
        Handler="handler.handle",
        Code={"S3Bucket": "layers-of-code", "S3Key": "code.zip"},
        Layers=[identifier],
    )


def _database(api: Api, **more: Any) -> Any:
    return api.aws.client("rds").create_db_instance(
        DBInstanceIdentifier=f"d{len(api.aws.client('rds').describe_db_instances()['DBInstances'])}",
        DBInstanceClass="db.t3.medium",
        **more,
    )


def _own_database(api: Api, identifier: str) -> Any:
    return _database(
        api,
        Engine="postgres",
        AllocatedStorage=20,
        MasterUsername="ml",
        MasterUserPassword="of-a-test",
        DBParameterGroupName=identifier,
    )


def _vpc(api: Api, number: int) -> str:
    made = api.aws.client("ec2").create_vpc(CidrBlock=f"10.{number}.0.0/16")
    return str(made["Vpc"]["VpcId"])


def _route(api: Api, **target: str) -> Any:
    ec2 = api.aws.client("ec2")
    table = ec2.create_route_table(VpcId=_vpc(api, 9))["RouteTable"]["RouteTableId"]
    return ec2.create_route(RouteTableId=table, DestinationCidrBlock="10.1.0.0/16", **target)


CASES: dict[str, tuple[Callable[[Api], dict[str, Any]], Use]] = {
    "AWS::Lambda::LayerVersion": (_layer, _function),
    "AWS::RDS::DBParameterGroup": (
        lambda api: {"Family": "postgres16", "Description": "of a test"},
        _own_database,
    ),
    "AWS::RDS::DBCluster": (
        lambda api: {
            "DBClusterIdentifier": "many",
            "Engine": "aurora-postgresql",
            "MasterUsername": "ml",
            "MasterUserPassword": "of-a-test",
        },
        lambda api, identifier: _database(
            api, Engine="aurora-postgresql", DBClusterIdentifier=identifier
        ),
    ),
    "AWS::Events::EventBus": (
        lambda api: {"Name": "runs"},
        lambda api, identifier: api.aws.client("events").put_rule(
            Name="each", EventBusName=identifier, EventPattern='{"source": ["ml"]}'
        ),
    ),
    "AWS::EC2::VPNGateway": (
        lambda api: {"Type": "ipsec.1"},
        lambda api, identifier: api.aws.client("ec2").attach_vpn_gateway(
            VpnGatewayId=identifier, VpcId=_vpc(api, 1)
        ),
    ),
    "AWS::EC2::VPCPeeringConnection": (
        lambda api: {"VpcId": _vpc(api, 1), "PeerVpcId": _vpc(api, 2)},
        lambda api, identifier: _route(api, VpcPeeringConnectionId=identifier),
    ),
    "AWS::EC2::TransitGateway": (
        lambda api: {"Description": "of a test"},
        lambda api, identifier: api.aws.client("ec2").create_transit_gateway_vpc_attachment(
            TransitGatewayId=identifier,
            VpcId=(vpc := _vpc(api, 1)),
            SubnetIds=[
                api.aws.client("ec2").create_subnet(VpcId=vpc, CidrBlock="10.1.1.0/24")["Subnet"][
                    "SubnetId"
                ]
            ],
        ),
    ),
}


def _detach(api: Api) -> None:
    ec2 = api.aws.client("ec2")
    (gateway,) = ec2.describe_vpn_gateways()["VpnGateways"]
    (network,) = gateway["VpcAttachments"]
    ec2.detach_vpn_gateway(VpnGatewayId=gateway["VpnGatewayId"], VpcId=network["VpcId"])


def _detach_network(api: Api) -> None:
    ec2 = api.aws.client("ec2")
    (one,) = ec2.describe_transit_gateway_attachments()["TransitGatewayAttachments"]
    identifier = one["TransitGatewayAttachmentId"]
    ec2.delete_transit_gateway_vpc_attachment(TransitGatewayAttachmentId=identifier)


def _delete_database(api: Api) -> None:
    api.aws.client("rds").delete_db_instance(DBInstanceIdentifier="d0", SkipFinalSnapshot=True)


FREED: dict[str, Callable[[Api], object]] = {
    "AWS::RDS::DBParameterGroup": _delete_database,
    "AWS::RDS::DBCluster": _delete_database,
    "AWS::Events::EventBus": lambda api: api.aws.client("events").delete_rule(
        Name="each", EventBusName="runs"
    ),
    "AWS::EC2::VPNGateway": _detach,
    "AWS::EC2::TransitGateway": _detach_network,
}
"""What AWS wants gone before it deletes the object."""


@pytest.mark.parametrize("type_name", CASES)
def test_the_service_knows_it_while_it_is_there(api: Api, type_name: str) -> None:
    model, use = CASES[type_name]
    identifier = api.made(type_name, model(api))
    assert identifier in str(api.read(type_name, identifier).values())
    use(api, identifier)
    if type_name in FREED:
        refused = api.status(api.delete(type_name, identifier))
        assert (refused["OperationStatus"], refused["ErrorCode"]) == ("FAILED", "ResourceConflict")
        FREED[type_name](api)
    assert api.status(api.delete(type_name, identifier))["OperationStatus"] == "SUCCESS"
    with pytest.raises(ClientError):
        use(api, identifier)


@pytest.mark.parametrize("kind", ["UserProfile", "Space"])
def test_a_domain_with_a_member_is_not_deleted(api: Api, kind: str) -> None:
    sagemaker = api.aws.client("sagemaker")
    domain = sagemaker.create_domain(
        DomainName="research",
        AuthMode="IAM",
        VpcId="vpc-1",
        SubnetIds=["subnet-1"],
        DefaultUserSettings={"ExecutionRole": "arn:aws:iam::123456789012:role/sagemaker"},
    )["DomainId"]
    member = {"DomainId": domain, f"{kind}Name": "ann"}
    identifier = api.made(f"AWS::SageMaker::{kind}", member)
    with pytest.raises(ClientError, match="has user profiles, spaces or apps"):
        sagemaker.delete_domain(DomainId=domain)
    gone = api.status(api.delete(f"AWS::SageMaker::{kind}", identifier))
    assert gone["OperationStatus"] == "SUCCESS"
    sagemaker.delete_domain(DomainId=domain)


def test_an_alias_leads_to_a_version_of_its_function(api: Api) -> None:
    """They are in most templates of functions, and a permission may name the alias."""
    layer = api.made("AWS::Lambda::LayerVersion", _layer(api))
    function = _function(api, layer)["FunctionName"]
    version = api.made("AWS::Lambda::Version", {"FunctionName": function})
    number = api.read("AWS::Lambda::Version", version)["Version"]
    assert (version.rsplit(":", 2)[1:], number) == ([function, "1"], "1")
    alias = api.made(
        "AWS::Lambda::Alias",
        {"FunctionName": function, "FunctionVersion": number, "Name": "live"},
    )
    client = api.aws.client("lambda")
    assert client.get_alias(FunctionName=function, Name="live")["AliasArn"] == alias
    client.add_permission(
        FunctionName=function,
        Qualifier="live",
        StatementId="one",
        Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com",
    )
    refused = api.status(api.delete("AWS::Lambda::Version", version))
    assert refused["ErrorCode"] == "ResourceConflict"
    for type_name, identifier in (("Alias", alias), ("Version", version)):
        gone = api.status(api.delete(f"AWS::Lambda::{type_name}", identifier))
        assert gone["OperationStatus"] == "SUCCESS", gone
    versions = client.list_versions_by_function(FunctionName=function)["Versions"]
    assert [one["Version"] for one in versions] == ["$LATEST"]


def test_versions_of_a_layer_are_counted(api: Api) -> None:
    layer = _layer(api)
    first, second = (api.made("AWS::Lambda::LayerVersion", layer) for _ in range(2))
    assert first == "arn:aws:lambda:us-east-1:123456789012:layer:tools:1"
    assert second == "arn:aws:lambda:us-east-1:123456789012:layer:tools:2"


def test_an_identifier_has_the_form_that_its_users_want(api: Api) -> None:
    """A pool only says that its identifier is a text; a client of it wants a certain one."""
    pool = api.made("AWS::Cognito::UserPool", {"UserPoolName": "people"})
    client = api.made("AWS::Cognito::UserPoolClient", {"UserPoolId": pool, "ClientName": "page"})
    assert pool in client
