"""Make the stores of one database. Shell."""

from __future__ import annotations

from sqlalchemy.engine import Engine

from gitbot.adapters.stores.asked_plans import SqlAskedPlans
from gitbot.adapters.stores.causes import SqlCauses
from gitbot.adapters.stores.claims import SqlClaims
from gitbot.adapters.stores.commands import SqlCommands
from gitbot.adapters.stores.drift import SqlDriftRows
from gitbot.adapters.stores.expiry import SqlExpiries
from gitbot.adapters.stores.freezes import SqlFreezes
from gitbot.adapters.stores.hours import SqlHoursRows
from gitbot.adapters.stores.inbox import SqlInbox
from gitbot.adapters.stores.journal import SqlJournal
from gitbot.adapters.stores.logins import SqlApiLogins
from gitbot.adapters.stores.promotions import SqlPromotions
from gitbot.adapters.stores.proposals import SqlProposals
from gitbot.adapters.stores.pull_requests import SqlPullRequests
from gitbot.adapters.stores.runs import SqlRuns
from gitbot.adapters.stores.said import SqlSaid
from gitbot.adapters.stores.schedules import SqlSchedules
from gitbot.adapters.stores.tokens import SqlApiTokens
from gitbot.ports.records import Records


def sql_records(engine: Engine) -> Records:
    """All records on an engine from ``open_database``. The caller disposes of the engine."""
    return Records(
        runs=SqlRuns(engine),
        commands=SqlCommands(engine),
        claims=SqlClaims(engine),
        said=SqlSaid(engine),
        pull_requests=SqlPullRequests(engine),
        journal=SqlJournal(engine),
        drift=SqlDriftRows(engine),
        expiries=SqlExpiries(engine),
        causes=SqlCauses(engine),
        proposals=SqlProposals(engine),
        promotions=SqlPromotions(engine),
        freezes=SqlFreezes(engine),
        schedules=SqlSchedules(engine),
        hours=SqlHoursRows(engine),
        tokens=SqlApiTokens(engine),
        logins=SqlApiLogins(engine),
        asked_plans=SqlAskedPlans(engine),
        inbox=SqlInbox(engine),
    )
