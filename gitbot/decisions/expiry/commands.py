"""Decides what `/extend`, `/keep` and `/destroy` do to the expiry of a stack. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from gitbot.decisions.expiry.instants import rearmed
from gitbot.model.expiry import LONGEST_LIFE, Expiry, ExpiryRules, Refusal
from gitbot.model.names import written_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """The answer of a command: the moved expiry, or why it was not moved.

    ``latest`` is the latest instant that is allowed.
    """

    expiry: Expiry | None = None
    refusal: Refusal | None = None
    latest: datetime | None = None


_LAST = datetime.max.replace(tzinfo=UTC)


def extended(expiry: Expiry, rules: ExpiryRules, by: timedelta, now: datetime) -> Moved:
    """The expiry moved by a duration: from its instant, or from now when that is over."""
    begins = max(expiry.expires_at, now)
    return _to(expiry, rules, begins + min(by, _LAST - begins), now)


def kept(expiry: Expiry, rules: ExpiryRules, until: datetime, now: datetime) -> Moved:
    """The expiry moved to an instant. It counts as one extension."""
    if until <= max(expiry.expires_at, now):
        return Moved(refusal=Refusal.ENDED if expiry.ended else Refusal.EARLIER)
    return _to(expiry, rules, until, now)


def latest_expiry(expiry: Expiry, rules: ExpiryRules) -> datetime:
    """The latest instant to which people can move it.

    Without a maximum of the environment it is as far away as a spec's ttl can be.
    """
    longest = LONGEST_LIFE
    if rules.longest is not None and written_name(expiry.stack.name) not in rules.exempt:
        longest = rules.longest
    return max(expiry.born_at + longest, expiry.expires_at)


def _to(expiry: Expiry, rules: ExpiryRules, at: datetime, now: datetime) -> Moved:
    latest = latest_expiry(expiry, rules)
    if expiry.ended:
        return Moved(refusal=Refusal.ENDED)
    if expiry.extensions >= rules.extensions:
        return Moved(refusal=Refusal.COUNT)
    if at > latest:
        return Moved(refusal=Refusal.LONGEST, latest=latest)
    moved = replace(expiry, expires_at=at, extensions=expiry.extensions + 1)
    return Moved(expiry=rearmed(moved, now), latest=latest)


def end_digest(expiry: Expiry, plan: str) -> str:
    """The digest that people are shown of a destruction, and give to have it done.

    It is of the plan, whose digest this is, and of the expiry that was shown with it: whoever has seen
    another expiry has not seen that somebody extended the stack since.
    """
    shown = f"{plan} {expiry.expires_at.astimezone(UTC).isoformat()}"
    return sha256(shown.encode()).hexdigest()


def requested(expiry: Expiry, digest: str, actor: str) -> Expiry:
    """The expiry of a stack whose destruction somebody asked for, with the digest of its plan."""
    return replace(expiry, requested=digest, requested_by=actor, retry_at=None)
