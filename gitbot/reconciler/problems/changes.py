"""Say what a change asks for that cannot be had. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from gitbot.model.conditions import Condition, ConditionKind
from gitbot.model.desired import DesiredResource
from gitbot.model.names import Address
from gitbot.model.plan import PathChange
from gitbot.reconciler.pointers import parse, words_of
from gitbot.reconciler.problems.collected import Problems


def say_removal(problems: Problems, resource: DesiredResource, path: PathChange) -> None:
    """A declared property has left the spec, and its type does not say what to do then."""
    words = words_of(parse(path.path))
    problems.say(
        "removal-undeclared",
        "Removing this property has no defined meaning",
        f"`{words}` of `{resource.address}` was applied before and is no longer declared, and "
        f"{resource.type} has no default that gitbot could go back to.",
        f"Declare `{words}` with the value that it should have, or list `{path.path}` under "
        "`lifecycle.ignoreChanges` to leave it as it is.",
        resource,
    )


def say_shrinks(problems: Problems, resource: DesiredResource, path: PathChange) -> None:
    """A size that can only grow is to become smaller, or an element is to leave a list."""
    words = words_of(parse(path.path))
    if path.removed:
        keep = "it again"
    elif type(path.before) is int:
        keep = f"at least {path.before}"
    else:  # a switch
        keep = f"{path.before} again"
    be = "be taken out" if path.removed else f"become {path.after}"
    problems.say(
        "cannot-shrink",
        "A value can only grow or be turned on",
        f"`{words}` of `{resource.address}` is {path.before} and cannot {be}.",
        f"Declare {keep}, or give the resource another name, so that a new object "
        "is made and this one is deleted with its data.",
        resource,
    )


def say_skips(problems: Problems, resource: DesiredResource, path: PathChange) -> None:
    """A version is to become another one than the next."""
    words = words_of(parse(path.path))
    problems.say(
        "version-skipped",
        "A version can only become the next one",
        f"`{words}` of `{resource.address}` is {path.before} and cannot become {path.after} at once: the cloud "
        "takes one minor version after the other.",
        f"Write {path.before} or the version next to it, apply that, and go on from there.",
        resource,
    )


def say_leaps(
    problems: Problems, resource: DesiredResource, path: PathChange, allowed: str
) -> None:
    """A version is to get another first number without what allows that."""
    words = words_of(parse(path.path))
    problems.say(
        "upgrade-not-allowed",
        "A major upgrade is not allowed",
        f"`{words}` of `{resource.address}` is {path.before}, and the cloud makes {path.after} of it only where "
        f"`{allowed}` is true.",
        f"Set `{allowed}: true` with it; there is no way back to {path.before}.",
        resource,
    )


def say_replaced_in_use(
    problems: Problems,
    resource: DesiredResource,
    name: str,
    cause: Address | None,
    users: Sequence[Address],
) -> None:
    """It must go before its successor comes, and the cloud keeps it while it is used.

    It goes first because ``cause`` keeps ``name``: itself, or another one that it uses. Without a cause its spec
    says so.
    """
    names = ", ".join(f"`{user}`" for user in users)
    moves = f"then the new object is made first and {names} moves over to it"
    if cause is None:
        why, fix = "says `replace: delete-first`", f"Take `replace` out: {moves}."
    elif cause == resource.address:
        why = f"keeps the name `{name}`"
        fix = f"Take the fixed name out or change it: {moves}."
    else:
        why = f"uses `{cause}`, which is replaced and keeps `{name}`"
        fix = f"Give `{cause}` another value than `{name}`: {moves}."
    problems.say(
        "replaced-in-use",
        "A resource cannot be replaced while it is used",
        f"`{resource.address}` {why}, so the old object must be deleted before "
        f"the new one is made, and the cloud keeps it while {names} uses it.",
        fix,
        resource,
    )


def say_name_lingers(problems: Problems, resource: DesiredResource, name: str, why: str) -> None:
    """It must go before its successor comes, and the name is not free then."""
    problems.say(
        "name-lingers",
        "A resource cannot be replaced under its name",
        f"`{resource.address}` keeps the name `{name}`, so the old object must be deleted before the "
        f"new one is made. {why}",
        "Take the fixed name out or change it: then the new object is made first. Or take the change "
        "back.",
        resource,
    )


def say_made_otherwise(problems: Problems, resource: DesiredResource, why: str, fix: str) -> None:
    """The cloud would refuse what the spec says, or make something else of it."""
    problems.say(
        "made-otherwise",
        "The cloud would refuse this, or make something else of it",
        f"`{resource.address}` ({resource.type}): {why}",
        fix,
        resource,
    )


def say_unmet(
    problems: Problems, resource: DesiredResource, kind: ConditionKind, condition: Condition
) -> None:
    """A condition of a resource cannot hold, whatever an apply does."""
    why = (
        "Nothing is changed in a stack where one is false."
        if kind is ConditionKind.PRECONDITION
        else "What the spec itself says of the resource makes it false."
    )
    problems.say(
        f"{kind.value}-failed",
        f"A {kind.value} does not hold",
        f"The {kind.value} of `{resource.address}` is false: {condition.says}. {why}",
        "Change the values that it is about, or the condition.",
        resource,
        at=condition.source,
    )
