"""Read and write who is notified of a budget. Shell.

https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_CreateNotification.html
https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_DeleteSubscriber.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gitbot.providers.aws.table import Properties
from gitbot.providers.aws.types.budgets.shapes import identity

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

LOOKS = ("describe_notifications_for_budget", "describe_subscribers_for_notification")
CALLS = tuple(
    f"{verb}_{noun}" for noun in ("notification", "subscriber") for verb in ("create", "delete")
)


def read(aws: Connection, name: str) -> list[dict[str, Any]]:
    """The notifications of the budget, each with its subscribers."""
    named = {"AccountId": aws.account, "BudgetName": name}
    told = list(map(identity, aws.pages("budgets", LOOKS[0], "Notifications", **named)))
    return [
        {
            "Notification": one,
            "Subscribers": list(
                aws.pages("budgets", LOOKS[1], "Subscribers", **named, Notification=one)
            ),
        }
        for one in told
    ]


def write(aws: Connection, name: str, value: Any) -> None:
    """Make these the only notifications of the budget, with these subscribers."""
    named = {"AccountId": aws.account, "BudgetName": name}
    wanted = {_key(one): one["Subscribers"] for one in value or ()}
    observed = {_key(one): one["Subscribers"] for one in read(aws, name)}
    for key in sorted(observed.keys() - wanted.keys()):
        aws.call("budgets", "delete_notification", **named, Notification=json.loads(key))
    for key, subscribers in wanted.items():
        about = {**named, "Notification": json.loads(key)}
        had = observed.get(key, ())
        gone = [each for each in had if each not in subscribers]
        if len(gone) == len(had):  # without its last subscriber AWS deletes a notification
            if key in observed:
                aws.call("budgets", "delete_notification", **about)
            aws.call("budgets", "create_notification", **about, Subscribers=subscribers)
            continue
        for each in gone:  # first: a notification takes one topic and ten addresses
            aws.call("budgets", "delete_subscriber", **about, Subscriber=each)
        for each in (each for each in subscribers if each not in had):
            aws.call("budgets", "create_subscriber", **about, Subscriber=each)


def _key(one: Properties) -> str:
    return json.dumps(identity(one["Notification"]), sort_keys=True)
