"""Finds the secrets that a stack names and its environment does not list. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from gitbot.language.codes import SUMMARIES
from gitbot.language.files import home_path_of
from gitbot.model.desired import DesiredResource, DesiredStack
from gitbot.model.diagnostic import Diagnostic
from gitbot.model.secret_references import (
    Asked,
    SecretProblem,
    is_listed,
    parse_reference,
    secrets_of,
)

HERE: Final = "this commit"
AT_TIP: Final = "the tip of the tracked branch"
OWN_PATTERN: Final = "secretsmanager:(*)"
"""Lists every secret that a stack of the environment makes itself."""


def secrets_followed(stack: DesiredStack) -> frozenset[str]:
    """The references of all secrets that the stack names and does not make itself.

    Those that it makes have no versions to follow: who rotates one sets the password, too.
    """
    named = secrets_of([tree for _, _, tree in _users(stack)])
    return frozenset(one for one in named if parse_reference(one).address is None)


def unlisted_secrets(
    stack: DesiredStack, patterns: Sequence[str], where: str = HERE
) -> tuple[Diagnostic, ...]:
    """A diagnostic for each secret that no pattern names, at what uses it.

    ``patterns`` are ``secrets`` of the environment.yaml at ``where``.
    """
    return tuple(
        _diagnostic(
            stack,
            place,
            "secret-not-listed",
            f"{user} uses secret({reference!r}), which `secrets` of {home_path_of(stack.environment)} "
            f"at {where} does not list: specs may name only the secrets that are listed there.",
            f"Add {_line_for(reference)} to `spec.secrets` of {home_path_of(stack.environment)}"
            + (", and merge that first." if where == AT_TIP else "."),
        )
        for user, place, tree in _users(stack)
        for reference in sorted(secrets_of(tree))
        if not is_listed(parse_reference(reference), patterns)
    )


def _line_for(reference: str) -> str:
    if parse_reference(reference).address is None:
        return f"`- {reference}`, or a pattern that it fits,"
    return f"`- {OWN_PATTERN}`, for all secrets that stacks of the environment make,"


def unreadable_secrets(stack: DesiredStack, told: Asked) -> tuple[Diagnostic, ...]:
    """A diagnostic for each secret that cannot be had, at what uses it."""
    return tuple(
        _diagnostic(stack, place, "secret-unreadable", f"{user} uses it: {one.detail}", one.fix)
        for user, place, tree in _users(stack)
        for reference in sorted(secrets_of(tree))
        if isinstance(one := told.get(reference), SecretProblem)
    )


def _diagnostic(
    stack: DesiredStack, place: DesiredResource | DesiredStack, code: str, detail: str, fix: str
) -> Diagnostic:
    return Diagnostic(
        file=place.source.file,
        line=place.source.line,
        column=place.source.column,
        code=code,
        summary=SUMMARIES[code],
        detail=detail,
        fix=fix,
        environment=stack.environment,
        stack=stack.name,
        used_at=place.used_at if isinstance(place, DesiredResource) else (),
    )


def _users(
    stack: DesiredStack,
) -> Iterator[tuple[str, DesiredResource | DesiredStack, Any]]:
    for address, resource in sorted(stack.resources.items()):
        yield (
            f"`{address}`",
            resource,
            [resource.properties, resource.lifecycle.replace_when],
        )
    for name, output in sorted(stack.outputs.items()):
        yield f"The output `{name}`", stack, output.value
