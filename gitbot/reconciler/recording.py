"""Make the records and ownership tags that a mutation leaves behind. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from gitbot.model.desired import DesiredResource
from gitbot.model.names import Address, RemoteId, StackId
from gitbot.model.observed import Found
from gitbot.model.recorded import Intent, RecordedResource, RecordedStack
from gitbot.model.schema import Route, Snapshots, TypeSchema
from gitbot.model.tags import (
    LINEAGE_TAG,
    OPERATION_TAG,
    RESOURCE_TAG,
    STACK_TAG,
    address_text,
)
from gitbot.model.values import Json, Redacted, Redactor, Value, is_sensitive, leaves, redact
from gitbot.reconciler.compared_form import compared_form
from gitbot.reconciler.contents import marks_kept


def ownership_tags(
    stack: StackId, lineage: str, address: Address, operation: str
) -> Mapping[str, str]:
    """The tags that name an object's stack, address, creating operation and lineage."""
    return {**own_tags(stack, lineage, address), OPERATION_TAG: operation}


def own_tags(stack: StackId, lineage: str, address: Address) -> Mapping[str, str]:
    """The tags that say whose an object is for as long as it is there."""
    return {
        STACK_TAG: stack.label,
        RESOURCE_TAG: address_text(address),
        LINEAGE_TAG: lineage,
    }


def kept_in_snapshot(old: RecordedResource, schema: TypeSchema | None, *, said: bool) -> bool:
    """Whether what the recorded object holds is kept before its deletion.

    ``said`` is what the spec of its address says now. Of an object of which no snapshot can be made, that is about the
    new object alone.
    """
    if old.snapshot_on_delete or not said or schema is None:
        return old.snapshot_on_delete or said
    why = "" if schema.unkept is None else schema.unkept(old.properties)
    return schema.snapshots is not Snapshots.NEVER and not why


def record_of(
    desired: DesiredResource,
    bound: Mapping[str, Value],
    *,
    schema: TypeSchema | None,
    route: Route,
    account: str,
    region: str,
    redactor: Redactor,
    generation: int,
    remote_id: RemoteId = RemoteId(""),  # noqa: B008 - a plain string
    attributes: Mapping[str, Value] | None = None,
    replace_when: Mapping[str, Value] | None = None,
) -> RecordedResource:
    """The record of a resource that is as ``bound`` says. Sensitive values are redacted.

    Of ``attributes``, those stay that no sensitive property has.
    ``replace_when`` are the values that its object was made with; None: those of its lifecycle now.
    """
    made_with = desired.lifecycle.replace_when if replace_when is None else replace_when
    return RecordedResource(
        address=desired.address,
        type=desired.type,
        remote_id=remote_id,
        properties=redact(compared_form(bound, schema), redactor),
        attributes=shown_openly(attributes or {}, sensitive_names(bound, schema)),
        depends_on=tuple(sorted(desired.depends_on)),
        account=account,
        region=region,
        route=route,
        create_only=schema.create_only if schema else (),
        schema_hash=schema.schema_hash if schema else "",
        protect=desired.lifecycle.protect,
        retain=desired.lifecycle.retain,
        empty_on_delete=desired.lifecycle.empty_on_delete,
        snapshot_on_delete=desired.lifecycle.snapshot_on_delete,
        ignore_changes=desired.lifecycle.ignore_changes,
        may_drift=desired.lifecycle.may_drift,
        replace=desired.lifecycle.replace,
        on_expiry=desired.lifecycle.on_expiry,
        machine=desired.machine,
        timeouts=desired.lifecycle.timeouts,
        generation=generation,
        replace_when=redact(made_with, redactor),
    )


