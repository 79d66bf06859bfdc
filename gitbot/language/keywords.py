"""The keywords that the schemas of resource types use: JSON Schema's and cfn-lint's. Pure.

An unknown leaf fits every keyword. A keyword that needs all of a value is skipped while a part of
the value is unknown. The keywords that JSON Schema lacks are cfn-lint's, and three are
gitbot's own (``order_keyword``, ``policy_keyword``, ``maskLength`` in ``format_keyword``)
(https://github.com/aws-cloudformation/cfn-lint/blob/main/docs/custom_rules.md and its schemas).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitbot.language.combining_keywords import COMBINING_KEYWORDS
from gitbot.language.container_keywords import CONTAINER_KEYWORDS
from gitbot.language.format_keyword import FORMAT_KEYWORDS
from gitbot.language.order_keyword import ORDER_KEYWORDS
from gitbot.language.policy_keyword import POLICY_KEYWORDS
from gitbot.language.validator import Keyword, SchemaDocument, Validator
from gitbot.language.value_keywords import VALUE_KEYWORDS

KEYWORDS: Mapping[str, Keyword] = {
    **COMBINING_KEYWORDS,
    **CONTAINER_KEYWORDS,
    **FORMAT_KEYWORDS,
    **ORDER_KEYWORDS,
    **POLICY_KEYWORDS,
    **VALUE_KEYWORDS,
}


def validator_of(schema: Mapping[str, Any]) -> Validator:
    """The validator of a registry schema."""
    return SchemaDocument(schema, KEYWORDS).root()
