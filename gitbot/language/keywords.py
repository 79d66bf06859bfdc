"""The keywords of JSON Schema that the CloudFormation registry uses, and cfn-lint's. Pure.

An unknown leaf fits every keyword, and a keyword that cannot be decided while a leaf below is
unknown is not asked. The keywords beyond JSON Schema are cfn-lint's
(https://github.com/aws-cloudformation/cfn-lint/blob/main/docs/custom_rules.md and its schemas).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitbot.language.branches import BRANCHES
from gitbot.language.part_keywords import PART_KEYWORDS
from gitbot.language.validator import Document, Keyword, Validator
from gitbot.language.value_keywords import VALUE_KEYWORDS

KEYWORDS: Mapping[str, Keyword] = {**BRANCHES, **PART_KEYWORDS, **VALUE_KEYWORDS}


def validator_of(schema: Mapping[str, Any]) -> Validator:
    """The validator of a registry schema."""
    return Document(schema, KEYWORDS).root()
