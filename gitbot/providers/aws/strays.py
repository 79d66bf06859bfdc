"""List every object of an account and region that carries some tags, such as gitbot's. Shell.

https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
AWS's index of tags costs one call for 100 objects, of whatever types. It can lag, and name what was
deleted: so each object is read once more. It does not have IAM.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from gitbot.model.names import RemoteId
from gitbot.model.observed import Stray
from gitbot.model.tags import STACK_TAG
from gitbot.providers.aws.tagging import found, tag_map

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

_TYPES: Mapping[str, str] = {
    "ec2:instance": "AWS::EC2::Instance",
    "ec2:internet-gateway": "AWS::EC2::InternetGateway",
    "ec2:route-table": "AWS::EC2::RouteTable",
    "ec2:security-group": "AWS::EC2::SecurityGroup",
    "ec2:subnet": "AWS::EC2::Subnet",
    "ec2:vpc": "AWS::EC2::VPC",
    "s3:": "AWS::S3::Bucket",
}
"""The types whose identifier stands in the ARN, by service and kind."""


def strays(aws: Connection) -> Iterator[Stray]:
    """The tagged objects that the index names.

    Raises:
        CloudError: the role may not ask (``tag:GetResources``).
    """
    return tagged(aws, {"Key": STACK_TAG})


def tagged(aws: Connection, *filters: Mapping[str, Any]) -> Iterator[Stray]:
    """The objects that the index names for these ``TagFilters``, as far as their types are known.

    Raises:
        CloudError: the role may not ask (``tag:GetResources``).
    """
    for one in aws.pages(
        "resourcegroupstaggingapi",
        "get_resources",
        "ResourceTagMappingList",
        TagFilters=list(filters),
        ResourcesPerPage=100,
    ):
        stray = _stray(one)
        if stray is not None:
            yield stray


def _stray(one: Mapping[str, Any]) -> Stray | None:
    """The object, if its type is known; ARNs: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html"""
    _, _, service, _, _, rest = str(one["ResourceARN"]).split(":", 5)
    kind, slash, name = rest.partition("/")
    type_ = _TYPES.get(f"{service}:{kind if slash else ''}")
    if type_ is None:
        return None
    remote_id = RemoteId(name if slash else rest)
    return Stray(type=type_, found=found(remote_id, tag_map(one.get("Tags"))))
