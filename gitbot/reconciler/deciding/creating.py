"""A new object. Pure."""

from __future__ import annotations

from dataclasses import replace

from gitbot.model.plan import Action
from gitbot.reconciler import reasons
from gitbot.reconciler.deciding.case import (
    Case,
    Decision,
    change_of,
    creation_paths,
    properties_hash,
)


def creation_of(case: Case, why: tuple[str, ...] = ()) -> Decision:
    """The object is made, for these reasons."""
    why = (*why, *reasons.of_creation(case.schema, case.properties))
    change = change_of(case, Action.CREATE, creation_paths(case), why)
    return Decision(
        change=replace(change, properties_hash=properties_hash(case)), attributes=case.properties
    )
