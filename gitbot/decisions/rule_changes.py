"""Decides what a change of ``environment.yaml`` loosens or tightens. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Any, TypeAlias

from gitbot.decisions.commands.table import TABLE
from gitbot.decisions.drift.rules import drift_changes
from gitbot.decisions.expiry.rules import expiry_changes
from gitbot.decisions.freeze.rule_changes import freeze_changes
from gitbot.decisions.promotion.rules import promotion_changes
from gitbot.decisions.rights import describe, grant_of
from gitbot.model.desired import PERMISSION_ORDER, ChangedPlan, Environment, Grant, Permission
from gitbot.model.rule_changes import Effect, RuleChange
from gitbot.model.values import Value

_NOT_RULES = ("name", "source")

_Compare: TypeAlias = Callable[[Environment, Environment], Iterator[RuleChange]]


def rule_changes(before: Environment | None, after: Environment | None) -> tuple[RuleChange, ...]:
    """The rules that differ, in the order of ``Environment``; a field without a rule here too.

    ``before`` is None for a new environment: it is compared with one that says nothing but its
    region. ``after`` None (removed, or broken) has no rules to compare.
    """
    if after is None:
        return ()
    known = before or Environment(name=after.name, region="", source=after.source)
    found: list[RuleChange] = []
    for field in fields(after):
        old, new = getattr(known, field.name, None), getattr(after, field.name)
        if field.name not in _NOT_RULES and old != new:
            compare = _COMPARE.get(field.name)
            other = RuleChange(rule=field.name, before=_text(old), after=_text(new))
            found += [other] if compare is None else compare(known, after)
    return tuple(found)


def same_place(before: Environment | None, after: Environment) -> bool:
    """Whether both lead to the same account and region, with the same roles."""
    if before is None:
        return False
    places = ((one.account, one.region, one.roles) for one in (before, after))
    return len(set(places)) == 1


def _text(value: Any) -> Value:
    return None if value is None or value == "" else str(value)


def _account(before: Environment, after: Environment) -> Iterator[RuleChange]:
    yield _set_or_not("account", before.account, after.account)


def _roles(before: Environment, after: Environment) -> Iterator[RuleChange]:
    for name in ("plan", "apply"):
        old, new = getattr(before.roles, name), getattr(after.roles, name)
        if old != new:
            yield _set_or_not(f"roles.{name}", old, new)


def _set_or_not(rule: str, old: str | None, new: str | None) -> RuleChange:
    """A rule that guards where it is set: without it, less is checked."""
    effect = Effect.TIGHTENS if old is None else Effect.LOOSENS if new is None else Effect.CHANGES
    return RuleChange(rule=rule, before=old, after=new, effect=effect)


def _keys(name: str) -> _Compare:
    """Compares a map key by key."""

    def compare(before: Environment, after: Environment) -> Iterator[RuleChange]:
        old: Mapping[str, Value] = getattr(before, name)
        new: Mapping[str, Value] = getattr(after, name)
        for key in sorted({*old, *new}):
            if old.get(key) != new.get(key):
                yield RuleChange(rule=f"{name}.{key}", before=old.get(key), after=new.get(key))

    return compare


def _triggers(before: Environment, after: Environment) -> Iterator[RuleChange]:
    more = bool(after.triggers - before.triggers)
    yield RuleChange(
        rule="apply.on",
        before=sorted(before.triggers),
        after=sorted(after.triggers),
        effect=Effect.LOOSENS if more else Effect.TIGHTENS,
    )


def _secrets(before: Environment, after: Environment) -> Iterator[RuleChange]:
    """Specs may name more secrets (looser) or fewer; an order that differs says nothing."""
    old, new = sorted({*before.secrets}), sorted({*after.secrets})
    if old != new:
        more = bool(set(new) - set(old))
        yield RuleChange(
            rule="secrets",
            before=old,
            after=new,
            effect=Effect.LOOSENS if more else Effect.TIGHTENS,
        )


def _changed_plan(before: Environment, after: Environment) -> Iterator[RuleChange]:
    looser = after.changed_plan is ChangedPlan.APPLY
    yield RuleChange(
        rule="apply.changedPlan",
        before=before.changed_plan,
        after=after.changed_plan,
        effect=Effect.LOOSENS if looser else Effect.TIGHTENS,
    )


def _requirements(before: Environment, after: Environment) -> Iterator[RuleChange]:
    fewer = bool(before.requirements - after.requirements)
    yield RuleChange(
        rule="requirements",
        before=sorted(before.requirements),
        after=sorted(after.requirements),
        effect=Effect.LOOSENS if fewer else Effect.TIGHTENS,
    )


def _grants(before: Environment, after: Environment) -> Iterator[RuleChange]:
    verbs = [verb.name for verb in TABLE if verb.needs_right]
    for verb in dict.fromkeys([*verbs, *sorted({*before.grants, *after.grants})]):
        old, new = grant_of(before, verb), grant_of(after, verb)
        if old != new:
            yield RuleChange(
                rule=f"permissions.{verb}",
                before=describe(old),
                after=describe(new),
                effect=_effect(old, new),
            )


def _effect(old: Grant, new: Grant) -> Effect:
    """Looser: it lets anybody give the command whom the old one may not have let.

    Where fewer may by their permission and some are named instead, nobody knows here whether those had
    the permission. Who may only read had it where that was enough.
    """
    named = bool(_lower(new.users) - _lower(old.users) or new.teams - old.teams)
    if _rank(new) < _rank(old):
        return Effect.LOOSENS
    if not named:
        return Effect.TIGHTENS
    if _rank(new) == _rank(old):
        return Effect.LOOSENS
    return Effect.TIGHTENS if old.permission is Permission.READ else Effect.MAY_LOOSEN


def _rank(grant: Grant) -> int:
    """The permission that it takes, as a number; without one, more than anybody has."""
    known = grant.permission
    return len(PERMISSION_ORDER) if known is None else PERMISSION_ORDER.index(known)


def _lower(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.lower() for name in names)


def _drift(before: Environment, after: Environment) -> Iterator[RuleChange]:
    return drift_changes(before.drift, after.drift)


def _expiry(before: Environment, after: Environment) -> Iterator[RuleChange]:
    return expiry_changes(before.expiry, after.expiry)


def _freezes(before: Environment, after: Environment) -> Iterator[RuleChange]:
    yield from freeze_changes(before.freezes, after.freezes)


def _promotion(before: Environment, after: Environment) -> Iterator[RuleChange]:
    return promotion_changes(before.promotes_from, after.promotes_from)


def _delete_on_remove(before: Environment, after: Environment) -> Iterator[RuleChange]:
    yield RuleChange(
        rule="deleteOnRemove",
        before=before.delete_on_remove,
        after=after.delete_on_remove,
        effect=Effect.LOOSENS if after.delete_on_remove else Effect.TIGHTENS,
    )


def _off_hours(before: Environment, after: Environment) -> Iterator[RuleChange]:
    old, new = before.off_hours, after.off_hours
    yield RuleChange(
        rule="offhours",
        before=None if old is None else str(old),
        after=None if new is None else str(new),
    )


def _lookups(before: Environment, after: Environment) -> Iterator[RuleChange]:
    """What specs may look up: every entry that comes lets them read more."""
    for rule in (one for one in before.lookups if one not in after.lookups):
        yield RuleChange(rule="lookups", before=str(rule), after=None, effect=Effect.TIGHTENS)
    for rule in (one for one in after.lookups if one not in before.lookups):
        yield RuleChange(rule="lookups", before=None, after=str(rule), effect=Effect.LOOSENS)


_COMPARE: Mapping[str, _Compare] = {
    "expiry": _expiry,
    "account": _account,
    "roles": _roles,
    "variables": _keys("variables"),
    "tags": _keys("tags"),
    "triggers": _triggers,
    "secrets": _secrets,
    "changed_plan": _changed_plan,
    "requirements": _requirements,
    "grants": _grants,
    "off_hours": _off_hours,
    "drift": _drift,
    "freezes": _freezes,
    "lookups": _lookups,
    "promotes_from": _promotion,
    "delete_on_remove": _delete_on_remove,
}
"""How a field is compared. A field that is not here is listed whole."""
