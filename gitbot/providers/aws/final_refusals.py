"""Know which of AWS's refusals never pass by themselves, and say what to do about them. Pure."""

from __future__ import annotations

from collections.abc import Mapping

_NO_CAPACITY = (
    "AWS has no room for it now. Choose another zone or size, or apply again later; gitbot does not "
    "wait for room"
)
_NO_SPOT = (
    "AWS gives no machine on spot for it now. Choose another zone or size, or apply again later; gitbot "
    "does not wait for room"
)
_NO_ADDRESS = "AWS has no address left to give: choose another subnet, or release some"
_RATE = "a volume can be changed once in six hours: apply again after that"

NEVER: Mapping[str, Mapping[str, str]] = {
    "ec2": {
        "InsufficientInstanceCapacity": _NO_CAPACITY,
        "InsufficientCapacity": _NO_CAPACITY,
        "InsufficientHostCapacity": _NO_CAPACITY,
        "InsufficientReservedInstanceCapacity": _NO_CAPACITY,
        "InsufficientVolumeCapacity": _NO_CAPACITY,
        "InsufficientAddressCapacity": _NO_ADDRESS,
        "InsufficientFreeAddressesInSubnet": _NO_ADDRESS,
        "MaxSpotInstanceCountExceeded": _NO_SPOT,
        "SpotMaxPriceTooLow": _NO_SPOT,
        "VolumeModificationRateExceeded": _RATE,
    },
}
"""By service and code: what does not pass while somebody waits, and what to do. Some of these come
with HTTP status 500, which clients take for an internal error and repeat."""


def never(service: str, code: str) -> str | None:
    """What to do about a refusal that waiting does not help against; None for any other."""
    return NEVER.get(service, {}).get(code)
