"""Read single objects, and list those of a type. Shell.

https://docs.aws.amazon.com/cloudcontrolapi/latest/APIReference/API_GetResource.html
https://docs.aws.amazon.com/cloudcontrolapi/latest/APIReference/API_ListResources.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gitbot.errors import CloudError
from gitbot.model.names import RemoteId
from gitbot.model.observed import Found
from gitbot.providers.aws.cloud_control.events import NOT_FOUND, SERVICE, handler_code
from gitbot.providers.aws.cloud_control.kinds import Kind
from gitbot.providers.aws.tagging import found
from gitbot.reconciler.tags import tags_of

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Object:
    """One object as AWS shows it."""

    identifier: str
    properties: Mapping[str, Any]


def read(aws: Connection, kind: Kind, identifier: str) -> Object | None:
    """The object; None when there is none. Attributes that are secrets are left out.

    Raises:
        CloudError: it cannot be read.
    """
    try:
        answer = aws.call(SERVICE, "get_resource", TypeName=kind.name, Identifier=identifier)
    except CloudError as error:
        if handler_code(error) in NOT_FOUND:
            return None
        raise
    told = answer["ResourceDescription"]
    properties = json.loads(told.get("Properties") or "{}")
    return Object(
        identifier=told.get("Identifier", identifier), properties=kind.without_secrets(properties)
    )


def tags(kind: Kind, properties: Mapping[str, Any]) -> dict[str, Any]:
    """The object's tags; none for a type without tags."""
    return {} if kind.tagging is None else tags_of(properties.get(kind.tagging.property))


def as_found(kind: Kind, one: Object) -> Found:
    """The object, with the ownership that its tags tell."""
    return found(one.identifier, tags(kind, one.properties))


def all_of(aws: Connection, kind: Kind, properties: Mapping[str, Any]) -> Sequence[Object]:
    """The objects of the type, each read for itself, because listing names little but identifiers.

    Where AWS lists only the children of a parent, ``properties`` must name it; else none are
    returned.
    """
    if not kind.lists or any(name not in properties for name in kind.asked_to_list):
        return ()
    identifiers = list(_listed(aws, kind, properties))
    seen = aws.each(lambda identifier: read(aws, kind, identifier), identifiers)
    return [one for one in seen if one is not None]


def _listed(aws: Connection, kind: Kind, properties: Mapping[str, Any]) -> Iterator[RemoteId]:
    model = {name: properties[name] for name in kind.asked_to_list}
    asked = {"ResourceModel": json.dumps(model, sort_keys=True)} if model else {}
    for one in aws.pages(
        SERVICE, "list_resources", "ResourceDescriptions", TypeName=kind.name, **asked
    ):
        yield RemoteId(one["Identifier"])
