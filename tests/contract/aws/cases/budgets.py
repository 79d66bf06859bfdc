"""Cases of the types of Budgets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.contract.aws.cases.case import OTHER_TAGS, TAGS, Case
from tests.contract.aws.world import AwsWorld

TOPIC = "arn:aws:sns:us-east-1:123456789012:costs"


def notification(threshold: float, *addresses: str) -> dict[str, Any]:
    return {
        "Notification": {
            "NotificationType": "ACTUAL",
            "ComparisonOperator": "GREATER_THAN",
            "Threshold": threshold,
        },
        "Subscribers": [{"SubscriptionType": "EMAIL", "Address": one} for one in addresses],
    }


def limit(amount: float, **more: Any) -> dict[str, Any]:
    return {
        "BudgetName": "contract",
        "BudgetType": "COST",
        "TimeUnit": "MONTHLY",
        "BudgetLimit": {"Amount": amount, "Unit": "USD"},
        **more,
    }


def budget(world: AwsWorld) -> dict[str, Any]:
    return {
        "Budget": limit(
            100,
            CostFilters={"Service": ["Amazon SageMaker"]},
            CostTypes={"IncludeTax": False},
            TimePeriod={"Start": "1798761600", "End": "2027-12-31T00:00:00Z"},
        ),
        "NotificationsWithSubscribers": [
            notification(80, "ada@example.com", "bob@example.com"),
            notification(100, "ada@example.com"),
        ],
        "ResourceTags": TAGS,
    }


def changes(world: AwsWorld) -> dict[str, Any]:
    return {
        "Budget": limit(
            250.5,
            CostFilters='{"Service": ["AmazonS3"]}',
            CostTypes={"IncludeTax": True},
            TimePeriod={"Start": "1798761600", "End": "2028-12-31T00:00:00Z"},
        ),
        "NotificationsWithSubscribers": [
            notification(80, "ada@example.com", "eve@example.com"),
            notification(90, "ada@example.com"),
        ],
        "ResourceTags": OTHER_TAGS,
    }


def _expression(value: str) -> dict[str, Any]:
    return {"Dimensions": {"Key": "SERVICE", "Values": [value]}}


def _beside(world: AwsWorld, name: str) -> Mapping[str, Any]:
    """A budget must have a limit."""
    return {} if name == "BudgetLimit" else {"BudgetLimit": {"Amount": 100, "Unit": "USD"}}


CASES = (
    Case(
        type="AWS::Budgets::Budget",
        creating="CreateBudget",
        absent="gone",
        minimal=lambda world: {
            "Budget": {key: value for key, value in limit(100).items() if key != "BudgetName"}
        },
        full=budget,
        changes=changes,
        attributes=frozenset({"Id"}),
        beside={"Budget": _beside},
        samples={
            "Budget/BudgetName": ["one", "two"],
            "Budget/BudgetType": ["COST", "USAGE"],
            "Budget/TimeUnit": ["MONTHLY", "QUARTERLY"],
            "Budget/BudgetLimit": [{"Amount": one, "Unit": "USD"} for one in (100, 200)],
            "Budget/CostFilters": [{"Service": [one]} for one in ("Amazon EC2", "AmazonS3")],
            "Budget/FilterExpression": [_expression(one) for one in ("Amazon EC2", "AmazonS3")],
            "Budget/PlannedBudgetLimits": [
                {"1798761600": {"Amount": amount, "Unit": "USD"}} for amount in ("1", "2")
            ],
            "Budget/TimePeriod/Start": ["1798761600", "1830297600"],
            "Budget/TimePeriod/End": ["1861920000", "1893456000"],
            "Budget/BillingViewArn": [
                f"arn:aws:billing::123456789012:billingview/{one}" for one in ("primary", "other")
            ],
            "Budget/AutoAdjustData/AutoAdjustType": ["HISTORICAL", "FORECAST"],
            "Budget/AutoAdjustData/HistoricalOptions/BudgetAdjustmentPeriod": [3, 6],
            "Budget/Metrics": [["UnblendedCost"], ["AmortizedCost"]],
            "NotificationsWithSubscribers": [
                [notification(80, "ada@example.com")],
                [notification(90, "bob@example.com")],
            ],
            "ResourceTags": [TAGS, OTHER_TAGS],
        },
        stack="""\
budget:
  type: AWS::Budgets::Budget
  properties:
    Budget:
      BudgetType: COST
      TimeUnit: MONTHLY
      BudgetLimit: {Amount: 500, Unit: USD}
      CostFilters: {TagKeyValue: ["user:owner$ml"]}
    NotificationsWithSubscribers:
      - Notification: {NotificationType: FORECASTED, ComparisonOperator: GREATER_THAN, Threshold: 80}
        Subscribers: [{SubscriptionType: EMAIL, Address: ml@example.com}]
""",
    ),
)
