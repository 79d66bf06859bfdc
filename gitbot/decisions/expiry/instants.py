"""Decides when a stack expires, from its spec, the environment's rules and what is recorded. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from gitbot.model.expiry import Expiry, ExpiryRules, Lifetime, Stage
from gitbot.model.names import StackId, written_name

MAX_RULE = "ttl.max of the environment"
DEFAULT_RULE = "ttl.default of the environment"
LIFTED = "it does not expire any more"


@dataclass(frozen=True, slots=True, kw_only=True)
class Nominal:
    """The instant that the specs alone give, and in words where it comes from."""

    at: datetime
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """An expiry as specs and rules want it by now; None when the stack has none.

    ``reason`` says what changed, and is empty when nothing did.
    """

    expiry: Expiry | None
    reason: str = ""


def nominal(
    name: str, lifetime: Lifetime | None, rules: ExpiryRules | None, born_at: datetime
) -> Nominal | None:
    """When a stack of this name expires by the specs; None when it does not expire.

    A stack that ``except`` names expires only if its own spec says so. Nothing lives longer than
    ``max``, which counts from the first successful apply.
    """
    exempt = rules is not None and written_name(name) in rules.exempt
    found: Nominal | None = None
    if lifetime is not None and lifetime.ttl is not None:
        found = Nominal(at=born_at + lifetime.ttl, source=lifetime.text)
    elif lifetime is not None and lifetime.at is not None:
        found = Nominal(at=lifetime.at, source=lifetime.text)
    elif rules is not None and not exempt and rules.default is not None:
        found = Nominal(at=born_at + rules.default, source=DEFAULT_RULE)
    if rules is None or rules.longest is None or exempt:
        return found
    latest = born_at + rules.longest
    return Nominal(at=latest, source=MAX_RULE) if found is None or found.at > latest else found


def follow(
    known: Expiry | None,
    *,
    stack: StackId,
    lifetime: Lifetime | None,
    rules: ExpiryRules | None,
    born_at: datetime,
    now: datetime,
) -> Followed:
    """The expiry of a stack that is applied, after its spec or the rules may have changed.

    An edit moves it by exactly the difference. What makes an expiry, or moves it earlier, leaves at
    least the longest ``warn`` from now. A stack with a tombstone that is applied again begins
    a new life, with a new expiry and a new count.
    """
    if known is not None and known.ended:
        known = None
    given = nominal(stack.name, lifetime, rules, known.born_at if known else born_at)
    if given is None:
        return _lifted(known, now)
    soonest = now + (rules or ExpiryRules()).ahead
    if known is None:
        made = Expiry(
            stack=stack,
            stage=Stage.ACTIVE,
            born_at=born_at,
            nominal=given.at,
            expires_at=max(given.at, soonest),
            source=given.source,
            stage_at=now,
        )
        return Followed(expiry=made, reason=f"it expires by {given.source}")
    return _moved(known, given, rules, soonest, now)


def _lifted(known: Expiry | None, now: datetime) -> Followed:
    if known is None:
        return Followed(expiry=None)
    if not known.stopped and known.tagged is None and not known.untagged:
        return Followed(expiry=None, reason="" if known.lifted else LIFTED)
    if known.lifted:
        return Followed(expiry=known)
    awake = replace(known, stage=Stage.ACTIVE, stage_at=now, lifted=True)
    return Followed(expiry=awake, reason=LIFTED)


def _moved(
    known: Expiry, given: Nominal, rules: ExpiryRules | None, soonest: datetime, now: datetime
) -> Followed:
    at = known.expires_at + (given.at - known.nominal)
    longest = (
        rules.longest if rules and written_name(known.stack.name) not in rules.exempt else None
    )
    if longest is not None:
        at = min(at, known.born_at + longest)
    if at < known.expires_at:
        # Never nearer than the warnings need, but never later than it was, either.
        at = min(max(at, soonest), known.expires_at)
    same = replace(known, nominal=given.at, source=given.source, lifted=False)
    if at == known.expires_at:
        changed = same != known
        return Followed(expiry=same, reason=f"it expires by {given.source}" if changed else "")
    return Followed(
        expiry=rearmed(replace(same, expires_at=at), now),
        reason=f"{given.source} moves it",
    )


def rearmed(expiry: Expiry, now: datetime) -> Expiry:
    """The expiry with another instant: it is warned of again."""
    if expiry.stage is Stage.EXPIRED and expiry.expires_at <= now:
        return expiry
    return replace(
        expiry,
        stage=Stage.ACTIVE,
        stage_at=now,
        requested="",
        requested_by="",
        told=None,
        grace_from=None,
        busy_until=None,
        put_off_at=None,
        noticed={},
    )
