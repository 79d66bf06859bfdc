"""List objects that belong to what has a tag, and tagged ones that AWS's index of tags does not name. Shell.

https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/supported-services.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from gitbot.errors import CloudError
from gitbot.providers.aws.refusals import DENIALS
from gitbot.providers.aws.tagging import tag_map
from gitbot.providers.aws.types.apigatewayv2.family import SEPARATOR, parts_of
from gitbot.providers.aws.types.lambda_.permission import statements
from gitbot.providers.aws.types.route53.family import record_id, records, zone_id

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

Named: TypeAlias = tuple[str, str]
"""The type of an object, and its identifier."""


def tagged_apart(aws: Connection, key: str, value: str | None) -> Iterator[Named]:
    """The objects of IAM, budgets, Auto Scaling groups, hosted zones, key pairs and single rules with this tag;
    ``value`` None: whatever its value.

    Raises:
        CloudError: the role may not list them.
    """
    apart = map(_allowed, (_policies(aws), _budgets(aws), _zones(aws)))
    for named, told in chain(_of_iam(aws), *apart):
        tags = tag_map(told)
        if key in tags and value in (None, tags[key]):
            yield named
    by_key = {"Name": "tag-key", "Values": [key]}
    filters = [by_key if value is None else {"Name": f"tag:{key}", "Values": [value]}]
    for named, _ in _allowed(_groups(aws, filters)):
        yield named
    for pair in aws.call("ec2", "describe_key_pairs", Filters=filters)["KeyPairs"]:
        yield "AWS::EC2::KeyPair", pair["KeyName"]
    rules = "describe_security_group_rules"
    for rule in aws.pages("ec2", rules, "SecurityGroupRules", Filters=filters):
        way = "Egress" if rule["IsEgress"] else "Ingress"
        yield f"AWS::EC2::SecurityGroup{way}", rule["SecurityGroupRuleId"]


def _of_iam(aws: Connection) -> Iterator[tuple[Named, Any]]:
    """Roles and users with their tags."""
    details = "get_account_authorization_details"
    for kind in ("Role", "User"):
        for one in aws.pages("iam", details, f"{kind}DetailList", Filter=[kind]):
            yield (f"AWS::IAM::{kind}", one[f"{kind}Name"]), one.get("Tags")


def _allowed(found: Iterator[tuple[Named, Any]]) -> Iterator[tuple[Named, Any]]:
    """What is found, and nothing where the role may not list: then gitbot has made none of these."""
    try:
        yield from found
    except CloudError as error:
        if error.code not in DENIALS:
            raise


def _groups(aws: Connection, filters: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Named, Any]]:
    """The Auto Scaling groups that pass the filters."""
    call, key = "describe_auto_scaling_groups", "AutoScalingGroups"
    for one in aws.pages("autoscaling", call, key, Filters=list(filters)):
        yield ("AWS::AutoScaling::AutoScalingGroup", one["AutoScalingGroupName"]), one.get("Tags")


def _budgets(aws: Connection) -> Iterator[tuple[Named, Any]]:
    """Budgets, whose tags cost a call each."""
    for one in aws.pages("budgets", "describe_budgets", "Budgets", AccountId=aws.account):
        name = one["BudgetName"]
        arn = f"arn:{aws.partition}:budgets::{aws.account}:budget/{name}"
        answer = aws.call("budgets", "list_tags_for_resource", ResourceARN=arn)
        yield ("AWS::Budgets::Budget", name), answer["ResourceTags"]


def _zones(aws: Connection) -> Iterator[tuple[Named, Any]]:
    """Hosted zones, whose tags come in tens: AWS's index has them in one region alone."""
    zones = [zone_id(one["Id"]) for one in aws.pages("route53", "list_hosted_zones", "HostedZones")]
    for at in range(0, len(zones), 10):
        named: dict[str, Any] = {"ResourceType": "hostedzone", "ResourceIds": zones[at : at + 10]}
        for one in aws.call("route53", "list_tags_for_resources", **named)["ResourceTagSets"]:
            yield ("AWS::Route53::HostedZone", one["ResourceId"]), one["Tags"]


def _policies(aws: Connection) -> Iterator[tuple[Named, Any]]:
    """Managed policies and identity providers, whose tags cost a call each."""
    policies = [one["Arn"] for one in aws.pages("iam", "list_policies", "Policies", Scope="Local")]
    told = aws.each(lambda arn: _tags(aws, "list_policy_tags", PolicyArn=arn), policies)
    yield from (
        (("AWS::IAM::ManagedPolicy", arn), its) for arn, its in zip(policies, told, strict=True)
    )
    for one in aws.call("iam", "list_open_id_connect_providers")["OpenIDConnectProviderList"]:
        arn = one["Arn"]
        its = _tags(aws, "list_open_id_connect_provider_tags", OpenIDConnectProviderArn=arn)
        yield ("AWS::IAM::OIDCProvider", arn), its


