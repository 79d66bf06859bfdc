"""Decides what a scan tells of what a stack uses and does not manage. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gitbot.model.desired import DesiredStack
from gitbot.model.lookups import PlannedLookup
from gitbot.model.newer import LostSecret, NewerAnswer, Rotation
from gitbot.model.plan import Action, Change, Plan, Unseen
from gitbot.model.recorded import RecordedStack
from gitbot.model.secret_references import Asked, SecretProblem
from gitbot.model.values import has_secrets
from gitbot.reconciler.secrets import rotations


def is_as_applied(desired: DesiredStack, recorded: RecordedStack) -> bool:
    """Whether the last apply was of these very specs. Of others it is not known what they need."""
    return desired.hash == recorded.desired_hash


def newer_answers(lookups: Iterable[PlannedLookup]) -> tuple[NewerAnswer, ...]:
    """The lookups of which something is remarked."""
    return tuple(NewerAnswer(lookup=one.address, says=one.remark) for one in lookups if one.remark)


def lost_secrets(told: Asked) -> tuple[LostSecret, ...]:
    """The secrets that cannot be had."""
    return tuple(
        LostSecret(reference=reference, says=f"{one.detail} {one.fix}")
        for reference, one in sorted(told.items())
        if isinstance(one, SecretProblem)
    )


def may_rotate(
    desired: DesiredStack, recorded: RecordedStack, versions: Mapping[str, str]
) -> tuple[str, ...] | None:
    """In words the secrets with a new version; empty if only a plan can tell; None if there are none.

    Of the secrets in ``replaceWhen`` state keeps a hash alone.
    """
    moved = rotations(recorded.resources.values(), versions)
    stamped = any(has_secrets(one.lifecycle.replace_when) for one in desired.resources.values())
    return moved if moved or stamped else None


def rotation_of(moved: tuple[str, ...], plan: Plan) -> tuple[Rotation, ...]:
    """What the plan would do because secrets were rotated: one at most."""
    due = [change for change in plan.effective if _is_due(change)]
    if not moved and not due:
        return ()
    replaces = tuple(one.address for one in due if one.action is Action.REPLACE)
    updates = tuple(one.address for one in due if one.action is not Action.REPLACE)
    return (Rotation(secrets=moved, updates=updates, replaces=replaces),)


def _is_due(change: Change) -> bool:
    """Whether the change is made because of a secret, as far as the specs are as applied."""
    rotated = any(path.unseen is Unseen.ROTATED for path in change.paths)
    return rotated or any(not one.may for one in change.triggers)
