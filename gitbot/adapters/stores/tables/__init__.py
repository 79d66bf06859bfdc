"""Define all tables of the application; the migrations must arrive at ``metadata``. Pure."""

from gitbot.adapters.stores.tables import (
    asked,
    causes,
    columns,
    drift,
    journal,
    pull_requests,
    runs,
    said,
    state,
)

__all__ = [
    "asked",
    "causes",
    "drift",
    "journal",
    "metadata",
    "pull_requests",
    "runs",
    "said",
    "state",
]

metadata = columns.metadata
