"""Define all tables of the application; the migrations must arrive at ``metadata``. Pure."""

from gitbot.adapters.stores.tables import (
    asked,
    causes,
    columns,
    drift,
    expiry,
    freezes,
    hours,
    journal,
    keys,
    logins,
    promotions,
    proposals,
    pull_requests,
    runs,
    said,
    schedules,
    state,
)

__all__ = [
    "asked",
    "causes",
    "drift",
    "expiry",
    "freezes",
    "hours",
    "journal",
    "keys",
    "logins",
    "metadata",
    "promotions",
    "proposals",
    "pull_requests",
    "runs",
    "said",
    "schedules",
    "state",
]

metadata = columns.metadata
