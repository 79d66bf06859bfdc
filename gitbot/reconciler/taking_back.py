"""Give an old object its address back when the spec wants it again before it is deleted. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from gitbot.model.desired import DesiredResource, DesiredStack
from gitbot.model.names import Address
from gitbot.model.recorded import Deposed, RecordedResource, RecordedStack
from gitbot.model.schema import SchemaLookup, TypeSchema
from gitbot.model.values import Redactor
from gitbot.reconciler.compare import compare


def taken_back(
    state: RecordedStack, desired: DesiredStack | None, schemas: SchemaLookup, redactor: Redactor
) -> RecordedStack:
    """The state, in which old objects have their addresses again where the spec wants them back; the
    same one if there are none.

    That is so when a replacement is reverted half-way: a third object could have neither the name nor
    the range of the old one. What has the address now is then the one to be deleted.
    """
    if desired is None or state.intents:
        return state
    for address, wanted in desired.resources.items():
        old = _wanted_again(state, address, wanted, schemas(wanted.type), redactor)
        if old is not None:
            present = Deposed(resource=state.resources[address], operation=old.operation)
            rest = tuple(one for one in state.deposed if one is not old)
            resources = {**state.resources, address: old.resource}
            state = replace(state, resources=resources, deposed=(*rest, present))
    return state


def _wanted_again(
    state: RecordedStack,
    address: Address,
    wanted: DesiredResource,
    schema: TypeSchema | None,
    redactor: Redactor,
) -> Deposed | None:
    """The newest old object of the address, if it can become what is wanted and the present one cannot."""
    olds = [one for one in state.deposed if one.resource.address == address]
    present = state.resources.get(address)
    if not olds or present is None or schema is None:
        return None
    if not _differs(schema, wanted, present, redactor):
        return None
    fits = (one for one in reversed(olds) if not _differs(schema, wanted, one.resource, redactor))
    return next(fits, None)


def _differs(
    schema: TypeSchema, wanted: DesiredResource, object_: RecordedResource, redactor: Redactor
) -> bool:
    """Whether the object would surely be replaced; what is not known yet decides nothing."""
    if object_.type != wanted.type or object_.tainted:
        return True
    told: Any = object_.attributes
    found = compare(
        schema,
        desired=wanted.properties,
        recorded=object_.properties,
        observed=told,
        redactor=redactor,
    )
    return any(one.forces and not one.may_force for one in found)
