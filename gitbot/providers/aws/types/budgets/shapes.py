"""Bring budgets and notifications into the forms of calls, specs and comparisons. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from gitbot.model.values import keeps_hidden
from gitbot.providers.aws.table import Described, Properties
from gitbot.providers.aws.types.budgets.family import WHOLE

NOTIFICATIONS = "NotificationsWithSubscribers"
_SHOWN_ALONE = ("CalculatedSpend", "HealthStatus", "LastUpdatedTime")


def sent(budget: Properties) -> dict[str, Any]:
    """The budget as the calls take it: amounts are texts, and JSON texts are maps."""
    done = {key: _parsed(value) for key, value in budget.items() if value is not None}
    if "BudgetLimit" in done:
        done["BudgetLimit"] = _amount(done["BudgetLimit"])
    if "PlannedBudgetLimits" in done:
        limits = done["PlannedBudgetLimits"]
        done["PlannedBudgetLimits"] = {start: _amount(one) for start, one in limits.items()}
    if "TimePeriod" in done:  # in the calls a time without a zone would be one of this machine
        done["TimePeriod"] = {name: _instant(at) for name, at in done["TimePeriod"].items()}
    return done


def shows(one: Described) -> Properties:
    """What a spec can have of the budget, and its identifier."""
    budget = {key: value for key, value in one[WHOLE].items() if key not in _SHOWN_ALONE}
    if "TimePeriod" in budget:
        period = budget["TimePeriod"]
        budget["TimePeriod"] = {name: str(_instant(at)) for name, at in period.items()}
    return {"Id": one["Id"], WHOLE: budget}


def identity(notification: Properties) -> dict[str, Any]:
    """The notification without the state that AWS shows."""
    kept = {key: value for key, value in notification.items() if key != "NotificationState"}
    return {"ThresholdType": "PERCENTAGE", **kept, "Threshold": float(kept["Threshold"])}


def normalised(properties: Properties) -> Properties:
    """The properties in the form for comparison."""
    done = dict(properties)
    if isinstance(done.get(WHOLE), Mapping):
        done[WHOLE] = {key: _in_one_form(key, one) for key, one in done[WHOLE].items()}
    if isinstance(done.get(NOTIFICATIONS), (list, tuple)):
        done[NOTIFICATIONS] = [_notification(one) for one in done[NOTIFICATIONS]]
    return done


def _parsed(value: Any) -> Any:
    if not (isinstance(value, str) and value.startswith("{")):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _amount(limit: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**limit, "Amount": str(limit["Amount"])}


def _notification(one: Any) -> Any:
    told = one.get("Notification") if isinstance(one, Mapping) else None
    if not isinstance(told, Mapping) or not isinstance(told.get("Threshold"), (int, float)):
        return one
    return {**one, "Notification": identity(told)}


def _in_one_form(key: str, value: Any) -> Any:
    return keeps_hidden(partial(_plain_form, key))(value)


def _plain_form(key: str, value: Any) -> Any:
    value = _parsed(value)
    if not isinstance(value, Mapping):
        return value
    if key == "BudgetLimit":
        return {name: _number(one) if name == "Amount" else one for name, one in value.items()}
    if key == "PlannedBudgetLimits":
        return {start: _in_one_form("BudgetLimit", one) for start, one in value.items()}
    if key == "TimePeriod":
        return {name: _instant(one) for name, one in value.items()}
    return value


def _number(value: Any) -> Any:
    try:
        return float(value) if isinstance(value, (str, int, float)) else value
    except ValueError:
        return value


def _instant(value: Any) -> Any:
    """Seconds since 1970: specs have them as a text, or as a date."""
    try:
        if isinstance(value, str):
            value = int(value) if value.isdigit() else datetime.fromisoformat(value)
        if isinstance(value, datetime):
            value = (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
    except ValueError:
        return value
    return int(value) if isinstance(value, (int, float)) else value
