"""AWS::Budgets::Budget as a table. Shell.

Budget's BudgetName (generated when absent): replaces. The rest of Budget, NotificationsWithSubscribers (managed as a
whole once declared; CloudFormation replaces the budget), ResourceTags: changed in place. Attributes: Id, which is the
name.
https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_CreateBudget.html
https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_UpdateBudget.html
"""

from __future__ import annotations

from collections.abc import Mapping
from operator import itemgetter

from gitbot.model.cloud import Operation
from gitbot.model.schema import Removal
from gitbot.model.values import Json
from gitbot.providers.aws.refining import refining
from gitbot.providers.aws.surfaces import Surface
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table, Update, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.budgets.family import BUDGETS, NAME, TAGS, WHOLE, BudgetListing
from gitbot.providers.aws.types.budgets.notifications import CALLS, LOOKS, read, write
from gitbot.providers.aws.types.budgets.shapes import NOTIFICATIONS, normalised, sent, shows


def _made(operation: Operation) -> Properties:
    given: Properties = operation.properties
    return {WHOLE: sent(given[WHOLE])}


def _changed(new: Properties, described: Described) -> Properties:
    return {"NewBudget": {**sent(new[WHOLE]), "BudgetName": described["BudgetName"]}}


_SURFACE = Surface(
    property=NOTIFICATIONS,
    read=read,
    write=write,
    removal=Removal(default=[], says="nobody is notified"),
)
_CREATE = Create(
    call="create_budget",
    sends=(WHOLE,),
    parameters=_made,
    asks=lambda aws, _: {"AccountId": aws.account},
    gives=lambda _, given: str(given["BudgetName"]),
    name=NAME,
    taken=frozenset({"DuplicateRecordException"}),
)
_KINDS = (
    *("USAGE", "COST", "RI_UTILIZATION", "RI_COVERAGE"),
    *("SAVINGS_PLANS_UTILIZATION", "SAVINGS_PLANS_COVERAGE"),
)
_DAY, _HOUR = r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", r"([01]\d|2[0-3]):[0-5]\d"
_TIME = {"pattern": rf"^(\d+|{_DAY}([T ]{_HOUR}(:[0-5]\d(\.\d+)?)?(Z|[+-]{_HOUR})?)?)$"}
_EACH = f"{NOTIFICATIONS}/*"
_LIMITS: Mapping[str, Properties] = {
    WHOLE: {
        "requiredOr": ["BudgetLimit", "PlannedBudgetLimits", "AutoAdjustData"],
        "dependentExcluded": {"CostFilters": ["FilterExpression"], "CostTypes": ["Metrics"]},
    },
    f"{WHOLE}/BudgetName": {"minLength": 1, "maxLength": 100, "pattern": r"^[^:\\]+$"},
    f"{WHOLE}/BudgetType": {"enum": list(_KINDS)},
    f"{WHOLE}/TimeUnit": {"enum": ["DAILY", "MONTHLY", "QUARTERLY", "ANNUALLY", "CUSTOM"]},
    f"{WHOLE}/AutoAdjustData/AutoAdjustType": {"enum": ["HISTORICAL", "FORECAST"]},
    f"{WHOLE}/CostFilters": {"minLength": 1},
    f"{WHOLE}/PlannedBudgetLimits": {"minLength": 1},
    f"{WHOLE}/BillingViewArn": {"pattern": "^arn:"},
    f"{WHOLE}/TimePeriod/Start": _TIME,
    f"{WHOLE}/TimePeriod/End": _TIME,
    NOTIFICATIONS: {"uniqueKeys": ["Notification"], "maxItems": 10},
    f"{_EACH}/Subscribers": {"minItems": 1, "maxItems": 11, "uniqueItems": True},
    f"{_EACH}/Subscribers/*/SubscriptionType": {"enum": ["EMAIL", "SNS"]},
    f"{_EACH}/Subscribers/*/Address": {"minLength": 1},
    f"{_EACH}/Notification/ComparisonOperator": {"enum": ["GREATER_THAN", "LESS_THAN", "EQUAL_TO"]},
    f"{_EACH}/Notification/NotificationType": {"enum": ["ACTUAL", "FORECASTED"]},
    f"{_EACH}/Notification/ThresholdType": {"enum": ["PERCENTAGE", "ABSOLUTE_VALUE"]},
}
_COUNTED = (
    *("Credit", "Discount", "OtherSubscription", "Recurring", "Refund"),
    *("Subscription", "Support", "Tax", "Upfront"),
)
_COSTS: dict[str, Json] = {
    **{f"Include{one}": True for one in _COUNTED},
    **{"UseAmortized": False, "UseBlended": False},
}
_WITHOUT: Mapping[str, Removal] = {
    "CostFilters": Removal(default=None, says="all costs count"),
    "FilterExpression": Removal(default=None, says="all costs count"),
    "AutoAdjustData": Removal(default=None, says="the limit stays as it is"),
    "CostTypes": Removal(default=_COSTS, says="costs of all kinds count"),
}

BUDGET = native_type(
    Table(
        name="AWS::Budgets::Budget",
        noun="budget",
        dialect=BUDGETS,
        listing=BudgetListing(),
        identifier=itemgetter("Id"),
        shows=shows,
        addresses=lambda one: {"AccountId": one["AccountId"]},
        create=_CREATE,
        delete=Delete(call="delete_budget", parameters=shown("AccountId", "BudgetName")),
        updates=(Update(call="update_budget", sends=(WHOLE,), parameters=_changed),),
        create_only=(f"/{WHOLE}/BudgetName",),
        surfaces=(_SURFACE,),
        tags=TAGS,
        natural_key=(f"{WHOLE}/BudgetName",),
        looks=LOOKS,
        calls=CALLS,
        sets=(f"/{NOTIFICATIONS}", f"/{NOTIFICATIONS}/*/Subscribers"),
        removals={f"/{WHOLE}/{name}": removal for name, removal in _WITHOUT.items()},
        partial=(f"/{WHOLE}",),
        normalise=normalised,
        refine=refining(_LIMITS),
    )
)
