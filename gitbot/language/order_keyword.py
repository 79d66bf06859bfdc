"""The schema keyword ``ascending``: numbers of a map that must not fall, such as a least and a most size. Pure.

Its value is a list of pairs of names. Services refuse a pair that falls; the registry's schemas do not say so
(``providers/aws/value_orders``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gitbot.language.validator import Check, Keyword, SchemaDocument
from gitbot.language.value_keywords import with_reason


def misfit_of(value: Any, pairs: Sequence[tuple[str, str]]) -> str | None:
    """Which two numbers of the map fall, after its name; None where none do.

    What is unknown fits. A number below zero is a sign for something else, such as for no limit.
    """
    if not isinstance(value, Mapping):
        return None
    for name, other in pairs:
        least, most = _number(value.get(name)), _number(value.get(other))
        if least is not None and most is not None and least > most >= 0:
            return f"has {name} {value[name]}, which is above {other} {value[other]}"
    return None


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        return float(value)
    except ValueError:
        return None


def _ascending(limit: Any, schema: Mapping[str, Any], document: SchemaDocument) -> Check:
    return with_reason("ascending", lambda value: misfit_of(value, limit), limit, schema)


ORDER_KEYWORDS: Mapping[str, Keyword] = {"ascending": _ascending}
