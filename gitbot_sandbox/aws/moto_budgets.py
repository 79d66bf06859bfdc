"""Let moto's budgets be changed, tagged and subscribed to, and refused as AWS does. Shell.

https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_Operations_AWS_Budgets.html
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import wraps
from typing import Any

from moto.budgets.exceptions import DuplicateRecordException, NotFoundException
from moto.budgets.models import Budget, BudgetsBackend, Notification
from moto.budgets.responses import BudgetsResponse
from moto.core.exceptions import JsonRESTError

from gitbot_sandbox.aws.moto_patch import wrap

_IDENTITY = ("NotificationType", "ComparisonOperator", "Threshold", "ThresholdType")
_MOST_NOTIFICATIONS = 10
_MOST = {"SNS": 1, "EMAIL": 10}
"""How many subscribers of each kind a notification takes."""


def patch() -> None:
    """Make the patches of this module."""
    wrap(BudgetsResponse, "create_budget", _with_tags)
    wrap(BudgetsBackend, "create_budget", _limited)
    wrap(Budget, "__init__", _adjusted)
    wrap(BudgetsBackend, "create_notification", _once)
    wrap(BudgetsBackend, "delete_notification", _there)
    wrap(BudgetsBackend, "describe_notifications_for_budget", _of_a_budget)
    calls = (
        *(update_budget, describe_subscribers_for_notification, create_subscriber),
        *(delete_subscriber, tag_resource, untag_resource, list_tags_for_resource),
    )
    for call in calls:
        setattr(BudgetsResponse, call.__name__, call)


def _budget(self: Any, name: str | None = None) -> Any:
    """The budget of the request. Raises NotFoundException."""
    budgets = self.backend.budgets[self.current_account]
    name = name or self._get_param("BudgetName")
    if name not in budgets:
        raise NotFoundException(f"Unable to get budget: {name} - the budget doesn't exist.")
    return budgets[name]


def _tagged(self: Any) -> Any:
    return _budget(self, self._get_param("ResourceARN").partition(":budget/")[2])


def _with_tags(original: Any) -> Any:
    """Defect: the tags of the creating call are lost."""

    @wraps(original)
    def create_budget(self: Any) -> Any:
        answer = original(self)
        tags = self._get_param("ResourceTags") or ()
        budget = _budget(self, self._get_param("Budget")["BudgetName"])
        budget.tags = {one["Key"]: one["Value"] for one in tags}
        return answer

    return create_budget


def _check(count: int, subscribers: Sequence[Mapping[str, str]]) -> None:
    """Refuse that many notifications, and those subscribers of one of them."""
    kinds = Counter(one["SubscriptionType"] for one in subscribers)
    if count > _MOST_NOTIFICATIONS or any(kinds[kind] > most for kind, most in _MOST.items()):
        raise JsonRESTError(
            "CreationLimitExceededException",
            "A budget has at most ten notifications, each with one SNS topic and ten addresses.",
        )


def _limited(original: Any) -> Any:
    """Defect: any number of notifications and subscribers is taken.

    https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_CreateBudget.html
    """

    @wraps(original)
    def create_budget(self: Any, account_id: str, budget: Any, notifications: Any) -> None:
        for one in notifications:
            _check(len(notifications), one["Subscribers"])
        original(self, account_id, budget, notifications)

    return create_budget


def _adjusted(original: Any) -> Any:
    """Defect: a budget whose limit AWS adjusts by itself is refused without one.

    https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_AutoAdjustData.html
    """

    @wraps(original)
    def __init__(self: Any, budget: dict[str, Any], notifications: Any) -> None:
        if "AutoAdjustData" in budget:
            budget.setdefault("BudgetLimit", {"Amount": "0.0", "Unit": "USD"})
        original(self, budget, notifications)

    return __init__


def update_budget(self: Any) -> str:
    """Hole: UpdateBudget takes the whole budget; what it lacks is reset."""
    wanted = self._get_param("NewBudget")
    had = _budget(self, wanted["BudgetName"])
    new = Budget({"TimePeriod": had.budget["TimePeriod"], **wanted}, [])
    had.budget = new.budget
    return "{}"


def _details(given: Mapping[str, Any]) -> dict[str, Any]:
    told = {"ThresholdType": "PERCENTAGE", **given, "Threshold": float(given["Threshold"])}
    return {key: told[key] for key in _IDENTITY}


def _found(budget: Any, given: Mapping[str, Any]) -> Notification | None:
    fits = (one for one in budget.notifications if _details(one.details) == _details(given))
    return next(fits, None)


def _once(original: Any) -> Any:
    """Defects: one notification can be made twice, shows no state, and has no limits."""

    @wraps(original)
    def create_notification(
        self: Any, account_id: str, budget_name: str, notification: Any, subscribers: Any
    ) -> None:
        budget = self.budgets[account_id].get(budget_name)
        if budget is not None and _found(budget, notification) is not None:
            raise DuplicateRecordException(record_type="notification", record_name=budget_name)
        _check(1 + len(budget.notifications if budget is not None else ()), subscribers)
        details = {**_details(notification), "NotificationState": "OK"}
        original(self, account_id, budget_name, details, subscribers)

    return create_notification


def _there(original: Any) -> Any:
    """Defect: a notification that does not exist is deleted."""

    @wraps(original)
    def delete_notification(
        self: Any, account_id: str, budget_name: str, notification: Any
    ) -> None:
        budget = self.budgets[account_id].get(budget_name)
        found = None if budget is None else _found(budget, notification)
        if found is None:
            raise NotFoundException("Unable to delete notification - it doesn't exist.")
        budget.notifications.remove(found)

    return delete_notification


def _of_a_budget(original: Any) -> Any:
    """Defect: an internal error for a budget that does not exist."""

    @wraps(original)
    def describe(self: Any, account_id: str, budget_name: str) -> Any:
        self.describe_budget(account_id, budget_name)
        return original(self, account_id, budget_name)

    return describe


def _notification(self: Any) -> Any:
    found = _found(_budget(self), self._get_param("Notification"))
    if found is None:
        raise NotFoundException("Unable to find the notification.")
    return found


def describe_subscribers_for_notification(self: Any) -> str:
    """Hole."""
    return json.dumps({"Subscribers": _notification(self).subscribers, "NextToken": None})


def create_subscriber(self: Any) -> str:
    """Hole: a notification has at most one topic and ten addresses."""
    notification, one = _notification(self), self._get_param("Subscriber")
    if one in notification.subscribers:
        raise DuplicateRecordException(record_type="subscriber", record_name=one["Address"])
    subscribers = [*notification.subscribers, one]
    _check(1, subscribers)
    notification.subscribers = subscribers
    return "{}"


def delete_subscriber(self: Any) -> str:
    """Hole: a notification goes with its last subscriber.

    https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_DeleteSubscriber.html
    """
    notification, one = _notification(self), self._get_param("Subscriber")
    if one not in notification.subscribers:
        raise NotFoundException("Unable to delete subscriber - it doesn't exist.")
    notification.subscribers = [each for each in notification.subscribers if each != one]
    if not notification.subscribers:
        _budget(self).notifications.remove(notification)
    return "{}"


def tag_resource(self: Any) -> str:
    """Hole."""
    _tagged(self).tags |= {one["Key"]: one["Value"] for one in self._get_param("ResourceTags")}
    return "{}"


def untag_resource(self: Any) -> str:
    """Hole."""
    budget, keys = _tagged(self), self._get_param("ResourceTagKeys")
    budget.tags = {key: value for key, value in budget.tags.items() if key not in keys}
    return "{}"


def list_tags_for_resource(self: Any) -> str:
    """Hole."""
    tags = _tagged(self).tags
    return json.dumps({"ResourceTags": [{"Key": key, "Value": tags[key]} for key in tags]})
