"""Give a rebuilt state the values that the specs and the cloud say. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from gitbot.model.desired import MADE, DesiredResource, DesiredStack
from gitbot.model.graph import levels
from gitbot.model.lookups import KeptLookup, same_answer
from gitbot.model.names import Address
from gitbot.model.observed import Observation, Present
from gitbot.model.recorded import RecordedOutput, RecordedResource, RecordedStack
from gitbot.model.schema import SchemaLookup
from gitbot.model.values import Redactor, Sensitive, Value, is_known, is_sensitive
from gitbot.reconciler.across import give
from gitbot.reconciler.binding import Binder, Scope, attributes_of
from gitbot.reconciler.compared_form import as_compared
from gitbot.reconciler.equality import equality_of
from gitbot.reconciler.looked_up import Answering, Lookups
from gitbot.reconciler.outputs import definition_hash, output_value
from gitbot.reconciler.partial import told_of
from gitbot.reconciler.recording import record_of
from gitbot.reconciler.secrets import kept
from gitbot.reconciler.triggers import values_kept
from gitbot.reconciler.veiling import veiled


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """What the specs say of each resource, with every value that the live objects make known."""

    properties: Mapping[Address, Mapping[str, Value]]
    replace_when: Mapping[Address, Mapping[str, Value]]
    outputs: Mapping[str, Value]
    lookups: Mapping[Address, KeptLookup]


def values_of(
    desired: DesiredStack,
    state: RecordedStack,
    observed: Mapping[Address, Observation],
    schemas: SchemaLookup,
    bind: Binder,
    answering: Answering,
) -> Values:
    """The values of the stack's expressions, where everything that they use exists."""
    scope = Scope(bind)
    give(scope, desired, desired.withheld)
    lookups = Lookups(desired.lookups, answering)
    properties: dict[Address, Mapping[str, Value]] = {}
    replacing: dict[Address, Mapping[str, Value]] = {}
    resources = desired.resources
    for level in levels({address: one.depends_on for address, one in resources.items()}):
        lookups.settle(scope)
        trees = scope.bound(
            [
                *(resources[address].properties for address in level),
                *(resources[address].lifecycle.replace_when for address in level),
            ]
        )
        for number, address in enumerate(level):
            properties[address], replacing[address] = trees[number], trees[len(level) + number]
            _learn(scope, address, properties[address], state, observed, schemas)
    lookups.settle(scope)
    values = scope.bound([output.value for output in desired.outputs.values()])
    return Values(
        properties=properties,
        replace_when=replacing,
        outputs=dict(zip(desired.outputs, values, strict=True)),
        lookups=dict(lookups.found),
    )


def _learn(
    scope: Scope,
    address: Address,
    bound: Mapping[str, Value],
    state: RecordedStack,
    observed: Mapping[Address, Observation],
    schemas: SchemaLookup,
) -> None:
    """Let expressions use what is there."""
    record, seen = state.resources.get(address), observed.get(address)
    if record is None or not isinstance(seen, Present):
        scope.add(address, bound, informed=False)
        return
    attributes = attributes_of(schemas(record.type), bound, seen.properties)
    scope.add(address, {**attributes, MADE: record.generation}, informed=True)


def with_values(
    state: RecordedStack,
    desired: DesiredStack,
    values: Values,
    observed: Mapping[Address, Observation],
    schemas: SchemaLookup,
    redactor: Redactor,
) -> RecordedStack:
    """The state as an apply of these specs would have recorded it.

    What the cloud shows otherwise is for ``refresh`` to record. A value that is not known, because
    something is missing that it uses or because nobody opens its secrets, is taken from the object: as a
    keyed hash, where it is sensitive.
    """
    resources = {
        address: _as_declared(record, one, values, observed.get(address), schemas, redactor)
        if (one := desired.resources.get(address)) is not None and one.type == record.type
        else record
        for address, record in state.resources.items()
    }
    return replace(
        state,
        resources=resources,
        outputs={
            **{name: one for name, one in state.outputs.items() if name in desired.outputs},
            **_outputs(desired, values, redactor),
        },
        lookups={
            address: before
            if (before := state.lookups.get(address)) is not None and same_answer(one, before)
            else one
            for address, one in sorted(values.lookups.items())
        },
        lifetime=desired.lifetime,
        module_tags=dict(desired.module_tags),
        uses=dict(desired.marks),
    )


def _outputs(
    desired: DesiredStack, values: Values, redactor: Redactor
) -> Mapping[str, RecordedOutput]:
    shown = {
        name: output_value(output, values.outputs[name], redactor)
        for name, output in sorted(desired.outputs.items())
    }
    return {
        name: RecordedOutput(
            value=value,
            sensitive=desired.outputs[name].sensitive,
            definition=definition_hash(desired.outputs[name], redactor),
        )
        for name, value in shown.items()
        if is_known(value)
    }


def _as_declared(
    record: RecordedResource,
    wanted: DesiredResource,
    values: Values,
    seen: Observation | None,
    schemas: SchemaLookup,
    redactor: Redactor,
) -> RecordedResource:
    address, schema = record.address, schemas(record.type)
    shown = as_compared(seen.properties if isinstance(seen, Present) else {}, schema)
    bound: dict[str, Value] = {}
    said = kept(values.properties[address], record.properties, redactor)
    forms = as_compared(said, schema)
    for name, value in said.items():
        if is_known(value):
            bound[name] = value
        elif name in shown:
            secrets = [forms[name]] if is_sensitive(value) else []
            told = told_of(name, forms[name], shown[name], schema, redactor)
            bound[name] = veiled(told, secrets, Sensitive, equality_of(schema, redactor), (name,))
    known = {name: one for name, one in values.replace_when[address].items() if is_known(one)}
    made = record_of(
        wanted,
        bound,
        schema=schema,
        route=record.route,
        account=record.account,
        region=record.region,
        redactor=redactor,
        generation=record.generation,
        remote_id=record.remote_id,
        attributes=record.attributes,
        replace_when=values_kept(known, record.replace_when, redactor),
    )
    return replace(made, tainted=record.tainted, kept=record.kept, emptied=record.emptied)
