"""Judge preconditions, postconditions and checks with the values that are known. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gitbot.errors import TransientError, UserError
from gitbot.model.conditions import Condition, ConditionKind, OpenCondition
from gitbot.model.desired import DesiredResource, DesiredStack
from gitbot.model.plan import Action, Change
from gitbot.model.values import Sensitive, Unknown, Value
from gitbot.reconciler.binding import Scope
from gitbot.reconciler.problems.changes import say_unmet
from gitbot.reconciler.problems.collected import Problems


def holds(value: Value) -> bool | None:
    """Whether a condition with this value holds; None where nobody knows yet.

    Raises:
        UserError: it is neither true nor false.
    """
    verdict = value.value if isinstance(value, Sensitive) else value
    if isinstance(verdict, bool):
        return verdict
    if isinstance(verdict, Unknown):
        return None
    raise UserError("a condition gives something else than true or false: compare something in it")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    kind: ConditionKind
    condition: Condition
    resource: DesiredResource


def judge_conditions(
    desired: DesiredStack, changes: Sequence[Change], scope: Scope, problems: Problems
) -> tuple[OpenCondition, ...]:
    """The conditions that do not hold, or that only an apply can ask; checks last.

    One that cannot hold whatever an apply does is added to ``problems``: a precondition that is
    false now, and a postcondition that is false by what the spec itself says. ``scope`` has what the
    plan knows of each resource.

    Raises:
        UserError: a condition of a resource fails with what is known, or is neither true nor false.
    """
    actions = {one.address: one.action for one in changes if one.deposed_operation is None}
    asked = list(_asked(desired))
    values = scope.bound([one.condition.that for one in asked])
    found: list[OpenCondition] = []
    for one, value in zip(asked, values, strict=True):
        verdict = _named(one, value)
        if verdict is False and (
            one.kind is ConditionKind.PRECONDITION or one.condition.that is False
        ):
            say_unmet(problems, one.resource, one.kind, one.condition)
            continue
        if one.kind is ConditionKind.POSTCONDITION and verdict is not holds(one.condition.that):
            # What the cloud says now may be otherwise after a change.
            verdict = verdict if actions.get(one.resource.address) is Action.NOOP else None
        if verdict is not True:
            found.append(
                OpenCondition(
                    kind=one.kind,
                    address=one.resource.address,
                    says=one.condition.says,
                    holds=verdict,
                )
            )
    return (*found, *unmet_checks(desired, scope))


def _asked(desired: DesiredStack) -> Iterator[_Asked]:
    for address in sorted(desired.resources):
        resource = desired.resources[address]
        for kind, conditions in (
            (ConditionKind.PRECONDITION, resource.lifecycle.preconditions),
            (ConditionKind.POSTCONDITION, resource.lifecycle.postconditions),
        ):
            for one in conditions:
                yield _Asked(kind=kind, condition=one, resource=resource)


def _named(one: _Asked, value: Value) -> bool | None:
    try:
        return holds(value)
    except UserError as error:
        raise UserError(f"{one.resource.address}, {one.kind.value}: {error}") from None


def require(conditions: Sequence[Condition], values: Sequence[Value], kind: ConditionKind) -> None:
    """Return when all of the conditions of one resource hold, with these values.

    Raises:
        UserError: one does not, or cannot be asked.
    """
    for condition, value in zip(conditions, values, strict=True):
        verdict = holds(value)
        if verdict is False:
            raise UserError(f"its {kind.value} does not hold: {condition.says}")
        if verdict is None:
            raise UserError(
                f'its {kind.value} "{condition.says}" cannot be asked: what it uses is not known, '
                "although everything that could be done before was done"
            )


def unmet_checks(desired: DesiredStack | None, scope: Scope) -> tuple[OpenCondition, ...]:
    """The checks that do not hold, or that cannot be asked yet. They fail nothing."""
    checks = {} if desired is None else desired.checks
    found: list[OpenCondition] = []
    for name in sorted(checks):
        try:
            verdict = holds(scope.bound([checks[name].that])[0])
        except (UserError, TransientError):
            verdict = None
        if verdict is not True:
            found.append(
                OpenCondition(
                    kind=ConditionKind.CHECK, address=name, says=checks[name].says, holds=verdict
                )
            )
    return tuple(found)
