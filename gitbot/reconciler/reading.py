"""List what to read from the cloud before a stack can be planned. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from gitbot.model.desired import DesiredStack
from gitbot.model.names import Address, RemoteId
from gitbot.model.observed import ReadRequest, Remembered
from gitbot.model.recorded import RecordedResource, RecordedStack
from gitbot.model.schema import SchemaLookup
from gitbot.reconciler.moves import moved
from gitbot.reconciler.recording import own_tags


def read_requests(
    desired: DesiredStack | None, recorded: RecordedStack, schemas: SchemaLookup
) -> tuple[ReadRequest, ...]:
    """One request for each recorded object and for each one to adopt, by the address it will have.

    Only what the spec declares, or declared at the last apply, is asked for. Deposed objects are
    not read: they are to be deleted whatever they have become.
    """
    wanted = desired.resources if desired is not None else {}
    requests: list[ReadRequest] = []
    state = moved(desired, recorded).resources
    for address in sorted(state):
        resource = state[address]
        declared = set(resource.properties)
        if address in wanted and wanted[address].type == resource.type:
            declared |= set(wanted[address].properties)
        requests.append(_of_record(resource, address, declared, recorded))
    for address in sorted(wanted):
        import_id = wanted[address].lifecycle.import_id
        schema = schemas(wanted[address].type) if import_id is not None else None
        if address in state or import_id is None or schema is None:
            continue
        requests.append(
            ReadRequest(
                address=address,
                type=schema.name,
                remote_id=RemoteId(import_id),
                route=schema.route,
                surfaces=frozenset(wanted[address].properties),
            )
        )
    return tuple(requests)


def _of_record(
    resource: RecordedResource, address: Address, declared: Iterable[str], recorded: RecordedStack
) -> ReadRequest:
    marks = own_tags(recorded.id, recorded.lineage, address)
    return ReadRequest(
        address=address,
        type=resource.type,
        remote_id=resource.remote_id,
        route=resource.route,
        surfaces=frozenset(declared),
        remembered=Remembered(properties=resource.properties, marks=marks),
    )
