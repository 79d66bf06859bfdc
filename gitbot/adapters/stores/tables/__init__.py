"""Define all tables of the application; the migrations must arrive at ``metadata``. Pure."""

from gitbot.adapters.stores.tables import (
    asked,
    causes,
    columns,
    drift,
    freezes,
    journal,
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
    "freezes",
    "journal",
    "metadata",
    "proposals",
    "pull_requests",
    "runs",
    "said",
    "schedules",
    "state",
]

metadata = columns.metadata
