"""Bring definitions of state machines into the form in which they are sent and compared. Shell.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-stepfunctions-statemachine.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gitbot.errors import CloudError
from gitbot.model.values import Redacted, Sensitive, Unknown, is_sensitive, reveal
from gitbot.providers.aws.policy_documents import policy_text
from gitbot.providers.aws.table import Properties
from gitbot.providers.aws.text_attributes import as_text, parsed

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

NO_JSON = "InvalidDefinition"
_FORMS = ("Definition", "DefinitionString")
LOCATION, FILLED = "DefinitionS3Location", "DefinitionSubstitutions"
_TEXT = "(definition)"
"""Beside the names of substitutions, none of which has parentheses: the text that they stand in."""
_NAME = re.compile(r"\$\{([^{}]*)\}")
"""Where the text of a substitution goes."""
DEFINITION = (*_FORMS, LOCATION, FILLED)
"""The properties that make the definition together."""


def definition_text(properties: Properties) -> str:
    """The definition as the calls take it, with its substitutions made; not one that is kept elsewhere."""
    return policy_text(_substituted(properties))


def text_in(location: Properties, aws: Connection, properties: Properties) -> str:
    """The definition that an object of S3 has, read with the caller's rights, with its substitutions made.

    Raises:
        CloudError: there is no such object, or it is no JSON.
    """
    version = {"VersionId": location["Version"]} if location.get("Version") else {}
    place = f"s3://{location['Bucket']}/{location['Key']}"
    try:
        got = aws.call(
            "s3", "get_object", Bucket=location["Bucket"], Key=location["Key"], **version
        )
        text = got["Body"].read().decode()
        json.loads(text)
    except ValueError as error:
        raise CloudError(f"the definition at {place} is no JSON: {error}", code=NO_JSON) from error
    rest = {name: one for name, one in properties.items() if name != LOCATION}
    return definition_text({**rest, "DefinitionString": text})


def with_definition(properties: Properties) -> Properties:
    """The properties with the parsed definition in ``DefinitionString``, however a spec gives it.

    One that is kept in S3 stays elsewhere: what a plan compares is its place and its substitutions. Substitutions whose values are not known yet stay beside it. A spec with two definitions, or none, which
    is refused, stays as it is.
    """
    rest = {name: value for name, value in properties.items() if name not in DEFINITION}
    if len(properties.keys() & set(_FORMS)) != 1:
        return properties
    values = properties.get(FILLED) or {}
    if isinstance(values, Mapping) and is_sensitive(values):
        return {**rest, **_hidden(properties, values)}
    if not _are_known(properties):
        rest[FILLED] = properties[FILLED]
    return {**rest, "DefinitionString": parsed(_substituted(properties))}


def _hidden(properties: Properties, values: Mapping[str, Any]) -> Properties:
    """The definition with sensitive substitutions: all of it is sensitive, since the cloud shows it filled.

    One substitution carries the filled definition, so that the state has the hash of that. Where only the hash is known,
    the text around the substitutions is compared beside it.
    """
    # Of what comes from a secret nothing but the hash may be known, so that carries it.
    ordered = sorted(values, key=lambda name: (not _of_secrets(values[name]), name))
    carrier = next(name for name in ordered if is_sensitive(values[name]))
    text = next(properties[name] for name in _FORMS if name in properties)
    if all(isinstance(one, (Sensitive, str, int, float)) for one in values.values()):
        filled = parsed(_substituted({**properties, FILLED: reveal(values)}))
        values = {**values, carrier: replace(values[carrier], value=filled)}
    return {FILLED: {**values, _TEXT: parsed(text)}, "DefinitionString": values[carrier]}


def _of_secrets(value: Any) -> bool:
    if isinstance(value, Unknown):
        return bool(value.secrets)
    return isinstance(value, (Sensitive, Redacted)) and value.origin is not None


def _are_known(properties: Properties) -> bool:
    values = properties.get(FILLED) or {}
    return isinstance(values, Mapping) and all(
        isinstance(value, (str, int, float)) for value in values.values()
    )


def _substituted(properties: Properties) -> Any:
    given = next((properties[name] for name in _FORMS if properties.get(name) is not None), None)
    values = properties.get(FILLED) or {}
    if not _are_known(properties):
        return given
    return _filled(given, {name: as_text(value) for name, value in values.items()})


def _filled(value: Any, texts: Mapping[str, str]) -> Any:
    """The value with each text put in place of its name, all at once: a text that looks like a name stays as it is."""
    if isinstance(value, str):
        return _NAME.sub(lambda found: texts.get(found[1], found[0]), value)
    if isinstance(value, Mapping):
        return {_filled(name, texts): _filled(inner, texts) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_filled(inner, texts) for inner in value]
    return value
