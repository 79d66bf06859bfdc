"""Answer CloudTrail's ``LookupEvents`` from a list of events, and refuse as it does. Pure.

https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from gitbot_sandbox.aws.trail_events import TrailEvent, event_text

KEPT = timedelta(days=90)
MOST = 50
CALLS_A_SECOND = 2
_VALUES: Mapping[str, Callable[[TrailEvent], Sequence[str]]] = {
    "AccessKeyId": lambda event: (event.caller.access_key,),
    "EventId": lambda event: (event.id,),
    "EventName": lambda event: (event.name,),
    "EventSource": lambda event: (event.source,),
    "ReadOnly": lambda event: (str(event.read_only).lower(),),
    "ResourceName": lambda event: [name for _, name in event.resources],
    "ResourceType": lambda event: [type_ for type_, _ in event.resources],
    "Username": lambda event: (event.caller.name,),
}


class LookupRefusal(Exception):
    """CloudTrail refuses the call; ``code`` is its own."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def look_up(
    events: Sequence[TrailEvent], asked: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    """The answer, the newest events first. ``events`` are those of one region in order of time.

    Raises:
        LookupRefusal: the request is not one that CloudTrail takes.
    """
    wanted = _attribute(asked.get("LookupAttributes", []))
    since, until = _range(asked, now)
    most = asked.get("MaxResults", MOST)
    if not isinstance(most, int) or not 1 <= most <= MOST:
        raise LookupRefusal("InvalidMaxResultsException", f"MaxResults is 1 to {MOST}")
    found = [
        event
        for event in reversed(events)
        if since <= event.at <= until and (wanted is None or wanted[1] in _VALUES[wanted[0]](event))
    ]
    first = _first(asked.get("NextToken"), len(found))
    page = found[first : first + most]
    answer: dict[str, Any] = {"Events": [_shown(event) for event in page]}
    if first + most < len(found):
        answer["NextToken"] = f"page-{first + most}"
    return answer


def refuse_too_many(asked_at: Sequence[float], now_s: float) -> None:
    """Refuse the call when two were served within the last second, as CloudTrail does per region.

    Raises:
        LookupRefusal: ThrottlingException.
    """
    if sum(now_s - at < 1 for at in asked_at) >= CALLS_A_SECOND:
        raise LookupRefusal("ThrottlingException", "Rate exceeded")


def _attribute(attributes: Any) -> tuple[str, str] | None:
    if not attributes:
        return None
    key, value = attributes[0].get("AttributeKey"), attributes[0].get("AttributeValue")
    if len(attributes) > 1 or key not in _VALUES or not isinstance(value, str) or not value:
        raise LookupRefusal("InvalidLookupAttributesException", "one known attribute with a value")
    return key, value


def _range(asked: Mapping[str, Any], now: datetime) -> tuple[datetime, datetime]:
    oldest = now - KEPT
    since = max(_instant(asked.get("StartTime"), oldest), oldest)
    until = _instant(asked.get("EndTime"), now)
    if since > until:
        raise LookupRefusal("InvalidTimeRangeException", "the start is after the end")
    return since, until


def _instant(seconds: Any, default: datetime) -> datetime:
    return default if seconds is None else datetime.fromtimestamp(float(seconds), UTC)


def _first(token: Any, found: int) -> int:
    if token is None:
        return 0
    number = str(token).removeprefix("page-")
    if not number.isdigit() or int(number) > found:
        raise LookupRefusal("InvalidNextTokenException", "the token is of no earlier answer")
    return int(number)


def _shown(event: TrailEvent) -> dict[str, Any]:
    shown = {
        "EventId": event.id,
        "EventName": event.name,
        "ReadOnly": str(event.read_only).lower(),
        "EventTime": event.at.timestamp(),
        "EventSource": event.source,
        "Resources": [
            {"ResourceType": kind, "ResourceName": name} for kind, name in event.resources
        ],
        "CloudTrailEvent": event_text(event),
    }
    # A deed of a service has neither: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_Event.html
    optional = {"Username": event.caller.name, "AccessKeyId": event.caller.access_key}
    if event.caller.kind == "AWSService":
        return shown
    return {**shown, **{name: value for name, value in optional.items() if value}}
