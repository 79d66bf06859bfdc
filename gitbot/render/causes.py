"""Says in words who or what made a resource differ. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import assert_never

from gitbot.model.causes import CallerKind, Cause, CauseKind, Deed
from gitbot.render.escape import code

_TAKEN: Mapping[str, str] = {
    "Server.InsufficientInstanceCapacity": "it had no capacity for the machine",
    "Server.InternalError": "it had an internal error while the machine started",
    "Server.ScheduledStop": "the host of the machine is retired; a start moves it to another",
    "Server.SpotInstanceShutdown": "the spot instance was interrupted and stopped",
    "Server.SpotInstanceTermination": "the spot instance was interrupted and ended",
}
"""https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StateReason.html"""


def cause_sentence(cause: Cause, environment: str) -> str:
    """One sentence of Markdown, or a few, without a line break: why the resource differs."""
    match cause.kind:
        case CauseKind.SOMEBODY if cause.sure:
            return f"Changed {_deeds(cause.deeds)}."
        case CauseKind.SOMEBODY:
            return (
                f"The last calls on it that gitbot did not make were {_deeds(cause.deeds)}: they may "
                "have done it."
            )
        case CauseKind.OURSELVES:
            return f"gitbot itself made the last call that changes this, {_deeds(cause.deeds)}."
        case CauseKind.TAKEN_BACK:
            why = _TAKEN.get(cause.code, f"its reason is {code(cause.code)}")
            at = f", at {_time(cause.deeds[0].at)}" if cause.deeds else ""
            return f"AWS took it back: {why}{at}. Nobody called for it."
        case CauseKind.FROM_INSIDE:
            return "The machine was shut down from inside, as by `sudo shutdown`: no call was made."
        case CauseKind.NO_RIGHT:
            return (
                f"Who did it is not known, because `roles.plan` may not ask. Allow it "
                f"{code(cause.code)}: `gitbot permissions {environment}` prints the policy."
            )
        case CauseKind.UNKNOWN:
            return _unknown(cause)
        case _:
            assert_never(cause.kind)


def _unknown(cause: Cause) -> str:
    if cause.tries == 1:
        return (
            "Who did it is not known yet: CloudTrail tells of a call only minutes later. It is added "
            "here when it is found."
        )
    return (
        "Who did it is not known: CloudTrail's event history has no call that explains it until "
        f"{_time(cause.looked_at)}."
    )


def _deeds(deeds: Sequence[Deed]) -> str:
    return "; ".join(map(deed_words, deeds))


def deed_words(deed: Deed) -> str:
    """``by `bob` in the console, from `203.0.113.7`, at … (`ec2:CreateTags`)``."""
    place = f", from {code(deed.address)}" if deed.address and not _is_service(deed) else ""
    return f"by {_caller(deed)}{_tool(deed)}{place}, at {_time(deed.at)} ({code(deed.call)})"


def _caller(deed: Deed) -> str:
    match deed.kind:
        case CallerKind.USER:
            return code(deed.who)
        case CallerKind.ROLE:
            return (
                f"{code(deed.who)} with the role {code(deed.role)}" if deed.role else code(deed.who)
            )
        case CallerKind.ROOT:
            return "the account's root user"
        case CallerKind.SERVICE:
            return f"the AWS service {code(deed.who)}"
        case _:
            assert_never(deed.kind)


def _tool(deed: Deed) -> str:
    if deed.through == "console":
        return " in the AWS console"
    if not deed.through or _is_service(deed):
        return ""
    return f" through {code(deed.through)}"


def _is_service(deed: Deed) -> bool:
    return deed.kind is CallerKind.SERVICE


def _time(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
