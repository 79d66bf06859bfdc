"""List every object of the laboratory's types that the local AWS has, past gitbot: what AWS says is the truth."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from gitbot_sandbox.aws import LocalAws
from gitbot_sandbox.aws.cloud_control.door import CLOUD_CONTROL
from gitbot_sandbox.aws.server import ACCOUNT, REGION

Found: TypeAlias = Iterable[str]
GONE = ("terminated", "shutting-down", "deleted", "deleting")
CLOUD_CONTROL_TYPES = (
    "AWS::Athena::WorkGroup",
    "AWS::Athena::NamedQuery",
    "AWS::AppConfig::Application",
    "AWS::ResourceGroups::Group",
    "AWS::SSM::Document",
)


def listed(service: str, operation: str, member: str, own: str = "") -> Callable[[LocalAws], Found]:
    """Lists by one call: ``own`` is the member that names an object, or several joined by ``|``."""

    def found(aws: LocalAws) -> Found:
        # Whatever a page holds: a laboratory is small.
        answer = getattr(aws.client(service), operation)()
        for one in answer.get(member, ()):
            if isinstance(one, str):
                yield one
            elif one.get("State") not in GONE:
                yield "|".join(one[name] for name in own.split("|"))

    return found


def _instances(aws: LocalAws) -> Iterable[Mapping[str, Any]]:
    for reservation in aws.client("ec2").describe_instances()["Reservations"]:
        yield from (one for one in reservation["Instances"] if one["State"]["Name"] not in GONE)


def _route_tables(aws: LocalAws) -> Iterable[Mapping[str, Any]]:
    return aws.client("ec2").describe_route_tables()["RouteTables"]


def _own_tables(aws: LocalAws) -> Found:
    """The route tables that no network was made with."""
    for one in _route_tables(aws):
        if not any(each["Main"] for each in one["Associations"]):
            yield one["RouteTableId"]


def _groups(aws: LocalAws) -> Found:
    for one in aws.client("ec2").describe_security_groups()["SecurityGroups"]:
        if one["GroupName"] != "default":
            yield one["GroupId"]


def _gateways(aws: LocalAws) -> Found:
    for one in aws.client("ec2").describe_internet_gateways()["InternetGateways"]:
        yield from (f"IGW|{each['VpcId']}" for each in one["Attachments"])


def _routes(aws: LocalAws) -> Found:
    for table in _route_tables(aws):
        for route in table["Routes"]:
            if route.get("GatewayId") != "local":
                yield f"{table['RouteTableId']}|{route['DestinationCidrBlock']}"


def _associations(aws: LocalAws) -> Found:
    for table in _route_tables(aws):
        for one in table["Associations"]:
            if not one["Main"]:
                yield one["RouteTableAssociationId"]


def _ingress(aws: LocalAws) -> Found:
    for rule in aws.client("ec2").describe_security_group_rules()["SecurityGroupRules"]:
        if not rule["IsEgress"] and rule.get("CidrIpv4"):
            yield rule["SecurityGroupRuleId"]


def _disks(aws: LocalAws) -> Found:
    """The volumes that no machine was launched with."""
    roots = {
        disk["Ebs"]["VolumeId"]
        for one in _instances(aws)
        for disk in one["BlockDeviceMappings"]
        if disk["DeviceName"] == one["RootDeviceName"]
    }
    for one in aws.client("ec2").describe_volumes()["Volumes"]:
        if one["VolumeId"] not in roots:
            yield one["VolumeId"]


def _attachments(aws: LocalAws) -> Found:
    mine = {*_disks(aws)}
    for one in aws.client("ec2").describe_volumes()["Volumes"]:
        if one["VolumeId"] in mine:
            yield from (f"{one['VolumeId']}|{each['InstanceId']}" for each in one["Attachments"])


def _bucket_policies(aws: LocalAws) -> Found:
    s3 = aws.client("s3")
    for bucket in s3.list_buckets()["Buckets"]:
        try:
            s3.get_bucket_policy(Bucket=bucket["Name"])
        except s3.exceptions.ClientError:
            continue
        yield bucket["Name"]


def _mount_targets(aws: LocalAws) -> Found:
    efs = aws.client("efs")
    for files in efs.describe_file_systems()["FileSystems"]:
        for one in efs.describe_mount_targets(FileSystemId=files["FileSystemId"])["MountTargets"]:
            yield one["MountTargetId"]


def _keys(aws: LocalAws) -> Found:
    """The keys that are not about to be deleted, without AWS's own."""
    kms = aws.client("kms")
    for one in kms.list_keys()["Keys"]:
        key = kms.describe_key(KeyId=one["KeyId"])["KeyMetadata"]
        if key["KeyState"] == "Enabled" and key["KeyManager"] == "CUSTOMER":
            yield key["KeyId"]


