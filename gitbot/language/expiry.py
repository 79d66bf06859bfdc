"""Reads when stacks expire: ``ttl`` and ``expires`` of a stack, ``ttl`` of an environment. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from gitbot.language.field_shapes import NAME, Field, ListOf, Number, Parsed, Record
from gitbot.language.nodes import Node
from gitbot.language.problems import Problems, quoted
from gitbot.language.time.instants import INSTANT_RULE, read_instant
from gitbot.model.desired import DesiredResource
from gitbot.model.durations import (
    DURATION_PATTERN,
    DURATION_RULE,
    duration_between,
    duration_words,
)
from gitbot.model.expiry import LONGEST_LIFE, ExpiryRules, Lifetime
from gitbot.model.names import Address

if TYPE_CHECKING:  # the table of fields is printed without the checks of resource types
    from gitbot.language.written import Written

NEVER: Final = "never"
_read_life: Final = duration_between(timedelta(minutes=10), LONGEST_LIFE)


def _read_ttl(text: str) -> Lifetime:
    return Lifetime(text=f"ttl: {text}", ttl=None if text == NEVER else _read_life(text))


def _read_expires(text: str) -> Lifetime:
    at: datetime | None = None if text == NEVER else read_instant(text)
    return Lifetime(text=f"expires: {text}", at=at)


def _span(least: timedelta) -> Parsed:
    return Parsed(
        read=duration_between(least, LONGEST_LIFE), rule=DURATION_RULE, pattern=DURATION_PATTERN
    )


STACK_EXPIRY: Final[Mapping[str, Field]] = {
    "ttl": Field(
        shape=Parsed(read=_read_ttl, rule=f'{DURATION_RULE}, or "{NEVER}"'),
        doc="How long after its first apply the stack expires, such as 72h; never where "
        "the environment gives no expiry, or its ttl.except names the stack.",
    ),
    "expires": Field(
        shape=Parsed(read=_read_expires, rule=f'{INSTANT_RULE}, or "{NEVER}"'),
        doc="When the stack expires, with the offset: 2026-12-01T18:00:00+01:00.",
    ),
}

ENVIRONMENT_TTL: Final = Record(
    fields={
        "default": Field(
            shape=_span(timedelta(minutes=10)),
            doc="How long stacks live that do not say it themselves.",
        ),
        "max": Field(
            shape=_span(timedelta(minutes=10)),
            doc="The longest that a stack may live after its first apply, extensions included.",
        ),
        "extensions": Field(
            shape=Number(least=0, most=100),
            doc="How often people may extend a stack's life; default 3.",
        ),
        "warn": Field(
            shape=ListOf(item=_span(timedelta(minutes=5))),
            doc="How long before the expiry each warning comes; default 48h, 24h, 2h.",
        ),
        "grace": Field(
            shape=_span(timedelta(0)),
            doc="How long an expired stack stays stopped before it is destroyed; default 24h.",
        ),
        "except": Field(
            shape=ListOf(item=NAME), doc="Stacks that expire only when their own spec says so."
        ),
    }
)


def expiry_rules(document: Node, spec: Mapping[str, Any], problems: Problems) -> ExpiryRules | None:
    """``ttl`` of the environment; None when it has none. What contradicts itself is a problem."""
    given: Mapping[str, Any] | None = spec.get("ttl")
    if given is None:
        return None
    default, longest = given.get("default"), given.get("max")
    if default is not None and longest is not None and default > longest:
        problems.add(
            "bad-expiry",
            document.get("spec", "ttl", "default"),
            f"spec.ttl.default is longer than spec.ttl.max ({duration_words(longest)}).",
            "Make the default shorter, or the maximum longer.",
        )
    if given.get("warn") == ():
        problems.add(
            "bad-expiry",
            document.get("spec", "ttl", "warn"),
            "spec.ttl.warn is empty, but nothing is destroyed without a warning.",
            'Write at least one duration, such as "24h", or leave the field out.',
        )
    usual = ExpiryRules()
    return ExpiryRules(
        default=default,
        longest=longest,
        extensions=given.get("extensions", usual.extensions),
        warn=tuple(sorted(set(given.get("warn") or usual.warn), reverse=True)),
        grace=given.get("grace", usual.grace),
        exempt=frozenset(given.get("except", ())),
    )


def lifetime_of(
    document: Node,
    spec: Mapping[str, Any],
    name: str | None,
    rules: ExpiryRules | None,
    problems: Problems,
) -> Lifetime | None:
    """What the stack's spec says about its end; None when it says nothing.

    Added as problems: both fields at once, *never* where the environment does not except the stack,
    and a ``ttl`` over the environment's maximum.
    """
    found: Lifetime | None = spec.get("ttl") or spec.get("expires")
    place = document.get("spec", "ttl") or document.get("spec", "expires")
    if spec.get("ttl") and spec.get("expires"):
        problems.add(
            "bad-expiry",
            document.get("spec", "expires"),
            "The stack gives both ttl and expires.",
            "Remove one of them.",
        )
    if found is None or name is None or rules is None or name in rules.exempt:
        return found
    if found.ttl is None and found.at is None and (rules.default or rules.longest):
        problems.add(
            "bad-expiry",
            place,
            f"{found.text}, but the environment's ttl.except does not name {quoted(name)}.",
            "Write a duration, or add the name to spec.ttl.except of environment.yaml.",
        )
    if found.ttl is not None and rules.longest is not None and found.ttl > rules.longest:
        longest = duration_words(rules.longest)
        problems.add(
            "bad-expiry",
            place,
            f"{found.text} is longer than the environment allows (spec.ttl.max: {longest}).",
            f"Write at most {longest}, or add {quoted(name)} to spec.ttl.except of environment.yaml.",
        )
    return found


def check_protected(
    name: str | None,
    lifetime: Lifetime | None,
    rules: ExpiryRules | None,
    resources: Mapping[Address, DesiredResource],
    written: Mapping[Address, Written],
) -> None:
    """Add a problem for each resource with ``protect: true`` in a stack that expires."""
    own = lifetime is not None and (lifetime.ttl is not None or lifetime.at is not None)
    by_rules = rules is not None and name not in rules.exempt and (rules.default or rules.longest)
    if not own and not by_rules:
        return
    why = lifetime.text if own and lifetime is not None else "spec.ttl of environment.yaml"
    for address in sorted(resources):
        if resources[address].lifecycle.protect:
            written[address].problems.add(
                "bad-expiry",
                written[address].node.get("lifecycle", "protect"),
                f"{address} is protected, but its stack expires ({why}).",
                "Remove protect, with lifecycle.onExpiry: keep if the object must stay; or let the "
                "stack not expire: name it in spec.ttl.except of environment.yaml.",
            )
