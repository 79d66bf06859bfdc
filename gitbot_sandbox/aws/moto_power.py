"""Add what moto's EC2 lacks when machines stop: spot requests, and disks of the host. Shell."""

from __future__ import annotations

from functools import wraps
from typing import Any

from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import EC2Backend
from moto.ec2.models.spot_requests import SpotRequestBackend
from moto.ec2.responses.instances import InstanceResponse

from gitbot_sandbox.aws.moto_patch import wrap


def patch() -> None:
    """Make the patches of this module."""
    wrap(EC2Backend, "stop_instances", _that_can_stop)
    wrap(EC2Backend, "terminate_instances", _replaced_by_its_request)
    wrap(InstanceResponse, "run_instances", _spot_request)
    wrap(SpotRequestBackend, "cancel_spot_instance_requests", _cancelled)


def _that_can_stop(original: Any) -> Any:
    """Defects: spot instances of one-time requests stop, and so do those without a root volume.

    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Stop_Start.html
    """

    @wraps(original)
    def stop_instances(self: Any, instance_ids: list[str]) -> Any:
        for instance in self.get_multi_instances_by_id(instance_ids):
            if instance.lifecycle == "spot" and _request(self, instance) != "persistent":
                raise EC2ClientError(
                    "UnsupportedOperation",
                    f"You can't stop the Spot Instance '{instance.id}' because it is associated "
                    "with a one-time Spot Instance request. You can only stop Spot Instances "
                    "associated with persistent Spot Instance requests.",
                )
            if instance.root_device_type == "instance-store":
                raise EC2ClientError(
                    "UnsupportedOperation",
                    f"The instance '{instance.id}' does not have an 'ebs' root device type and "
                    "cannot be stopped.",
                )
        return original(self, instance_ids)

    return stop_instances


def _spot_request(original: Any) -> Any:
    """Defect: a launch on the spot market makes no request, which would outlive the instance."""

    @wraps(original)
    def run_instances(self: Any) -> Any:
        answer = original(self)
        options = self._get_param("InstanceMarketOptions") or {}
        for instance in answer.result.instances if options else ():
            kind = (options.get("SpotOptions") or {}).get("SpotInstanceType", "one-time")
            instance.spot_instance_request_id = f"sir-{instance.id[2:10]}"
            _requests(self.ec2_backend)[instance.spot_instance_request_id] = kind
        return answer

    return run_instances


def _cancelled(original: Any) -> Any:
    """Defect: the requests that launches have made cannot be cancelled."""

    @wraps(original)
    def cancel_spot_instance_requests(self: Any, request_ids: list[str]) -> Any:
        ours = [one for one in request_ids if one in _requests(self)]
        for one in ours:
            _requests(self)[one] = "cancelled"
        return original(self, [one for one in request_ids if one not in ours])

    return cancel_spot_instance_requests


def _replaced_by_its_request(original: Any) -> Any:
    """Defect: a persistent request that is still open does not launch another instance.

    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-request-status.html
    """

    @wraps(original)
    def terminate_instances(self: Any, instance_ids: list[str]) -> Any:
        again = [
            instance
            for instance in self.get_multi_instances_by_id(instance_ids)
            if _request(self, instance) == "persistent"
        ]
        answer = original(self, instance_ids)
        for instance in again:
            made = self.run_instances(
                instance.image_id,
                1,
                None,
                [],
                instance_type=instance.instance_type,
                is_instance_type_default=False,
                placement=instance.placement.zone,
                region_name=self.region_name,
                tags={"instance": {}, "volume": {}},
            ).instances[0]
            made.lifecycle = "spot"
            made.spot_instance_request_id = instance.spot_instance_request_id
        return answer

    return terminate_instances


def _requests(backend: Any) -> dict[str, str]:
    """The kind of each spot request by its id: one-time, persistent or cancelled."""
    if not hasattr(backend, "requests_of_launches"):
        backend.requests_of_launches = {}
    known: dict[str, str] = backend.requests_of_launches
    return known


def _request(backend: Any, instance: Any) -> str:
    return _requests(backend).get(getattr(instance, "spot_instance_request_id", ""), "")
