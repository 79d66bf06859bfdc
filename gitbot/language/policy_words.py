"""Which words of a statement of a policy no service takes: its fields, actions, resources and operators. Pure.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from gitbot.model.names import Address
from gitbot.model.values import Unknown

_FIELDS: Final = frozenset(
    {
        *("Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction"),
        *("Resource", "NotResource", "Condition"),
    }
)
_COMPARISONS: Final = ("Equals", "NotEquals", "LessThan", "LessThanEquals")
_OPERATORS: Final = frozenset(
    one.lower()
    for one in (
        *("StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"),
        *("StringLike", "StringNotLike", "Bool", "BinaryEquals", "IpAddress", "NotIpAddress"),
        *("ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike", "Null"),
        *(
            f"{kind}{one}"
            for kind in ("Numeric", "Date")
            for one in (*_COMPARISONS, "GreaterThan", "GreaterThanEquals")
        ),
    )
)
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html"""
_WITH_ARNS: Final = frozenset({"identity", "bucket"})
_BUCKET: Final = re.compile(r"arn:[^:]+:s3:::([a-z0-9.-]+)(?:/.*)?", re.DOTALL)
_ITS_NAME: Final = re.compile(r"\$\{(\w+)\.BucketName\}")
_ITS_ARN: Final = re.compile(r"\$\{(\w+)\.Arn\}(?:/.*)?", re.DOTALL)
_OF_SETS: Final = ("forallvalues:", "foranyvalue:")
_OPTIONAL: Final = "ifexists"


def wrong_word(statement: Mapping[str, Any], kind: str) -> str | None:
    """The first word that AWS refuses in the statement, after "has a Statement"; None: it may take all.

    Which resources a policy of a thing may name is for its service to say, so none is refused there but of buckets.
    """
    field = next((name for name in statement if name not in _FIELDS), None)
    if field is not None:
        return f"with {field}, which is no part of one"
    return (
        _wrong_action(statement, kind)
        or _wrong_resource(statement, kind)
        or _wrong_operator(statement.get("Condition"))
    )


def _wrong_action(statement: Mapping[str, Any], kind: str) -> str | None:
    for name in ("Action", "NotAction"):
        for one in texts_of(statement.get(name)):
            if one != "*" and ":" not in one:
                return f"with the {name} {one}: write its service and a colon before it"
            if (
                kind == "trust"
                and name == "Action"
                and one.partition(":")[0].lower()
                not in {
                    "sts",
                    "*",
                }
            ):
                return f"with the Action {one}: who may take a role is said with sts:AssumeRole"
    return None


def _wrong_resource(statement: Mapping[str, Any], kind: str) -> str | None:
    if kind not in _WITH_ARNS:
        return None
    for name in ("Resource", "NotResource"):
        for one in texts_of(statement.get(name)):
            if not one.lower().startswith(("arn:", "*", "$")):
                return f"with the {name} {one}: write an ARN, or * for all"
    return None


def _wrong_operator(conditions: Any) -> str | None:
    for name, tests in conditions.items() if isinstance(conditions, Mapping) else ():
        plain = str(name).lower().removesuffix(_OPTIONAL)
        for one in _OF_SETS:
            plain = plain.removeprefix(one)
        if plain not in _OPERATORS and tests != {}:
            return f"with the Condition {name}, which is no operator such as StringEquals"
    return None


def is_another_bucket(bucket: Any, resource: Any) -> bool:
    """Whether the resource is surely not the bucket, nor in it: both are known, or name two resources plainly."""
    if isinstance(bucket, Unknown) and isinstance(resource, Unknown):
        own, other = _named(_ITS_NAME, bucket), _named(_ITS_ARN, resource)
        return None not in (own, other) and own != other
    if isinstance(bucket, str) and isinstance(resource, str):
        found = _BUCKET.fullmatch(resource)
        return found is not None and found[1] != bucket
    return False


def _named(form: re.Pattern[str], unknown: Unknown) -> Address | None:
    """The resource whose attribute the text begins with; None: it is made otherwise, or not shown."""
    found = None if unknown.sensitive else form.fullmatch(unknown.template)
    return None if found is None else unknown.references.get(found[1])


def texts_of(value: Any) -> Iterator[str]:
    """The known texts of what may be one or a list of them."""
    for one in value if isinstance(value, (list, tuple)) else (value,):
        if isinstance(one, str):
            yield one
