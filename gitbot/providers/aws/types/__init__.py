"""List the native resource types, one line for each. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from gitbot.providers.aws.native import NativeType
from gitbot.providers.aws.types import (
    ec2_instance,
    ec2_key_pair,
    ec2_network,
    ec2_routes,
    ec2_rule,
    ec2_security_group,
    iam_instance_profile,
    iam_role,
    s3,
    s3_bucket_policy,
)

NATIVE_TYPES: Mapping[str, NativeType] = {
    native.declaration.name: native
    for native in (
        s3.BUCKET,
        s3_bucket_policy.BUCKET_POLICY,
        ec2_security_group.SECURITY_GROUP,
        ec2_instance.INSTANCE,
        ec2_key_pair.KEY_PAIR,
        ec2_network.VPC,
        ec2_network.SUBNET,
        ec2_network.INTERNET_GATEWAY,
        ec2_network.VPC_GATEWAY_ATTACHMENT,
        ec2_routes.ROUTE_TABLE,
        ec2_routes.ROUTE,
        ec2_routes.SUBNET_ROUTE_TABLE_ASSOCIATION,
        ec2_rule.SECURITY_GROUP_INGRESS,
        ec2_rule.SECURITY_GROUP_EGRESS,
        iam_role.ROLE,
        iam_instance_profile.INSTANCE_PROFILE,
    )
}
