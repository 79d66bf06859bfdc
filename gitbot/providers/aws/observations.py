"""Make the answer to read requests from the properties of the objects that exist. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gitbot.model.names import Address
from gitbot.model.observed import Absent, Observation, Present, ReadRequest


def observations(
    requests: Sequence[ReadRequest], properties: Mapping[str, Mapping[str, Any]]
) -> Mapping[Address, Observation]:
    """An observation for each request; an object whose identifier has no properties is absent."""
    return {
        request.address: (
            Present(remote_id=request.remote_id, properties=properties[request.remote_id])
            if request.remote_id in properties
            else Absent()
        )
        for request in requests
    }