def observed_record(
    resource: RecordedResource,
    observed: Mapping[str, Json],
    schema: TypeSchema | None = None,
    sent: Collection[str] = (),
    hidden: Collection[str] = (),
) -> RecordedResource:
    """The record with the object's observed properties as its attributes.

    The cloud answers in the clear, so a property that is sensitive in the spec is left out whole, and so are
    the ``hidden`` ones. With the ``schema``, the marks stay of what was not ``sent`` since they were recorded,
    and what the record neither manages nor showed before stays out of it: it may be a secret that the spec
    has said, or is going to say.
    """
    secret = sensitive_names(resource.properties, schema).union(hidden)
    if resource.attributes:
        known = resource.properties.keys() | resource.attributes.keys()
        secret |= _settable(schema) - known
    return replace(
        resource,
        attributes={
            **shown_openly(observed, secret),
            **marks_kept(schema, resource.attributes, sent),
        },
    )


def only_the_clouds(resource: RecordedResource, schema: TypeSchema | None) -> RecordedResource:
    """The record with those attributes alone that nobody can set, and those that name the object."""
    return replace(resource, attributes=shown_openly(resource.attributes, _settable(schema)))


def _settable(schema: TypeSchema | None) -> frozenset[str]:
    """The properties that a spec can set and that do not name the object."""
    if schema is None:
        return frozenset()
    others = {path.removeprefix("/") for path in (*schema.read_only, *schema.primary_identifier)}
    return frozenset(schema.json_schema.get("properties", {})) - others


def sensitive_names(
    properties: Mapping[str, Value], schema: TypeSchema | None = None
) -> frozenset[str]:
    """The properties of which any part must not be shown, also by the names under which the cloud shows them."""
    own = {name for name, value in properties.items() if is_sensitive(value)}
    if own and schema is not None and schema.normalise is not None:
        shown = schema.normalise(properties)
        own |= {name for name, value in shown.items() if is_sensitive(value)}
    return frozenset(own)


def shown_openly(attributes: Mapping[str, Value], hidden: Collection[str]) -> dict[str, Value]:
    """What the cloud shows of an object, without the hidden properties."""
    return {name: value for name, value in attributes.items() if name not in hidden}


def resumable(resource: RecordedResource) -> RecordedResource:
    """The record of a create that a crashed process began, without the secrets that may be unset.

    State keeps no secrets. Create-only properties were in the create call, so they stay. Any other
    sensitive property is dropped, because nobody can know whether it was set; the next plan then
    sets it.
    """
    sent = {path.split("/")[1] for path in resource.create_only if path.startswith("/")}
    return replace(
        resource,
        properties={
            name: value
            for name, value in resource.properties.items()
            if name in sent or not has_redacted(value)
        },
    )


def without_redacted(properties: Mapping[str, Value]) -> Mapping[str, Any]:
    """The properties that can be sent again from state alone."""
    return {name: value for name, value in properties.items() if not has_redacted(value)}


def known_ids(recorded: RecordedStack) -> frozenset[tuple[str, RemoteId]]:
    """Type and identifier of every object in state, deposed ones included."""
    objects = [*recorded.resources.values(), *(old.resource for old in recorded.deposed)]
    return frozenset((each.type, each.remote_id) for each in objects)


def is_ours(
    found: Found, intent: Intent, lineage: str, known: frozenset[tuple[str, RemoteId]]
) -> bool:
    """Whether the found object was made by the intent's create.

    There are three ways to tell. The object has the operation's tag. Or it has this lineage and
    address and is not in state: an earlier create came through late. Or it has no ownership tag at
    all and its name was free before the call: some types are tagged only after the create.
    """
    if found.operation == intent.operation:
        return True
    if not intent.absent_before and (intent.resource.type, found.remote_id) in known:
        return False
    if found.lineage is not None or found.operation is not None:
        return found.lineage == lineage and found.address == intent.address
    return intent.absent_before


def has_redacted(value: Value) -> bool:
    return any(isinstance(leaf, Redacted) for leaf in leaves(value))


def tag_key(tag: Any) -> Any:
    """The key of one ``{Key, Value}`` pair; None for anything else."""
    return tag.get("Key") if isinstance(tag, Mapping) else None
