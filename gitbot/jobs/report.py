"""Say things on GitHub so that saying them twice does nothing. Shell."""

from __future__ import annotations

import hashlib

from gitbot.jobs.world import World
from gitbot.ports import Forge

PLAN_SLOT = "plan"
PLAN_MARKER = "<!-- gitbot:plan -->"


def keep_comment(
    world: World, forge: Forge, repository: str, number: int, slot: str, body: str, marker: str
) -> int:
    """The one comment of this slot on the pull request says ``body``; its id.

    It is known by its recorded id; where that is lost, by the marker in a comment that we wrote
    ourselves. An unchanged body is not written again.
    """
    hashed = hashlib.sha256(body.encode()).hexdigest()
    known = world.runs.slot(repository, number, slot)
    if known is not None:
        comment, last = known
        if last == hashed:
            return comment
        if forge.edit_comment(comment, body):
            world.runs.put_slot(repository, number, slot, comment, body)
            return comment
    found = forge.find_own_comment(number, marker) if known is None else None
    if found is None or not forge.edit_comment(found, body):
        found = forge.create_comment(number, body)
    world.runs.put_slot(repository, number, slot, found, body)
    return found


def slot_marker(slot: str) -> str:
    """The hidden marker of a slot's comment."""
    return f"<!-- gitbot:{slot} -->"
