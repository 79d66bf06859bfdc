"""Say what would be deleted and must not be. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from gitbot.model.desired import DesiredResource
from gitbot.model.recorded import RecordedResource
from gitbot.reconciler.problems.collected import Problems


def say_protected_replacement(
    problems: Problems, resource: DesiredResource, why: Sequence[str]
) -> None:
    """A protected resource would be replaced."""
    problems.say(
        "protected",
        "A protected resource would be deleted",
        f"`{resource.address}` has `lifecycle.protect` and this change would replace it. "
        + " ".join(why),
        "Take the change back, or set `protect: false` in a change of its own first.",
        resource,
    )


def say_still_protected(problems: Problems, resource: DesiredResource, why: Sequence[str]) -> None:
    """A resource would lose its protection and be replaced in the same step."""
    problems.say(
        "protected",
        "A protected resource would be deleted",
        f"`{resource.address}` was applied with `lifecycle.protect`. This change takes the "
        "protection away and would replace it in the same step. " + " ".join(why),
        "Apply `protect: false` in a change of its own first, then make the rest of this change.",
        resource,
    )


def say_protected_deletion(problems: Problems, resource: RecordedResource) -> None:
    """A protected resource would be deleted."""
    problems.say(
        "protected",
        "A protected resource would be deleted",
        f"`{resource.address}` ({resource.type}, `{resource.remote_id}`) was applied with "
        "`lifecycle.protect`, and this would delete it: the specs no longer have it, or the stack is "
        "destroyed.",
        "Keep it in the spec, or set `protect: false` on it there, apply that, and remove or destroy "
        "it then.",
    )


def say_stranded(problems: Problems, left: RecordedResource, needed: RecordedResource) -> None:
    """What stays in the cloud uses what would be deleted."""
    problems.say(
        "retained-needs",
        "A resource that stays needs one that would be deleted",
        f"`{left.address}` ({left.type}, `{left.remote_id}`) is to stay in the cloud, and it uses "
        f"`{needed.address}` ({needed.type}, `{needed.remote_id}`), which would be deleted: the "
        "cloud refuses that, or what stays is left without it.",
        f"Keep both: set `lifecycle: {{retain: true}}` on `{needed.address}` too and apply that first. "
        f"Or delete both: set `retain: false` on `{left.address}`, apply that, and then repeat this.",
    )
