"""Say how budgets are listed and tagged. Shell.

https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_DescribeBudgets.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gitbot.errors import CloudError
from gitbot.model.cloud import Operation
from gitbot.providers.aws.dialect import Dialect, Name
from gitbot.providers.aws.native import Index
from gitbot.providers.aws.plain import PlainTags
from gitbot.providers.aws.table import Described, shown
from gitbot.providers.aws.tagging import Marks

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

BUDGETS = Dialect(service="budgets", absent=frozenset({"NotFoundException"}))
WHOLE = "Budget"
"""The property with all of a budget but its notifications and tags."""
NAME = Name(property="BudgetName", within=WHOLE, longest=100)


TAGS = PlainTags(
    dialect=BUDGETS,
    target=shown(ResourceARN="Arn"),
    declared="ResourceTags",
    at="ResourceTags",
    put_as="ResourceTags",
    remove_as="ResourceTagKeys",
    reading="list_tags_for_resource",
    answer="ResourceTags",
)


@dataclass(frozen=True, slots=True)
class BudgetListing:
    """Reads one budget by its name and many in pages; the tags of each cost a call."""

    calls: tuple[str, ...] = ("describe_budget", "describe_budgets", "list_tags_for_resource")
    index: Index | None = None

    def by_id(self, aws: Connection, ids: Iterable[str]) -> Iterator[Described]:
        """See ``table.Listing``."""
        names = set(ids)
        if len(names) == 1:
            return _with_tags(aws, [one for name in names if (one := _one(aws, name)) is not None])
        return _with_tags(aws, [one for one in _all(aws) if one["BudgetName"] in names])

    def by_operation(self, aws: Connection, operation: Operation) -> Iterator[Described]:
        """The budget with the operation's name: every one has a name."""
        return self.by_id(aws, [NAME.of(operation)])

    def by_marks(self, aws: Connection, marks: Marks) -> Iterator[Described]:
        """All: an account has few."""
        return _with_tags(aws, _all(aws))

    def by_key(self, aws: Connection, operation: Operation) -> Iterator[Described]:
        """See ``table.Listing``."""
        return self.by_operation(aws, operation)


def _all(aws: Connection) -> Iterator[Described]:
    asked = {"AccountId": aws.account, "ShowFilterExpression": True}
    return aws.pages("budgets", "describe_budgets", "Budgets", **asked)


def _one(aws: Connection, name: str) -> Described | None:
    named = {"AccountId": aws.account, "BudgetName": name, "ShowFilterExpression": True}
    try:
        return dict(aws.call("budgets", "describe_budget", **named)[WHOLE])
    except CloudError as error:
        if error.code in BUDGETS.absent:
            return None
        raise


def _with_tags(aws: Connection, budgets: Iterable[Described]) -> Iterator[Described]:
    def described(budget: Described) -> Described | None:
        name, account = budget["BudgetName"], aws.account
        arn = f"arn:{aws.partition}:budgets::{account}:budget/{name}"
        one = {"Id": name, WHOLE: budget, "AccountId": account, "BudgetName": name, "Arn": arn}
        try:
            return {**one, "Tags": TAGS.read(aws, one)}
        except CloudError as error:
            if error.code in BUDGETS.absent:
                return None
            raise

    return (one for one in aws.each(described, budgets) if one is not None)
