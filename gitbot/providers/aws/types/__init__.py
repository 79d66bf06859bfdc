"""The registry of native resource types: one line here for each. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from gitbot.providers.aws.native import NativeType
from gitbot.providers.aws.types import ec2_instance, ec2_security_group, s3

NATIVE_TYPES: Mapping[str, NativeType] = {
    native.declaration.name: native
    for native in (
        s3.BUCKET,
        s3.BUCKET_POLICY,
        ec2_security_group.SECURITY_GROUP,
        ec2_instance.INSTANCE,
    )
}
