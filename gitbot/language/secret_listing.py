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


def secrets_named(stack: DesiredStack) -> frozenset[str]:
    """The references of all secrets that the stack names."""
    return secrets_of([tree for _, _, tree in _users(stack)])


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
            f"Add `- {reference}`, or a pattern that it fits, to `spec.secrets` of "
            f"{home_path_of(stack.environment)}"
            + (", and merge that first." if where == AT_TIP else "."),
        )
        for user, place, tree in _users(stack)
        for reference in sorted(secrets_of(tree))
        if not is_listed(parse_reference(reference), patterns)
    )


def unreadable_secrets(stack: DesiredStack, told: Asked) -> tuple[Diagnostic, ...]:
    """A diagnostic for each secret that cannot be had, at what uses it."""
    return tuple(
        _diagnostic(stack, place, "secret-unreadable", f"{user} uses it: {one.detail}", one.fix)
        for user, place, tree in _users(stack)
        for reference in sorted(secrets_of(tree))
        if isinstance(one := told[reference], SecretProblem)
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
