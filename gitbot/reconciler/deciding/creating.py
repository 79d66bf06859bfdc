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
from gitbot.reconciler.placing import placement_text


def creation_of(case: Case, why: tuple[str, ...] = ()) -> Decision:
    """The object is made, for these reasons."""
    why = (*why, *reasons.of_creation(case.schema, case.properties), *_placed_again(case))
    change = change_of(case, Action.CREATE, creation_paths(case), why)
    return Decision(
        change=replace(change, properties_hash=properties_hash(case)), attributes=case.properties
    )


def _placed_again(case: Case) -> tuple[str, ...]:
    """As what an object is started that is made again. Its choices are recorded, so no setting tells them."""
    choices = placement_text(case.schema, case.properties)
    return (reasons.placed(choices),) if choices and case.recorded is not None else ()
