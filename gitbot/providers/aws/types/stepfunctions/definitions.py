"""Bring definitions of state machines into the form in which they are sent and compared. Pure.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-stepfunctions-statemachine.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitbot.providers.aws.policy_documents import policy_text
from gitbot.providers.aws.table import Properties
from gitbot.providers.aws.text_attributes import as_text, parsed

_FORMS = ("Definition", "DefinitionString")
DEFINITION = (*_FORMS, "DefinitionSubstitutions")
"""The properties that make the definition together."""


def definition_text(properties: Properties) -> str:
    """The definition as the calls take it, with its substitutions made."""
    return policy_text(_substituted(properties))


def with_definition(properties: Properties) -> Properties:
    """The properties with the parsed definition in ``DefinitionString``, however a spec gives it.

    Substitutions whose values are not known yet stay beside it. A spec with two definitions, or none, which
    is refused, stays as it is.
    """
    rest = {name: value for name, value in properties.items() if name not in DEFINITION}
    if len(properties.keys() & set(_FORMS)) != 1:
        return properties
    if not _are_known(properties):
        rest["DefinitionSubstitutions"] = properties["DefinitionSubstitutions"]
    return {**rest, "DefinitionString": parsed(_substituted(properties))}


def _are_known(properties: Properties) -> bool:
    values = properties.get("DefinitionSubstitutions") or {}
    return isinstance(values, Mapping) and all(
        isinstance(value, (str, int, float)) for value in values.values()
    )


def _substituted(properties: Properties) -> Any:
    given = next((properties[name] for name in _FORMS if properties.get(name) is not None), None)
    values = properties.get("DefinitionSubstitutions") or {}
    if not _are_known(properties):
        return given
    return _filled(given, {f"${{{name}}}": as_text(value) for name, value in values.items()})


def _filled(value: Any, texts: Mapping[str, str]) -> Any:
    """The value with each text put in place of its name."""
    if isinstance(value, str):
        for name, text in texts.items():
            value = value.replace(name, text)
        return value
    if isinstance(value, Mapping):
        return {_filled(name, texts): _filled(inner, texts) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_filled(inner, texts) for inner in value]
    return value
