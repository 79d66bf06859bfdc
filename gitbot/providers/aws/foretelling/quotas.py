"""Ask Service Quotas how much of something an account may have in a region. Shell.

https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_GetServiceQuota.html
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gitbot.errors import CloudError
from gitbot.providers.aws.foretelling.facts import Facts
from gitbot.providers.aws.types.ec2.common import ignoring

if TYPE_CHECKING:
    from gitbot.providers.aws.connection import Connection

RIGHTS: Final = frozenset(
    {"servicequotas:GetAWSDefaultServiceQuota", "servicequotas:GetServiceQuota"}
)
HIGHER: Final = "Ask AWS for more in Service Quotas, or make room first."


@dataclass(frozen=True, slots=True, order=True)
class Quota:
    """A quota by its code, and what it is a number of."""

    service: str
    code: str
    of: str


def limits(facts: Facts, quotas: Collection[Quota]) -> Mapping[str, float]:
    """The value of each quota by its code, with one call for each; one that has none is missing."""
    by_code = {quota.code: quota for quota in quotas}
    told = facts.each("quota", by_code, lambda aws, code: _value(aws, by_code[code]))
    return {code: value for code, value in told.items() if value is not None}


def _value(aws: Connection, quota: Quota) -> float | None:
    """The value that counts for the account, or else AWS's default.

    Asked once and not again: where the service cannot be reached, plans must not wait for it.
    """
    for call in ("get_service_quota", "get_aws_default_service_quota"):
        try:
            answer = aws.call_once(
                "service-quotas", call, ServiceCode=quota.service, QuotaCode=quota.code
            )
        except CloudError as error:
            ignoring({"NoSuchResourceException"}, error)
        else:
            return float(answer["Quota"]["Value"])
    return None


def beyond(quota: Quota, region: str, *, used: int, more: int, limit: float) -> str:
    """Why the deeds are more than the quota allows."""
    return (
        f"this plan needs {more} more {quota.of}, {region} has {used} already, and the account may have "
        f"{limit:g} there (quota {quota.code})."
    )
