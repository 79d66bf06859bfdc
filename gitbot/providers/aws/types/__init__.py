"""The registry of native resource types: one line here for each. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from gitbot.providers.aws.native import NativeType
from gitbot.providers.aws.types import (
    ec2_instance,
    ec2_key_pair,
    ec2_security_group,
    iam,
    s3,
)

NATIVE_TYPES: Mapping[str, NativeType] = {
    native.declaration.name: native
    for native in (
        s3.BUCKET,
        s3.BUCKET_POLICY,
        ec2_security_group.SECURITY_GROUP,
        ec2_instance.INSTANCE,
        ec2_key_pair.KEY_PAIR,
        iam.ROLE,
        iam.INSTANCE_PROFILE,
    )
}
