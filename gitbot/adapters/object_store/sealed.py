"""Seal the values in the data of a state, each for its place, and open them. Shell."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from gitbot.adapters.sealing.sealer import Place, Sealer
from gitbot.model.values import canonical_json

FIELDS = ("outputs", "lookups", "uses", "deposed", "intents")
"""The fields of a state that have values, beside its resources."""


def sealed_data(data: Mapping[str, Any], lineage: str, sealer: Sealer) -> dict[str, Any]:
    """The data, or a part of it, with each value as the text that stands for it."""
    if not sealer.key_id:
        return dict(data)

    def seal(value: Any, place: Place) -> Any:
        return sealer.seal(canonical_json(value), place)

    return _changed(data, lineage, seal)


def opened_data(data: Mapping[str, Any], sealer: Sealer) -> dict[str, Any]:
    """The data with its values.

    Raises:
        UserError: one of them cannot be opened.
    """

    def open_(value: Any, place: Place) -> Any:
        # Whether one in plain text is right here, the sealer says.
        return json.loads(
            sealer.open(value if isinstance(value, str) else canonical_json(value), place)
        )

    return _changed(data, str(data["lineage"]), open_)


def values_behind(data: Mapping[str, Any], sealer: Sealer) -> int:
    """How many values of the data are not as they would be written now."""
    found = [data[name] for name in FIELDS if name in data]
    found += data.get("resources", {}).values()
    texts = (one if isinstance(one, str) else "" for one in found if one is not None)
    return sum(not sealer.is_current(text) for text in texts)


def _changed(
    data: Mapping[str, Any], lineage: str, change: Callable[[Any, Place], Any]
) -> dict[str, Any]:
    fields = {
        name: change(data[name], ["stacks", name, lineage]) for name in FIELDS if name in data
    }
    resources = {
        address: change(one, ["resources", "body", lineage, address])
        for address, one in data.get("resources", {}).items()
    }
    return {
        **data,
        **fields,
        **({"resources": resources} if resources or "resources" in data else {}),
    }
