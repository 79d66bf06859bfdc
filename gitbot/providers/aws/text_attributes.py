"""Convert between properties and attributes that a service keeps as text. Pure.

SQS and SNS have one map of names to texts for everything that can be set: numbers, switches and JSON
documents too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gitbot.model.values import keeps_hidden
from gitbot.providers.aws.policy_documents import normalised_policy
from gitbot.providers.aws.table import Described, Properties, Update

NOTHING: Mapping[str, str | None] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class TextAttributes:
    """The attributes of a type, by what their texts stand for.

    ``documents`` are JSON, and ``policies`` are policies of IAM. ``texts`` are empty where the object
    has none.
    """

    numbers: tuple[str, ...] = ()
    switches: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All attributes."""
        return (
            *(*self.texts, *self.numbers, *self.switches),
            *(*self.documents, *self.policies),
        )

    def shown(self, attributes: Mapping[str, str]) -> dict[str, Any]:
        """The properties for these attributes.

        The service leaves out a number or switch that does not apply to the object.
        """
        told = {name: attributes.get(name, "") for name in self.names}
        return {
            **{name: told[name] for name in self.texts},
            **{name: int(told[name]) for name in self.numbers if told[name]},
            **{name: told[name] == "true" for name in self.switches if told[name]},
            **{name: parsed(told[name]) for name in (*self.documents, *self.policies)},
        }

    def normalised(self, properties: Mapping[str, Any]) -> dict[str, Any]:
        """The properties with documents that are given as text parsed."""
        forms: dict[str, Callable[[Any], Any]] = {
            **dict.fromkeys(self.documents, parsed),
            **dict.fromkeys(self.policies, normalised_policy),
        }
        return {
            name: forms[name](value) if name in forms else value
            for name, value in properties.items()
        }


def one_by_one(
    call: str, names: Iterable[str], none: Mapping[str, str | None] = NOTHING
) -> tuple[Update, ...]:
    """Updates for a call that sets one attribute at a time, in this order.

    ``none`` has texts that stand for no value where an empty one does not; None: the call must leave
    the value out.
    """

    def one(values: Properties, _: Described) -> Properties:
        [(name, value)] = values.items()
        text = as_text(value) or none.get(name, "")
        return {"AttributeName": name, **({} if text is None else {"AttributeValue": text})}

    return tuple(Update(call=call, sends=(name,), parameters=one) for name in names)


def without_false(properties: Properties, *switches: str) -> dict[str, Any]:
    """The properties without these switches where they are false."""
    off = {name for name in switches if properties.get(name) is False}
    return {name: value for name, value in properties.items() if name not in off}


def as_texts(properties: Properties, names: Iterable[str]) -> dict[str, str]:
    """The attributes for those of the properties that have one of these names."""
    return {name: as_text(properties[name]) for name in names if name in properties}


def as_text(value: Any) -> str:
    """The attribute for a property; an empty text stands for none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value) if isinstance(value, (Mapping, list, tuple)) else str(value)


@keeps_hidden
def parsed(value: Any) -> Any:
    """What the JSON text says, hidden where that is; anything else stays as it is."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
