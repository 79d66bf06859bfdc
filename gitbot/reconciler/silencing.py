"""Take out of a state what it has in plain and must not have. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from gitbot.model.desired import DesiredResource, DesiredStack
from gitbot.model.names import Address
from gitbot.model.recorded import RecordedResource, RecordedStack
from gitbot.model.schema import SchemaLookup, TypeSchema
from gitbot.model.values import Redactor, Sensitive, Value, is_known, is_sensitive, redact
from gitbot.reconciler.compared_form import compared_form
from gitbot.reconciler.equality import equality_of
from gitbot.reconciler.recording import only_the_clouds, sensitive_names, shown_openly
from gitbot.reconciler.veiling import veiled


def silenced(
    state: RecordedStack,
    desired: DesiredStack | None,
    schemas: SchemaLookup,
    redactor: Redactor,
) -> RecordedStack:
    """The state, with keyed hashes for what is sensitive by the specs; the same one if it has nothing in plain.

    A spec may have said the value in plain until now, and an earlier version of gitbot may have written it.
    """
    wanted = {} if desired is None else desired.resources
    resources = {
        at: _silenced(one, wanted.get(at), schemas(one.type), redactor)
        for at, one in state.resources.items()
    }
    deposed = tuple(
        replace(
            old,
            resource=_silenced(
                old.resource, wanted.get(old.resource.address), schemas(old.resource.type), redactor
            ),
        )
        for old in state.deposed
    )
    if resources == state.resources and deposed == state.deposed:
        return state
    return replace(state, resources=resources, deposed=deposed)


def _silenced(
    one: RecordedResource,
    wanted: DesiredResource | None,
    schema: TypeSchema | None,
    redactor: Redactor,
) -> RecordedResource:
    said = wanted.properties if wanted is not None and wanted.type == one.type else {}
    wants, has = sensitive_names(said, schema), sensitive_names(one.properties, schema)
    hidden = wants | has
    if not hidden:
        return one
    equality = equality_of(schema, redactor)

    def silent(name: str, value: Value) -> Value:
        if is_sensitive(said.get(name)):
            return veiled(value, [said[name]], Sensitive, equality, (name,))  # type: ignore[no-any-return]
        # Sensitive by what another property puts into it, of which the record knows nothing: so it may be in there.
        return said.get(name, value) if name in wants - has else value

    quiet = {name: silent(name, value) for name, value in one.properties.items()}
    properties = {name: value for name, value in quiet.items() if is_known(value)}
    redacted = redact(compared_form(properties, schema), redactor)
    return replace(one, properties=redacted, attributes=shown_openly(one.attributes, hidden))


def without_undeclared(
    state: RecordedStack, desired: DesiredStack | None, schemas: SchemaLookup
) -> RecordedStack:
    """The state, with nothing that somebody has set of objects that were found and that no spec tells of.

    Nobody can say which of it is secret.
    """
    wanted: Mapping[Address, DesiredResource] = {} if desired is None else desired.resources

    def told(one: RecordedResource) -> bool:
        spec = wanted.get(one.address)
        return bool(one.properties) or (spec is not None and spec.type == one.type)

    resources = {
        at: one if told(one) else only_the_clouds(one, schemas(one.type))
        for at, one in state.resources.items()
    }
    deposed = tuple(
        one
        if one.resource.properties
        else replace(one, resource=only_the_clouds(one.resource, schemas(one.resource.type)))
        for one in state.deposed
    )
    return replace(state, resources=resources, deposed=deposed)
