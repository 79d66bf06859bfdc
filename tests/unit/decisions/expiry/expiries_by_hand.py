"""Plain factories for the tables of expiry."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from gitbot.decisions.expiry.stages import Case
from gitbot.model.expiry import Delivery, Expiry, ExpiryRules, Stage
from gitbot.model.names import Address, RemoteId
from gitbot.model.recorded import RecordedResource, RecordedStack
from tests.unit.decisions.facts_by_hand import ACCOUNT, NOW, REGION, stack_id

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
RULES = ExpiryRules(grace=DAY)
END = NOW + 10 * DAY
"""When the expiry by hand is, unless a test says otherwise."""


def an_expiry(stage: Stage = Stage.ACTIVE, name: str = "web", **more: Any) -> Expiry:
    """An expiry by hand; one whose time is over has been stopped when that began."""
    values: dict[str, Any] = {
        "stack": stack_id(name),
        "born_at": NOW,
        "nominal": END,
        "expires_at": END,
        "source": "ttl: 10d",
        "stage_at": NOW,
    }
    if stage is Stage.EXPIRED:
        values["grace_from"] = more.get("stage_at", NOW)
    return Expiry(stage=stage, **{**values, **more})


def delivered(before_end: timedelta, **more: Any) -> Delivery:
    """A warning that was delivered this long before the expiry by hand, when it was due."""
    values: dict[str, Any] = {"expires_at": END, "delivered_at": END - before_end}
    return Delivery(threshold=before_end, **{**values, **more})


def a_case(expiry: Expiry, *deliveries: Delivery, **more: Any) -> Case:
    return Case(expiry=expiry, deliveries=deliveries, **{"rules": RULES, **more})


def a_resource(address: str, remote_id: str = "", **more: Any) -> RecordedResource:
    values: dict[str, Any] = {"type": "AWS::S3::Bucket", "properties": {}}
    return RecordedResource(
        address=Address(address),
        remote_id=RemoteId(remote_id or f"{address}-id"),
        account=ACCOUNT,
        region=REGION,
        **{**values, **more},
    )


def a_state(*resources: RecordedResource, name: str = "web") -> RecordedStack:
    return RecordedStack(
        id=stack_id(name), lineage=name, resources={one.address: one for one in resources}
    )
