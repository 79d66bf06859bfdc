"""Make all patches of moto once: one function for each defect, one module for each service.
Shell."""

from __future__ import annotations

import threading
from functools import cache

from gitbot_sandbox.aws import (
    moto_attributes,
    moto_ec2,
    moto_iam,
    moto_interfaces,
    moto_network,
    moto_power,
    moto_s3,
    moto_s3_documents,
    moto_s3_versions,
    moto_secrets,
    moto_tagging,
)

_one_at_a_time = threading.Lock()


def patch_moto() -> None:
    """Make all patches. A second call does nothing. May be called from any thread."""
    with _one_at_a_time:
        _patch_once()


@cache
def _patch_once() -> None:
    moto_ec2.patch()
    moto_iam.patch()
    moto_interfaces.patch()
    moto_attributes.patch()
    moto_network.patch()
    moto_power.patch()
    moto_s3.patch()
    moto_s3_documents.patch()
    moto_s3_versions.patch()
    moto_secrets.patch()
    moto_tagging.patch()
