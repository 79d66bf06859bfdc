"""The schema keyword ``jsonText``: whether a text is a JSON object, as a service wants that takes JSON as text. Pure.

The registry's schemas say no more of it than that it is a text. A map in its place fits.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from gitbot.language.validator import Check, Keyword, SchemaDocument
from gitbot.language.value_keywords import with_reason


def misfit_of(value: Any) -> str | None:
    """Why the text is no JSON object, after the name of the property; None where it is, or is unknown."""
    if not isinstance(value, str):
        return None
    try:
        parsed = json.loads(value)
    except ValueError as error:
        return f"is no JSON text: {error}"
    return None if isinstance(parsed, Mapping) else "must be a JSON object, in braces, as text"


def _json_text(limit: Any, schema: Mapping[str, Any], document: SchemaDocument) -> Check:
    return with_reason("jsonText", misfit_of, limit, schema)


JSON_KEYWORDS: Mapping[str, Keyword] = {"jsonText": _json_text}
