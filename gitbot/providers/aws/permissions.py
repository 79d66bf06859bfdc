"""Says which rights the roles of an environment need, as IAM policies. Pure.

Names of actions: https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from gitbot.model.cloud import Purpose
from gitbot.model.lookups import LookupRule
from gitbot.model.secret_references import SecretStore, pattern_parts
from gitbot.providers.aws.lookup_table import PARAMETER

VERSION: Final = "2012-10-17"

READS: Final[Mapping[str, tuple[str, ...]]] = {
    "ec2": ("ec2:Describe*",),
    "iam": (
        "iam:GetAccountAuthorizationDetails",
        "iam:GetInstanceProfile",
        "iam:GetRole",
        "iam:GetRolePolicy",
        "iam:ListAttachedRolePolicies",
        "iam:ListInstanceProfiles",
        "iam:ListInstanceProfilesForRole",
        "iam:ListRolePolicies",
        "iam:ListRoles",
    ),
    "s3": (
        "s3:GetAccelerateConfiguration",
        "s3:GetBucket*",
        "s3:GetEncryptionConfiguration",
        "s3:GetIntelligentTieringConfiguration",
        "s3:GetLifecycleConfiguration",
        "s3:GetReplicationConfiguration",
        "s3:ListAllMyBuckets",
        "s3:ListBucket",
        "s3:ListBucketMultipartUploads",
        "s3:ListBucketVersions",
    ),
}
"""What a plan asks, by service. None of it reads an object in a bucket, or changes anything."""

TRAIL: Final = ("cloudtrail:LookupEvents", "tag:GetResources")
"""What scans for drift ask: the causes, and the objects with gitbot's tags. The rights have no
resources and no condition of their own:
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudtrail.html"""

MEASURES: Final = ("cloudwatch:GetMetricData",)
"""What it takes to ask by a metric whether machines work (``busy``)."""

COMMANDS: Final = ("ssm:GetCommandInvocation", "ssm:SendCommand")
"""What it takes to run a command on machines before they are stopped (``preStop``)."""

PARAMETERS: Final = ("ssm:GetParameter",)
"""What it takes to look parameters up."""

_EC2_TAGS = ("ec2:CreateTags", "ec2:DeleteTags")
_EGRESS = (
    "ec2:AuthorizeSecurityGroupEgress",
    "ec2:RevokeSecurityGroupEgress",
    "ec2:UpdateSecurityGroupRuleDescriptionsEgress",
    *_EC2_TAGS,
)
_INGRESS = (
    "ec2:AuthorizeSecurityGroupIngress",
    "ec2:RevokeSecurityGroupIngress",
    "ec2:UpdateSecurityGroupRuleDescriptionsIngress",
    *_EC2_TAGS,
)

WRITES: Final[Mapping[str, tuple[str, ...]]] = {
    "AWS::EC2::Instance": (
        "ec2:AssociateIamInstanceProfile",
        "ec2:CancelSpotInstanceRequests",
        "ec2:DisassociateIamInstanceProfile",
        "ec2:ModifyInstanceAttribute",
        "ec2:ModifyInstanceMetadataOptions",
        "ec2:ModifyVolume",
        "ec2:MonitorInstances",
        "ec2:ReplaceIamInstanceProfileAssociation",
        "ec2:RunInstances",
        "ec2:StartInstances",
        "ec2:StopInstances",
        "ec2:TerminateInstances",
        "ec2:UnmonitorInstances",
        *_EC2_TAGS,
    ),
    "AWS::EC2::InternetGateway": (
        "ec2:CreateInternetGateway",
        "ec2:DeleteInternetGateway",
        *_EC2_TAGS,
    ),
    "AWS::EC2::KeyPair": ("ec2:DeleteKeyPair", "ec2:ImportKeyPair", *_EC2_TAGS),
    "AWS::EC2::Route": ("ec2:CreateRoute", "ec2:DeleteRoute", "ec2:ReplaceRoute"),
    "AWS::EC2::RouteTable": ("ec2:CreateRouteTable", "ec2:DeleteRouteTable", *_EC2_TAGS),
    "AWS::EC2::SecurityGroup": (
        "ec2:CreateSecurityGroup",
        "ec2:DeleteSecurityGroup",
        *_INGRESS,
        *_EGRESS,
    ),
    "AWS::EC2::SecurityGroupEgress": _EGRESS,
    "AWS::EC2::SecurityGroupIngress": _INGRESS,
    "AWS::EC2::Subnet": (
        "ec2:CreateSubnet",
        "ec2:DeleteSubnet",
        "ec2:ModifySubnetAttribute",
        *_EC2_TAGS,
    ),
    "AWS::EC2::SubnetRouteTableAssociation": (
        "ec2:AssociateRouteTable",
        "ec2:DisassociateRouteTable",
    ),
    "AWS::EC2::VPC": ("ec2:CreateVpc", "ec2:DeleteVpc", "ec2:ModifyVpcAttribute", *_EC2_TAGS),
    "AWS::EC2::VPCGatewayAttachment": (
        "ec2:AttachInternetGateway",
        "ec2:DetachInternetGateway",
    ),
    "AWS::IAM::InstanceProfile": (
        "iam:AddRoleToInstanceProfile",
        "iam:CreateInstanceProfile",
        "iam:DeleteInstanceProfile",
        "iam:RemoveRoleFromInstanceProfile",
        "iam:TagInstanceProfile",
        "iam:UntagInstanceProfile",
    ),
    "AWS::IAM::Role": (
        "iam:AttachRolePolicy",
        "iam:CreateRole",
        "iam:DeleteRole",
        "iam:DeleteRolePermissionsBoundary",
        "iam:DeleteRolePolicy",
        "iam:DetachRolePolicy",
        "iam:PutRolePermissionsBoundary",
        "iam:PutRolePolicy",
        "iam:TagRole",
        "iam:UntagRole",
        "iam:UpdateAssumeRolePolicy",
        "iam:UpdateRole",
    ),
    "AWS::S3::Bucket": (
        "s3:AbortMultipartUpload",
        "s3:CreateBucket",
        "s3:DeleteBucket",
        "s3:DeleteObject",
        "s3:DeleteObjectVersion",
        "s3:PutAccelerateConfiguration",
        "s3:PutBucketAcl",
        "s3:PutBucketCORS",
        "s3:PutBucketLogging",
        "s3:PutBucketNotification",
        "s3:PutBucketObjectLockConfiguration",
        "s3:PutBucketOwnershipControls",
        "s3:PutBucketPublicAccessBlock",
        "s3:PutBucketTagging",
        "s3:PutBucketVersioning",
        "s3:PutBucketWebsite",
        "s3:DeleteBucketWebsite",
        "s3:PutEncryptionConfiguration",
        "s3:PutIntelligentTieringConfiguration",
        "s3:PutLifecycleConfiguration",
        "s3:PutReplicationConfiguration",
        "s3:TagResource",
        "s3:UntagResource",
    ),
    "AWS::S3::BucketPolicy": ("s3:DeleteBucketPolicy", "s3:PutBucketPolicy"),
}
"""What an apply changes, by type of resource."""

PASSED_TO: Final[Mapping[str, str]] = {
    "AWS::EC2::Instance": "ec2.amazonaws.com",
    "AWS::IAM::InstanceProfile": "ec2.amazonaws.com",
    "AWS::S3::Bucket": "s3.amazonaws.com",
}
"""The types that give a role to a service, and which: machines have one, and replication of a bucket.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html"""

_PARTITIONS: Final[Mapping[str, str]] = {"cn": "aws-cn"}
_NAMES: Final[Mapping[SecretStore, str]] = {
    SecretStore.SSM: "Parameters",
    SecretStore.MANAGER: "Secrets",
}
_VERSIONS: Final[Mapping[SecretStore, tuple[str, ...]]] = {
    SecretStore.SSM: (),
    SecretStore.MANAGER: ("secretsmanager:DescribeSecret",),
}
_VALUES: Final[Mapping[SecretStore, tuple[str, ...]]] = {
    SecretStore.SSM: ("ssm:GetParameter",),
    SecretStore.MANAGER: ("secretsmanager:GetSecretValue",),
}


def policy(
    types: Iterable[str],
    purpose: Purpose,
    *,
    region: str,
    elsewhere: Collection[str] = (),
    measures: bool = False,
    commands: bool = False,
    secrets: Collection[str] = (),
    lookups: Collection[LookupRule] = (),
) -> dict[str, Any]:
    """The policy of the role that plans, or of the one that applies, for these types.

    Calls of EC2 are allowed in ``region`` and ``elsewhere`` alone; S3 and IAM have names that hold everywhere. A role
    may be passed only to the services that the types give one to. ``measures``: a stack says by a
    metric whether its machines are busy. ``commands``: a stack has a ``preStop``. ``secrets`` are the
    patterns of the secrets that specs may name, ``lookups`` what they may look up.
    """
    wanted = sorted(set(types))
    services = {type_.split("::")[1].lower() for type_ in wanted}
    services |= {one.type.split("::")[1].lower() for one in lookups} & READS.keys()
    applies = purpose is Purpose.APPLY
    reads = {one for service in services for one in READS[service]} | (
        set() if applies else set(TRAIL)
    )
    reads |= set(MEASURES) if measures else set()
    writes = {one for type_ in wanted for one in WRITES[type_]} if applies else set()
    writes |= set(COMMANDS) if commands and applies else set()
    services_with_role = {PASSED_TO[type_] for type_ in wanted if applies and type_ in PASSED_TO}
    regions = sorted({region, *elsewhere})
    statements = [
        *_statements("Read", reads, regions),
        *_statements("Change", writes, regions),
        *([_pass_role(services_with_role)] if services_with_role else []),
        *_looked_up(lookups, regions),
        *_secrets(secrets, regions, applies=applies),
    ]
    return {"Version": VERSION, "Statement": statements}


def trust(principal: str) -> dict[str, Any]:
    """The trust policy of both roles: ``principal`` (an ARN), as which gitbot runs, may take them."""
    return {
        "Version": VERSION,
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
        ],
    }


def _statements(
    name: str, actions: Collection[str], regions: Sequence[str]
) -> Iterator[dict[str, Any]]:
    regional = {one for one in actions if one.startswith("ec2:")}
    if regional:
        here = regions[0] if len(regions) == 1 else list(regions)
        only_here = {"StringEquals": {"aws:RequestedRegion": here}}
        yield {**_allow(f"{name}Here", regional), "Condition": only_here}
    if rest := set(actions) - regional:
        yield _allow(f"{name}Everywhere", rest)


def _allow(name: str, actions: Collection[str]) -> dict[str, Any]:
    return {
        "Sid": f"GitbotMay{name}",
        "Effect": "Allow",
        "Action": sorted(actions),
        "Resource": "*",
    }


def _looked_up(rules: Collection[LookupRule], regions: Sequence[str]) -> Iterator[dict[str, Any]]:
    """What looks parameters up. Without a right on their keys, nothing encrypted can be read."""
    names = {name for one in rules if one.type == PARAMETER for name in one.identifiers}
    if names:
        arns = {_secret_arn(SecretStore.SSM, name, region) for name in names for region in regions}
        yield {**_allow("LookParametersUp", PARAMETERS), "Resource": sorted(arns)}


def _secrets(
    patterns: Collection[str], regions: Sequence[str], *, applies: bool
) -> Iterator[dict[str, Any]]:
    """What asks for the versions of secrets, and for the role that applies what opens them.

    DescribeParameters cannot be limited to some parameters; it tells names and no values. Where a
    label points, and the version of another account's parameter, only GetParameter tells.
    https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html
    """
    named: dict[SecretStore, set[str]] = {}
    closed: set[str] = set()
    for pattern in patterns:
        store, name, version = pattern_parts(pattern)
        arns = {_secret_arn(store, name, region) for region in regions}
        named.setdefault(store, set()).update(arns)
        labelled = bool(version) and not version.isdigit()
        if store is SecretStore.SSM and (labelled or name.startswith("arn:")):
            closed |= arns
    if SecretStore.SSM in named:
        yield _allow("SeeVersionsOfParameters", ["ssm:DescribeParameters"])
    if closed and not applies:
        seen = {**_allow("SeeLabelsOfParameters", ["ssm:GetParameter"]), "Resource": sorted(closed)}
        yield seen
    for store, arns in sorted(named.items()):
        actions = [*_VERSIONS[store], *(_VALUES[store] if applies else ())]
        if actions:
            yield {**_allow(f"Use{_NAMES[store]}", actions), "Resource": sorted(arns)}
    if named and applies:
        by = [f"{one}.{region}.amazonaws.com" for one in sorted(named) for region in regions]
        yield {
            **_allow("DecryptSecrets", ["kms:Decrypt"]),
            "Condition": {"StringEquals": {"kms:ViaService": by}},
        }


def _secret_arn(store: SecretStore, name: str, region: str) -> str:
    if name.startswith("arn:"):
        return name
    start = region.partition("-")[0]
    partition = "aws-us-gov" if region.startswith("us-gov-") else _PARTITIONS.get(start, "aws")
    if store is SecretStore.SSM:
        return f"arn:{partition}:ssm:{region}:*:parameter/{name.removeprefix('/')}"
    # Secrets Manager ends the ARN of a secret with a dash and six characters of its own.
    end = "" if name.endswith("*") else "-??????"
    return f"arn:{partition}:secretsmanager:{region}:*:secret:{name}{end}"


def _pass_role(services: Collection[str]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html"""
    return {
        "Sid": "GitbotMayGiveRolesToServices",
        "Effect": "Allow",
        "Action": "iam:PassRole",
        "Resource": "*",
        "Condition": {"StringEquals": {"iam:PassedToService": sorted(services)}},
    }
