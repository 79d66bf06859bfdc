"""The ports to the records of gitbot, one module a subject. Pure.

Every method raises ``TransientError`` when the store is locked, full or not reachable; then nothing
was written. All methods are thread-safe.
"""

from __future__ import annotations

from dataclasses import dataclass

from gitbot.ports.records.asked_plans import AskedPlans
from gitbot.ports.records.causes import Causes
from gitbot.ports.records.claims import Claims
from gitbot.ports.records.commands import Commands
from gitbot.ports.records.drift import DriftRows
from gitbot.ports.records.expiry import Expiries
from gitbot.ports.records.freezes import Freezes
from gitbot.ports.records.hours import HoursRows
from gitbot.ports.records.inbox import Inbox
from gitbot.ports.records.journal import Journal
from gitbot.ports.records.logins import ApiLogins
from gitbot.ports.records.promotions import Promotions
from gitbot.ports.records.proposals import Proposals
from gitbot.ports.records.pull_requests import PullRequests
from gitbot.ports.records.runs import Runs
from gitbot.ports.records.said import Said
from gitbot.ports.records.schedules import Schedules
from gitbot.ports.records.tokens import ApiTokens

__all__ = [
    "ApiLogins",
    "ApiTokens",
    "AskedPlans",
    "Causes",
    "Claims",
    "Commands",
    "DriftRows",
    "Expiries",
    "Freezes",
    "HoursRows",
    "Inbox",
    "Journal",
    "Promotions",
    "Proposals",
    "PullRequests",
    "Records",
    "Runs",
    "Said",
    "Schedules",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """All records of one store."""

    runs: Runs
    commands: Commands
    claims: Claims
    said: Said
    pull_requests: PullRequests
    journal: Journal
    drift: DriftRows
    expiries: Expiries
    causes: Causes
    proposals: Proposals
    promotions: Promotions
    freezes: Freezes
    schedules: Schedules
    hours: HoursRows
    tokens: ApiTokens
    logins: ApiLogins
    asked_plans: AskedPlans
    inbox: Inbox
