"""Says what state in a bucket cost. Pure."""

from __future__ import annotations

from gitbot.model.store_cost import StoreCost


def cost_words(cost: StoreCost) -> str:
    """One line: requests by kind, and bytes both ways."""
    kinds = ((cost.reads, "read"), (cost.writes, "write"), (cost.lists, "list"))
    said = ", ".join(f"{number:,} {name}{'' if number == 1 else 's'}" for number, name in kinds)
    requests = "1 request" if cost.requests == 1 else f"{cost.requests:,} requests"
    sent, received = _size(cost.bytes_sent), _size(cost.bytes_received)
    return f"State in S3: {requests} ({said}), {sent} sent, {received} received."


def _size(number: int) -> str:
    if number < 1000:
        return f"{number} B"
    if number < 999_950:
        return f"{number / 1000:.1f} kB"
    return f"{number / 1_000_000:,.1f} MB"
