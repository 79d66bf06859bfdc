"""Make the answer to read requests from the properties of the objects that exist. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from gitbot.model.names import Address
from gitbot.model.observed import Absent, Observation, Present, ReadRequest
from gitbot.model.tags import LINEAGE_TAG
from gitbot.providers.aws.tagging import ownership_in


def observations(
    requests: Sequence[ReadRequest],
    properties: Mapping[str, Mapping[str, Any]],
    tags: Mapping[str, Any] | None = None,
    described: Mapping[str, Any] = MappingProxyType({}),
) -> Mapping[Address, Observation]:
    """An observation for each request; an object whose identifier has no properties is absent.

    ``tags`` are the objects' tags by identifier. Without them, they are in the property ``Tags``. ``described`` are
    descriptions to go on with.
    """

    def present(request: ReadRequest) -> Present:
        shown = properties[request.remote_id]
        its_tags = shown.get("Tags") if tags is None else tags.get(request.remote_id)
        own = ownership_in(its_tags)
        return Present(
            remote_id=request.remote_id,
            properties=shown,
            ownership=own,
            unmarked=its_tags is not None and LINEAGE_TAG not in own,
            described=described.get(request.remote_id),
        )

    return {
        request.address: present(request) if request.remote_id in properties else Absent()
        for request in requests
    }
