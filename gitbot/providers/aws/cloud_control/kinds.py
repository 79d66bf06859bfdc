"""What the handler of Cloud Control knows of one type. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gitbot.model.cloud import Operation
from gitbot.model.schema import TypeSchema
from gitbot.model.values import canonical_json
from gitbot.providers.aws.cloud_control.facts import Tagging, asked_to_list, lists, tagging_of
from gitbot.providers.aws.cloud_control.patch import shaped
from gitbot.reconciler.pointers import MISSING, parse, put, value_at, values_at
from gitbot.reconciler.tags import tags_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One type. ``asked_to_list`` are the properties of a parent that listing needs."""

    schema: TypeSchema
    tagging: Tagging | None
    lists: bool
    asked_to_list: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name of the type."""
        return self.schema.name

    def desired_state(self, operation: Operation) -> str:
        """What the creating request sends: the same text for the same operation, since AWS refuses
        a client token that comes again with another text."""
        properties = {name: one for name, one in operation.properties.items() if one is not None}
        tagging = self.tagging
        if tagging is not None and tagging.at_creation and operation.ownership:
            tags = {**tags_of(properties.get(tagging.property)), **operation.ownership}
            properties[tagging.property] = shaped(tags, tagging)
        return canonical_json(properties)

    def key_of(self, properties: Mapping[str, Any]) -> str | None:
        """What finds the object that these properties name; None when they do not name one.

        That is its identifier, or a map of an additional identifier as JSON.
        """
        names = self.schema.natural_key
        if names is None or any(not isinstance(properties.get(one), (str, int)) for one in names):
            return None
        if [parse(one) for one in names] == [parse(one) for one in self.schema.primary_identifier]:
            return "|".join(str(properties[one]) for one in names)
        return canonical_json({name: properties[name] for name in names})

    def is_named(self, properties: Mapping[str, Any]) -> bool:
        """Whether the properties give the whole identifier."""
        paths = map(parse, self.schema.primary_identifier)
        return all(value_at(properties, path) is not MISSING for path in paths)

    def without_secrets(self, properties: Mapping[str, Any]) -> Mapping[str, Any]:
        """The properties without the attributes that are secrets: nothing that is not in memory can
        be stored, shown or logged."""
        for pattern in map(parse, self.schema.requests.hidden):
            for path, _ in values_at(properties, pattern):
                properties = put(properties, path, MISSING)
        return properties

    def withheld(self, operation: Operation) -> tuple[str, ...]:
        """The properties that nobody can read, that the object has, and whose values are not here."""
        return tuple(
            name
            for name in sorted(self.schema.requests.resends & operation.recorded.keys())
            if name not in operation.properties and name not in operation.removed
        )


def kind_of(schema: TypeSchema) -> Kind:
    """The type as its registry schema describes it."""
    return Kind(
        schema=schema,
        tagging=tagging_of(schema),
        lists=lists(schema.json_schema),
        asked_to_list=asked_to_list(schema.json_schema),
    )
