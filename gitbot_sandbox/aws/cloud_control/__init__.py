"""Serve AWS's Cloud Control API for every type of the schema pack that it can provision.

moto has no such API. Its objects are apart from moto's: a bucket that is made here is not in S3,
and one that is made in S3 is not here. https://docs.aws.amazon.com/cloudcontrolapi/
"""

from gitbot_sandbox.aws.cloud_control.door import CLOUD_CONTROL, CloudControlDoor
from gitbot_sandbox.aws.cloud_control.tagged import tagged

__all__ = ["CLOUD_CONTROL", "CloudControlDoor", "tagged"]
