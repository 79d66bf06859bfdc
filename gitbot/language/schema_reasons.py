"""Say why a value does not fit its schema, and how to mend that. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from gitbot.language.pattern_misfits import where_it_stops
from gitbot.language.problems import listed, suggest
from gitbot.language.validator import SchemaError

_FIXES = {
    "requiredXor": "Set exactly one of them.",
    "requiredOr": "Set one of them.",
    "dependentExcluded": "Remove one of the two.",
    "dependencies": "Add what is missing.",
    "dependentRequired": "Add what is missing.",
    "policyDocument": "Write it by the grammar of IAM's policies: Version, and in each Statement Effect, Action and what "
    "it is about.",
    "ownBucket": "A policy of a bucket is about that bucket, and about what is in it.",
    "jsonText": "Write it as JSON text, or as a map in ${json({…})}.",
    "ascending": "Let them ascend, or be the same.",
    "uniqueKeys": "Remove the repetition.",
    "kind": "Name one of that type: by its identifier or ARN, or by an expression that gives it.",
    "maskLength": "The number behind the slash says how many bits are fixed: the smaller, the larger the block.",
    "format": "Write it in that form, or an expression that gives it.",
}


_BARE: Final = re.compile(r"\$\(?(?:env|vars|locals|stack|stacks|each|lookups)\.")
"""An expression without its braces."""


def reason_of(error: SchemaError, *, hidden: bool) -> tuple[str, str]:
    """Why a value does not fit, after what it is, and how to mend that. A hidden value is not shown."""
    limit = error.limit
    match error.keyword:
        case "enum" | "enumCaseInsensitive":
            return _no_choice(error, "" if hidden else str(error.instance))
        case "const":
            return f"is not {limit}", f"Write {limit}."
        case "pattern":
            return _other_form(str(limit), "" if hidden else error.instance)
        case (
            "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties" | "maxProperties"
        ):
            least = error.keyword.startswith("min")
            amount = f"{'at least' if least else 'at most'} {limit}"
            return f"must have {amount} {_unit(error.keyword)}", "Change its length."
        case "minimum" | "exclusiveMinimum":
            return f"is below {limit}", f"Write a number from {limit}."
        case "maximum" | "exclusiveMaximum":
            return f"is above {limit}", f"Write a number up to {limit}."
        case "uniqueItems":
            return "must not have an element twice", "Remove the repetition."
        case "not":
            if barred := listed(_barred(limit, error.instance)):
                return f"cannot have {barred} beside what else it says", f"Remove {barred}."
            return limit.get("title", "has a value that is not allowed here"), "Write another one."
        case _:
            # The keywords that JSON Schema lacks give their own reasons.
            return error.message, _FIXES.get(error.keyword, "Correct it.")


def _other_form(pattern: str, given: str) -> tuple[str, str]:
    """What to say of a text that does not fit a pattern; empty: it is not shown."""
    hint = '. For plain text, write ${base64("…")}' if "A-Za-z0-9+/" in pattern else ""
    if _BARE.search(given):
        hint = ". An expression stands in ${…}: ${env.name}"
    where = where_it_stops(pattern, given) if given else ""
    return f"does not have the right form{where and f': {where}'}", f"It must match {pattern}{hint}"


def _unit(keyword: str) -> str:
    if keyword.endswith("Length"):
        return "characters"
    return "elements" if keyword.endswith("Items") else "entries"


def _no_choice(error: SchemaError, given: str) -> tuple[str, str]:
    """What may stand there, numbers in their order."""
    numbers = [one for one in error.limit if isinstance(one, (int, float))]
    texts = [str(one) for one in sorted(numbers)] if len(numbers) == len(error.limit) else []
    choices = ", ".join(texts) if texts else listed(map(str, error.limit), 20)
    if texts and (near := _next_to(given, numbers)):
        return f"is not one of {choices}", f"Write {' or '.join(near)}."
    fix = suggest(given, [str(one) for one in error.limit], f"Write one of {choices}.")
    return f"is not one of {choices}", fix


def _next_to(given: str, numbers: Sequence[float]) -> list[str]:
    """The next smaller and the next larger of the numbers; none where the value is no number."""
    try:
        value = float(given)
    except ValueError:
        return []
    below = [one for one in numbers if one < value]
    above = [one for one in numbers if one > value]
    return [str(one) for one in (*sorted(below)[-1:], *sorted(above)[:1])]


def _barred(limit: Mapping[str, Any], value: Any) -> Iterator[str]:
    """The properties of a map that it must not have, where the schema says no more than that."""
    options = limit.get("anyOf", (limit,))
    if isinstance(value, Mapping) and all(one.keys() == {"required"} for one in options):
        yield from (name for one in options for name in one["required"] if name in value)
