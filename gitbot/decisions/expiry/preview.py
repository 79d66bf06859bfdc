"""Decides which expiries a change of the specs makes or moves, for people to see before. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from gitbot.decisions.expiry.instants import follow, nominal
from gitbot.model.desired import DesiredStack
from gitbot.model.expiry import Expiry, ExpiryRules, Lifetime, Preview
from gitbot.model.recorded import StackHeader

_NO_RULES = ExpiryRules()


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """The stacks and the rules of the environment on one side of the change."""

    stacks: Mapping[str, DesiredStack]
    rules: ExpiryRules | None


def previews(
    before: Side,
    after: Side,
    rows: Mapping[str, Expiry],
    headers: Mapping[str, StackHeader],
    now: datetime,
) -> tuple[Preview, ...]:
    """The stacks whose expiry is made, moved or taken away by the change, by name.

    ``rows`` and ``headers`` are what is recorded, by name.
    """
    found: list[Preview] = []
    for name in sorted(after.stacks):
        row, header = rows.get(name), headers.get(name)
        if header is None or header.desired_hash is None or (row is not None and row.ended):
            found += _new(name, before, after, row, now)
        else:
            found += _standing(name, before, after, row, header, now)
    return tuple(found)


def _new(
    name: str, before: Side, after: Side, row: Expiry | None, now: datetime
) -> Iterator[Preview]:
    """A stack that begins a life with its next apply."""
    lifetime = after.stacks[name].lifetime
    given = nominal(name, lifetime, after.rules, now)
    known = before.stacks.get(name)
    same = known is not None and known.lifetime == lifetime and before.rules == after.rules
    if given is None or same:
        return
    ahead = (after.rules or _NO_RULES).ahead
    fixed = lifetime is not None and lifetime.at == given.at
    short = given.at < now + ahead
    yield Preview(
        stack=name,
        after=given.at if fixed and not short else None,
        span=None if fixed or short else given.at - now,
        ahead=ahead if short else None,
        source=given.source,
        revived=row is not None,
        over=_is_over(lifetime, now),
    )


def _standing(
    name: str,
    before: Side,
    after: Side,
    row: Expiry | None,
    header: StackHeader,
    now: datetime,
) -> Iterator[Preview]:
    """A stack that is applied."""
    lifetime = after.stacks[name].lifetime
    followed = partial(follow, stack=header.id, born_at=header.born_at or now, now=now)
    old = followed(row, lifetime=header.lifetime, rules=before.rules).expiry
    new = followed(old, lifetime=lifetime, rules=after.rules).expiry
    was, will = (None if each is None else each.expires_at for each in (old, new))
    over = lifetime != header.lifetime and _is_over(lifetime, now)
    if was == will and not over:
        return
    ahead = (after.rules or _NO_RULES).ahead
    short = will == now + ahead
    yield Preview(
        stack=name,
        before=None if was == will else was,
        after=None if short else will,
        ahead=ahead if short else None,
        source="" if new is None else new.source,
        over=over,
    )


def _is_over(lifetime: Lifetime | None, now: datetime) -> bool:
    """Whether the spec gives an instant that has passed."""
    return lifetime is not None and lifetime.at is not None and lifetime.at <= now
