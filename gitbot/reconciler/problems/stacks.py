"""Say what is wrong with a whole stack, or cannot be planned at all. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from gitbot.model.desired import DesiredResource
from gitbot.model.names import Address
from gitbot.reconciler.problems.collected import Problems


def say_unknown_type(problems: Problems, resource: DesiredResource) -> None:
    """The type is not in the registry."""
    problems.say(
        "unknown-type",
        "This resource type is not known",
        f"`{resource.address}` is of type `{resource.type}`, which the registry does not have.",
        "Check the spelling against the CloudFormation resource type reference.",
        resource,
    )


def say_cycle(problems: Problems, path: Sequence[Address]) -> None:
    """Resources need each other in a circle."""
    problems.say(
        "dependency-cycle",
        "Resources depend on each other in a circle",
        f"None of these can be created first: {' → '.join(path)}.",
        "Take one reference or `lifecycle.dependsOn` of the circle out.",
    )


def say_elsewhere(
    problems: Problems, what: str, recorded: str, here: str, held: Sequence[Address]
) -> None:
    """Recorded resources live in another account or region."""
    names = ", ".join(f"`{address}`" for address in held[:5])
    more = f" and {len(held) - 5} more" if len(held) > 5 else ""
    problems.say(
        f"{what}-mismatch",
        f"Recorded resources are in another {what}",
        f"{names}{more} were applied in {what} {recorded}, but the environment now leads to "
        f"{here}.",
        f"Bring the environment back to {what} {recorded}, or destroy the stack there first.",
    )
