"""The keywords that the schemas of resource types use: JSON Schema's and cfn-lint's. Pure.

An unknown leaf fits every keyword. A keyword that needs all of a value is skipped while a part of
the value is unknown. The keywords that JSON Schema lacks are cfn-lint's, and some are
gitbot's own (``order_keyword``, ``policy_keyword``, ``json_keyword``, ``maskLength`` in ``format_keyword``)
(https://github.com/aws-cloudformation/cfn-lint/blob/main/docs/custom_rules.md and its schemas).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from gitbot.language.combining_keywords import COMBINING_KEYWORDS
from gitbot.language.container_keywords import CONTAINER_KEYWORDS
from gitbot.language.format_keyword import FORMAT_KEYWORDS
from gitbot.language.json_keyword import JSON_KEYWORDS
from gitbot.language.order_keyword import ORDER_KEYWORDS
from gitbot.language.policy_keyword import POLICY_KEYWORDS
from gitbot.language.validator import Keyword, SchemaDocument, Validator
from gitbot.language.value_keywords import USUAL_KINDS, VALUE_KEYWORDS

KEYWORDS: Mapping[str, Keyword] = {
    **COMBINING_KEYWORDS,
    **CONTAINER_KEYWORDS,
    **FORMAT_KEYWORDS,
    **JSON_KEYWORDS,
    **ORDER_KEYWORDS,
    **POLICY_KEYWORDS,
    **VALUE_KEYWORDS,
}


_TEXTS: Final = (
    *("enumCaseInsensitive", "format", "jsonText", "maskLength"),
    *("maxLength", "minLength", "pattern"),
)
_NUMBERS: Final = ("exclusiveMaximum", "exclusiveMinimum", "maximum", "minimum", "multipleOf")
_LISTS: Final = ("items", "maxItems", "minItems", "prefixItems", "uniqueItems", "uniqueKeys")
_MAPS: Final = (
    *("additionalProperties", "dependencies", "dependentExcluded", "dependentRequired"),
    *("maxProperties", "minProperties", "patternProperties", "properties"),
    *("required", "requiredOr", "requiredXor"),
)
ONLY_FOR: Final[Mapping[str, frozenset[type]]] = {
    **dict.fromkeys(_TEXTS, frozenset({str})),
    **dict.fromkeys(_NUMBERS, frozenset({int, float})),
    **dict.fromkeys(_LISTS, frozenset({list})),
    **dict.fromkeys(_MAPS, frozenset({dict})),
}
"""The keywords that every JSON value of another type fits."""
_WANT_NOTHING: Final = frozenset({"minItems", "minLength", "minProperties", "uniqueItems"})
"""The keywords that every value fits where they are zero or false."""
_JSON: Final = frozenset({str, int, float, bool, type(None), list, dict})


def concerns(keyword: str, limit: Any, kind: type) -> bool:
    """Whether a value of just this type can misfit the keyword with this value."""
    if keyword == "type":
        names = [limit] if isinstance(limit, str) else limit
        return kind not in {USUAL_KINDS.get(name) for name in names}
    if not limit and keyword in _WANT_NOTHING:
        return False
    only = ONLY_FOR.get(keyword)
    return only is None or kind in only or kind not in _JSON


def validator_of(schema: Mapping[str, Any]) -> Validator:
    """The validator of a registry schema."""
    return SchemaDocument(schema, KEYWORDS, concerns).root()
