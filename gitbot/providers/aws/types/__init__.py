"""The registry of native resource types: one line here for each. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from gitbot.providers.aws.native import NativeType
from gitbot.providers.aws.types import (
    ec2_instance,
    ec2_key_pair,
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
        iam_role.ROLE,
        iam_instance_profile.INSTANCE_PROFILE,
    )
}
