"""Give moto quotas that count: Service Quotas tells them, and EC2 refuses what is beyond. Shell.

The local account may have a lot of everything, unless ``QUOTAS`` says otherwise.
https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_GetServiceQuota.html
"""

from __future__ import annotations

import json
from functools import wraps
from typing import Any, Final

from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import EC2Backend
from moto.ec2.models.instance_types import INSTANCE_TYPES
from moto.ec2.responses.instances import InstanceResponse
from moto.moto_api._internal.models import MotoAPIBackend
from moto.servicequotas.exceptions import NoSuchResource
from moto.servicequotas.responses import ServiceQuotasResponse

from gitbot.providers.aws.foretelling.machine_quotas import quota_of
from gitbot_sandbox.aws.moto_patch import wrap

A_LOT: Final = 100_000.0
QUOTAS: Final[dict[tuple[str, str], float]] = {}
"""By region and code: what the account may have."""
_COUNTED: Final = {
    "create_vpc": ("L-F678F1CE", "VpcLimitExceeded", "VPCs"),
    "create_internet_gateway": (
        "L-A4707A72",
        "InternetGatewayLimitExceeded",
        "internet gateways",
    ),
    "allocate_address": ("L-0263D0A3", "AddressLimitExceeded", "addresses"),
}
_SERVICES: Final = ("ec2", "vpc")


def patch() -> None:
    """Make the patches of this module."""
    wrap(ServiceQuotasResponse, "get_service_quota", _applied)
    responses: Any = ServiceQuotasResponse
    responses.get_aws_default_service_quota = _applied(None)
    for name in _COUNTED:
        wrap(EC2Backend, name, _within)
    wrap(InstanceResponse, "run_instances", _few_enough)
    wrap(MotoAPIBackend, "reset", _forgets)


def _forgets(original: Any) -> Any:
    """What was said of quotas goes with the cloud, and before the default VPC is made, which counts."""

    @wraps(original)
    def reset(self: Any, *args: Any, **named: Any) -> Any:
        QUOTAS.clear()
        return original(self, *args, **named)

    return reset


def _applied(original: Any) -> Any:
    """Defects: EC2 has no quotas, and AWS's defaults of one cannot be asked for."""

    def get_service_quota(self: Any) -> str:
        asked = json.loads(self.body)
        service, code = str(asked["ServiceCode"]), str(asked["QuotaCode"])
        if service not in _SERVICES:
            raise NoSuchResource
        value = QUOTAS.get((self.region, code), A_LOT)
        quota = {"ServiceCode": service, "QuotaCode": code, "Value": value, "Adjustable": True}
        return json.dumps({"Quota": quota})

    return get_service_quota


def _within(original: Any) -> Any:
    """Defect: EC2 makes any number of VPCs, gateways and addresses."""
    code, error, noun = _COUNTED[original.__name__]

    @wraps(original)
    def make(self: Any, *args: Any, **named: Any) -> Any:
        limit = QUOTAS.get((self.region_name, code))
        there = {
            "create_vpc": self.vpcs,
            "create_internet_gateway": self.internet_gateways,
            "allocate_address": self.addresses,
        }
        if limit is not None and len(there[original.__name__]) >= limit:
            raise EC2ClientError(error, f"The maximum number of {noun} has been reached.")
        return original(self, *args, **named)

    return make


def _few_enough(original: Any) -> Any:
    """Defect: EC2 runs any number of machines.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
    """

    @wraps(original)
    def run_instances(self: Any) -> Any:
        type_ = self._get_param("InstanceType") or "m1.small"
        spot = self._get_param("InstanceMarketOptions.MarketType") == "spot"
        quota = quota_of(type_, spot=spot)
        limit = None if quota is None else QUOTAS.get((self.region, quota.code))
        if limit is not None:
            running = (
                one.instance_type
                for one in self.ec2_backend.all_instances()
                if one.state in ("pending", "running")
                and quota_of(one.instance_type, spot=one.lifecycle == "spot") == quota
            )
            if sum(map(_vcpus, running)) + _vcpus(type_) > limit:
                raise _refusal(limit, spot=spot)
        return original(self)

    return run_instances


def _vcpus(type_: str) -> int:
    return int(INSTANCE_TYPES[type_]["VCpuInfo"]["DefaultVCpus"]) if type_ in INSTANCE_TYPES else 0


def _refusal(limit: float, *, spot: bool) -> EC2ClientError:
    if spot:
        return EC2ClientError("MaxSpotInstanceCountExceeded", "Max spot instance count exceeded")
    return EC2ClientError(
        "VcpuLimitExceeded",
        f"You have requested more vCPU capacity than your current vCPU limit of {limit:g} allows for the "
        "instance bucket that the specified instance type belongs to.",
    )
