"""Add what moto's instance attributes lack: refusals, monitoring, values that read back. Shell."""

from __future__ import annotations

import base64
from functools import wraps
from typing import Any

import moto.ec2.responses.instances as instance_responses
from moto.core.responses import ActionResult
from moto.core.types import Base64EncodedString
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import EC2Backend
from moto.ec2.models.instance_types import INSTANCE_TYPES
from moto.ec2.models.instances import MetadataOptions
from moto.ec2.responses.monitoring import Monitoring

from gitbot_sandbox.aws.moto_patch import wrap

_NEEDS_STOP = frozenset({"instance_type", "user_data", "kernel", "ramdisk", "ebs_optimized"})


def patch() -> None:
    """Make the patches of this module."""
    wrap(EC2Backend, "modify_instance_attribute", _stopped_for_some_attributes)
    wrap(EC2Backend, "modify_instance_attribute", _ebs_optimised_types)
    wrap(EC2Backend, "modify_instance_attribute", _empty_user_data)
    wrap(EC2Backend, "modify_instance_metadata_options", _partial_metadata_options)
    wrap(EC2Backend, "replace_iam_instance_profile_association", _profile_of_the_instance)
    wrap(Monitoring, "monitor_instances", _monitoring("enabled"))
    wrap(Monitoring, "unmonitor_instances", _monitoring("disabled"))
    wrap(instance_responses, "parse_user_data", _user_data)


def _stopped_for_some_attributes(original: Any) -> Any:
    """Defect: type, user data and the like of a running instance can be changed.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyInstanceAttribute.html
    """

    @wraps(original)
    def modify_instance_attribute(self: Any, instance_id: str, key: str, value: Any) -> Any:
        state = self.get_instance(instance_id).state
        if key in _NEEDS_STOP and state != "stopped":
            raise EC2ClientError(
                "IncorrectInstanceState",
                f"The instance '{instance_id}' is not in the 'stopped' state.",
            )
        return original(self, instance_id, key, value)

    return modify_instance_attribute


def _ebs_optimised_types(original: Any) -> Any:
    """Defect: an EBS-optimized instance takes a type that cannot be EBS-optimized.

    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ebs-optimized.html
    """

    @wraps(original)
    def modify_instance_attribute(self: Any, instance_id: str, key: str, value: Any) -> Any:
        instance = self.get_instance(instance_id)
        type_ = value if key == "instance_type" else instance.instance_type
        on = value if key == "ebs_optimized" else instance.ebs_optimized
        support = INSTANCE_TYPES.get(type_, {}).get("EbsInfo", {}).get("EbsOptimizedSupport")
        if str(on).lower() == "true" and support == "unsupported":
            raise EC2ClientError(
                "Unsupported",
                "EBS-optimized instances are not supported for your requested configuration. "
                "Please check the documentation for supported configurations.",
            )
        return original(self, instance_id, key, value)

    return modify_instance_attribute


def _empty_user_data(original: Any) -> Any:
    """Defect: emptied user data reads back as the text ``b''`` instead of as absent."""

    @wraps(original)
    def modify_instance_attribute(self: Any, instance_id: str, key: str, value: Any) -> Any:
        kept = None if key == "user_data" and not value else value
        return original(self, instance_id, key, kept)

    return modify_instance_attribute


def _monitoring(state: str) -> Any:
    """Defect: moto has no MonitorInstances and UnmonitorInstances.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_MonitorInstances.html
    """

    def make(original: Any) -> Any:
        @wraps(original)
        def set_monitoring(self: Any) -> ActionResult:
            self.error_on_dryrun()
            # Look all up before the first is changed: one unknown instance refuses the whole call.
            asked = [self.ec2_backend.get_instance(id_) for id_ in self._get_param("InstanceIds")]
            for instance in asked:
                instance.monitoring_state = state
            done = [{"InstanceId": one.id, "Monitoring": {"State": state}} for one in asked]
            return ActionResult({"InstanceMonitorings": done})

        return set_monitoring

    return make


def _profile_of_the_instance(original: Any) -> Any:
    """Defect: an instance still shows its former profile after one was put in its place."""

    @wraps(original)
    def replace_iam_instance_profile_association(self: Any, *args: Any, **named: Any) -> Any:
        association = original(self, *args, **named)
        profile = {"Arn": association.iam_instance_profile.arn, "Id": association.association_id}
        association.instance.iam_instance_profile = profile
        return association

    return replace_iam_instance_profile_association


def _partial_metadata_options(original: Any) -> Any:
    """Defect: a partial update resets the options that it leaves out, the hop limit to 1."""

    @wraps(original)
    def modify_instance_metadata_options(self: Any, instance_id: str, **asked: Any) -> Any:
        instance = self.get_instance(instance_id)
        before = instance.metadata_options
        merged = {
            "HttpTokens": asked.get("http_tokens") or before.http_tokens,
            "HttpPutResponseHopLimit": asked.get("hop_limit") or before.http_put_response_hop_limit,
            "HttpEndpoint": asked.get("http_endpoint") or before.http_endpoint,
            "HttpProtocolIpv6": asked.get("http_protocol") or before.http_protocol_ipv6,
            "InstanceMetadataTags": asked.get("metadata_tags") or before.instance_metadata_tags,
        }
        instance.metadata_options = MetadataOptions(merged)
        return instance.metadata_options

    return modify_instance_metadata_options


def _user_data(original: Any) -> Any:
    """Defect: ModifyInstanceAttribute decodes user data once too often.

    The request's blob arrives as raw bytes, and moto takes those bytes for base64.
    """

    @wraps(original)
    def parse_user_data(value: Any) -> Any:
        if isinstance(value, bytes):
            return Base64EncodedString(base64.b64encode(value).decode())
        return original(value)

    return parse_user_data