def _aliases(aws: LocalAws) -> Found:
    for one in aws.client("kms").list_aliases()["Aliases"]:
        if not one["AliasName"].startswith("alias/aws/"):
            yield one["AliasName"]


def _clusters(aws: LocalAws) -> Found:
    ecs = aws.client("ecs")
    told = ecs.describe_clusters(clusters=ecs.list_clusters()["clusterArns"])["clusters"]
    return (one["clusterName"] for one in told if one["status"] == "ACTIVE")


LISTERS: Mapping[str, Callable[[LocalAws], Found]] = {
    "AWS::EC2::VPC": listed("ec2", "describe_vpcs", "Vpcs", "VpcId"),
    "AWS::EC2::Subnet": listed("ec2", "describe_subnets", "Subnets", "SubnetId"),
    "AWS::EC2::InternetGateway": listed(
        "ec2", "describe_internet_gateways", "InternetGateways", "InternetGatewayId"
    ),
    "AWS::EC2::VPCGatewayAttachment": _gateways,
    "AWS::EC2::RouteTable": _own_tables,
    "AWS::EC2::Route": _routes,
    "AWS::EC2::SubnetRouteTableAssociation": _associations,
    "AWS::EC2::SecurityGroup": _groups,
    "AWS::EC2::SecurityGroupIngress": _ingress,
    "AWS::EC2::EIP": listed("ec2", "describe_addresses", "Addresses", "PublicIp|AllocationId"),
    "AWS::EC2::NatGateway": listed("ec2", "describe_nat_gateways", "NatGateways", "NatGatewayId"),
    "AWS::IAM::Role": listed("iam", "list_roles", "Roles", "RoleName"),
    "AWS::IAM::InstanceProfile": listed(
        "iam", "list_instance_profiles", "InstanceProfiles", "InstanceProfileName"
    ),
    "AWS::EC2::KeyPair": listed("ec2", "describe_key_pairs", "KeyPairs", "KeyName"),
    "AWS::EC2::Instance": lambda aws: (one["InstanceId"] for one in _instances(aws)),
    "AWS::EC2::Volume": _disks,
    "AWS::EC2::VolumeAttachment": _attachments,
    "AWS::S3::Bucket": listed("s3", "list_buckets", "Buckets", "Name"),
    "AWS::S3::BucketPolicy": _bucket_policies,
    "AWS::DynamoDB::Table": listed("dynamodb", "list_tables", "TableNames"),
    "AWS::ECR::Repository": listed(
        "ecr", "describe_repositories", "repositories", "repositoryName"
    ),
    "AWS::EFS::FileSystem": listed("efs", "describe_file_systems", "FileSystems", "FileSystemId"),
    "AWS::EFS::MountTarget": _mount_targets,
    "AWS::SecretsManager::Secret": listed("secretsmanager", "list_secrets", "SecretList", "ARN"),
    "AWS::SSM::Parameter": listed("ssm", "describe_parameters", "Parameters", "Name"),
    "AWS::KMS::Key": _keys,
    "AWS::KMS::Alias": _aliases,
    "AWS::SNS::Topic": listed("sns", "list_topics", "Topics", "TopicArn"),
    "AWS::SQS::Queue": listed("sqs", "list_queues", "QueueUrls"),
    "AWS::SNS::Subscription": listed(
        "sns", "list_subscriptions", "Subscriptions", "SubscriptionArn"
    ),
    "AWS::Logs::LogGroup": listed("logs", "describe_log_groups", "logGroups", "logGroupName"),
    "AWS::CloudWatch::Alarm": listed("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
    "AWS::Events::Rule": listed("events", "list_rules", "Rules", "Arn"),
    "AWS::Lambda::Function": listed("lambda", "list_functions", "Functions", "FunctionName"),
    "AWS::ECS::Cluster": _clusters,
    "AWS::SageMaker::Model": listed("sagemaker", "list_models", "Models", "ModelArn"),
    "AWS::SageMaker::EndpointConfig": listed(
        "sagemaker", "list_endpoint_configs", "EndpointConfigs", "EndpointConfigArn"
    ),
    "AWS::SageMaker::Endpoint": listed("sagemaker", "list_endpoints", "Endpoints", "EndpointArn"),
}


def everything(aws: LocalAws) -> dict[tuple[str, str], str]:
    """The power of each object by its type and identifier: that of a machine, else empty."""
    power = {one["InstanceId"]: one["State"]["Name"] for one in _instances(aws)}
    region = CLOUD_CONTROL.region(ACCOUNT, REGION)
    served = {name: region.of_type(name) for name in CLOUD_CONTROL_TYPES}
    found = {name: lister(aws) for name, lister in LISTERS.items()} | served
    return {(name, own): power.get(own, "") for name, owns in found.items() for own in owns}
