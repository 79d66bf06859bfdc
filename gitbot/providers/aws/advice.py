"""Words of advice that several refusals give. Pure."""

from __future__ import annotations

from gitbot.model.names import Address


def apply_first(address: Address) -> str:
    """What to do before a deletion with a setting that allows it. After half a destroy, a plain apply would make
    again what is gone."""
    return f"apply that first: in the middle of a destroy with `--target {address}`, which makes nothing else again"