def _tags(aws: Connection, call: str, **named: str) -> Any:
    """The tags of an object; none if it has gone since it was listed."""
    try:
        return aws.call("iam", call, **named)["Tags"]
    except CloudError as error:
        if error.code == "NoSuchEntity":
            return ()
        raise


def profiles(aws: Connection) -> Iterator[Named]:
    """Every instance profile: IAM lists them without their tags.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListInstanceProfiles.html

    Raises:
        CloudError: the role may not list them.
    """
    for one in aws.pages("iam", "list_instance_profiles", "InstanceProfiles"):
        yield "AWS::IAM::InstanceProfile", one["InstanceProfileName"]


def belonging_to(aws: Connection, objects: Iterable[Named]) -> Iterator[Named]:
    """What has no tags of its own and belongs to one of the objects: routes and associations of a route table,
    the attachments of a gateway and of a volume, the policy of a bucket (there may be none), the profiles of a role, the
    subscriptions of a topic, the permissions to call a function, the mount targets of a file system, the records of
    a hosted zone, the integrations and routes of an API.

    Raises:
        CloudError: the role may not list them.
    """
    for type_, own in objects:
        if type_ in _OWNERS:
            yield from _OWNERS[type_](aws, own)


def _of_table(aws: Connection, own: str) -> Iterator[Named]:
    for table in aws.call("ec2", "describe_route_tables", RouteTableIds=[own])["RouteTables"]:
        for route in table.get("Routes", ()):
            to = route.get("DestinationCidrBlock") or route.get("DestinationIpv6CidrBlock")
            if to and route.get("Origin") == "CreateRoute":
                yield "AWS::EC2::Route", f"{own}|{to}"
        for one in table.get("Associations", ()):
            if one.get("SubnetId"):
                yield "AWS::EC2::SubnetRouteTableAssociation", one["RouteTableAssociationId"]


def _of_gateway(aws: Connection, own: str) -> Iterator[Named]:
    answer = aws.call("ec2", "describe_internet_gateways", InternetGatewayIds=[own])
    for gateway in answer["InternetGateways"]:
        for one in gateway.get("Attachments", ()):
            yield "AWS::EC2::VPCGatewayAttachment", f"IGW|{one['VpcId']}"


def _of_volume(aws: Connection, own: str) -> Iterator[Named]:
    for volume in aws.call("ec2", "describe_volumes", VolumeIds=[own])["Volumes"]:
        for one in volume.get("Attachments", ()):
            yield "AWS::EC2::VolumeAttachment", f"{own}|{one['InstanceId']}"


def _of_bucket(aws: Connection, own: str) -> Iterator[Named]:
    yield "AWS::S3::BucketPolicy", own


def _of_role(aws: Connection, own: str) -> Iterator[Named]:
    calls = "list_instance_profiles_for_role"
    for profile in aws.pages("iam", calls, "InstanceProfiles", RoleName=own):
        yield "AWS::IAM::InstanceProfile", profile["InstanceProfileName"]


def _of_file_system(aws: Connection, own: str) -> Iterator[Named]:
    for one in aws.pages("efs", "describe_mount_targets", "MountTargets", FileSystemId=own):
        yield "AWS::EFS::MountTarget", one["MountTargetId"]


def _of_function(aws: Connection, own: str) -> Iterator[Named]:
    for one in statements(aws, own):
        yield "AWS::Lambda::Permission", f"{own}|{one['Sid']}"


def _of_api(aws: Connection, own: str) -> Iterator[Named]:
    for kind in ("Integration", "Route"):
        for one in parts_of(aws, f"get_{kind.lower()}s", own):
            yield f"AWS::ApiGatewayV2::{kind}", f"{own}{SEPARATOR}{one[f'{kind}Id']}"


def _of_zone(aws: Connection, own: str) -> Iterator[Named]:
    for one in records(aws, own):
        yield "AWS::Route53::RecordSet", record_id(own, one)


def _of_queue(aws: Connection, own: str) -> Iterator[Named]:
    yield "AWS::SQS::QueuePolicy", own


def _of_topic(aws: Connection, own: str) -> Iterator[Named]:
    yield "AWS::SNS::TopicPolicy", own
    for one in aws.pages("sns", "list_subscriptions_by_topic", "Subscriptions", TopicArn=own):
        if one["SubscriptionArn"].startswith("arn:"):  # somebody has confirmed it
            yield "AWS::SNS::Subscription", one["SubscriptionArn"]


_OWNERS: Final[Mapping[str, Callable[[Connection, str], Iterator[Named]]]] = {
    "AWS::ApiGatewayV2::Api": _of_api,
    "AWS::EC2::InternetGateway": _of_gateway,
    "AWS::EFS::FileSystem": _of_file_system,
    "AWS::EC2::RouteTable": _of_table,
    "AWS::EC2::Volume": _of_volume,
    "AWS::IAM::Role": _of_role,
    "AWS::Lambda::Function": _of_function,
    "AWS::Route53::HostedZone": _of_zone,
    "AWS::S3::Bucket": _of_bucket,
    "AWS::SNS::Topic": _of_topic,
    "AWS::SQS::Queue": _of_queue,
}
