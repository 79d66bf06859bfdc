"""Read the names of functions, which specs give in several forms. Pure.

https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html
"""

from __future__ import annotations

import re
from typing import Any

from gitbot.providers.aws.table import Properties

_FORMS = re.compile(
    r"(?:arn:[^:]+:lambda:[^:]+:)?(?:\d{12}:)?(?:function:)?"
    r"(?P<name>[A-Za-z0-9_-]+)(?::(?P<part>\$LATEST(?:\.PUBLISHED)?|[A-Za-z0-9_-]+))?"
)


def short_name(value: Any) -> Any:
    """The name of the function, with its alias or version if one is given; anything else as it is."""
    found = _FORMS.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return value
    return ":".join(one for one in found.group("name", "part") if one)


def addressed(value: str) -> dict[str, str]:
    """The parameters that name the function, and its alias or version if one is given."""
    _, _, part = short_name(value).partition(":")
    whole = value.removesuffix(f":{part}") if part else value
    return {"FunctionName": whole, **({"Qualifier": part} if part else {})}


def with_short_name(properties: Properties) -> Properties:
    """The properties with the function's name in the short form."""
    if "FunctionName" not in properties:
        return properties
    return {**properties, "FunctionName": short_name(properties["FunctionName"])}
