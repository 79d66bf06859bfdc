"""The schema keyword ``policyDocument``: whether AWS would take a policy as one at all. Pure.

Its value says what the policy is for: ``identity`` (what a role may do), ``trust`` (who may take a role),
``resource`` (who may use a thing), ``emptyable`` (the same, of a thing whose service is not known to refuse a policy with
no statement) or ``bucket`` (who may use a bucket: the policy of one map with its ``Bucket``). Only what every service
refuses is refused here.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from gitbot.language.policy_words import is_another_bucket, wrong_word
from gitbot.language.validator import Check, Keyword, SchemaDocument
from gitbot.language.value_keywords import with_reason
from gitbot.model.values import Unknown

_VERSIONS = ("2012-10-17", "2008-10-17")
_EFFECTS = ("Allow", "Deny")
_ACTIONS = ("Action", "NotAction")
_RESOURCES = ("Resource", "NotResource")
_PRINCIPALS = ("Principal", "NotPrincipal")
_MAP = "must be a map with Version and Statement, or the same as JSON text"


def misfit_of(document: Any, kind: str) -> str | None:
    """Why AWS would refuse the policy, after the name of the property; None where it may take it.

    What is unknown yet fits.
    """
    if isinstance(document, str):
        try:
            document = json.loads(document)
        except ValueError as error:
            return f"is no JSON text: {error}"
        if not isinstance(document, Mapping):
            return _MAP
    if not isinstance(document, Mapping):
        return None if _is_unknown(document) else _MAP
    version = document.get("Version", _VERSIONS[1])
    if not _is_unknown(version) and version not in _VERSIONS:
        return f"has Version {version}: write {_VERSIONS[0]} with quotes around it"
    if "Statement" not in document:
        return "has no Statement"
    many = document["Statement"]
    statements = many if isinstance(many, (list, tuple)) else (many,)
    if not statements and kind != "emptyable":
        return "has no Statement"
    found = (_of_statement(one, kind) for one in statements)
    return next((f"has a Statement {why}" for why in found if why is not None), None)


def _of_statement(statement: Any, kind: str) -> str | None:
    if _is_unknown(statement):
        return None
    if not isinstance(statement, Mapping):
        return "that is no map"
    effect = statement.get("Effect")
    if not _is_unknown(effect) and effect not in _EFFECTS:
        return "without Effect" if effect is None else f"with Effect {effect}: write Allow or Deny"
    if not any(name in statement for name in _ACTIONS):
        return "without Action"
    return _of_parts(statement, kind) or wrong_word(statement, kind) or _of_services(statement)


def _of_services(statement: Mapping[str, Any]) -> str | None:
    """Why a service among the principals is none: each has the name of a host, such as lambda.amazonaws.com.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-services
    """
    principal = statement.get("Principal")
    named = principal.get("Service") if isinstance(principal, Mapping) else None
    names = named if isinstance(named, (list, tuple)) else [named]
    wrong = next(
        (one for one in names if isinstance(one, str) and "." not in one and one != "*"), None
    )
    return (
        None
        if wrong is None
        else f"with the Service {wrong}: write {wrong or 'lambda'}.amazonaws.com"
    )


def _of_parts(statement: Mapping[str, Any], kind: str) -> str | None:
    principal = next((name for name in _PRINCIPALS if name in statement), None)
    resource = next((name for name in _RESOURCES if name in statement), None)
    if kind == "identity" and principal is not None:
        return f"with {principal}, which only policies of things and of who may take a role have"
    if kind != "identity" and principal is None:
        return "without Principal: it does not say who"
    if kind == "identity" and resource is None:
        return "without Resource"
    if kind == "trust" and resource is not None:
        return f"with {resource}: who may take a role is said of that role alone"
    return None


def _is_unknown(value: Any) -> bool:
    """Whether the value is none of what YAML and JSON have: nobody knows it yet."""
    return not isinstance(value, (str, int, float, Mapping, list, tuple, type(None)))


def _policy_document(limit: Any, schema: Mapping[str, Any], document: SchemaDocument) -> Check:
    return with_reason("policyDocument", lambda value: misfit_of(value, str(limit)), limit, schema)


def of_another_bucket(value: Any) -> str | None:
    """Why S3 refuses the policy of a bucket for what it is about; None where it may take it, or it is unknown.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-arn-format.html
    """
    document = value.get("PolicyDocument") if isinstance(value, Mapping) else None
    if not isinstance(document, Mapping):
        return None
    bucket = value.get("Bucket")
    many = document.get("Statement")
    for statement in many if isinstance(many, (list, tuple)) else (many,):
        named = statement.get("Resource") if isinstance(statement, Mapping) else None
        for one in named if isinstance(named, (list, tuple)) else (named,):
            if is_another_bucket(bucket, one):
                return f"is for the bucket {_shown(bucket)}, and a Statement has the Resource {_shown(one)}"
    return None


def _shown(value: Any) -> str:
    return value.template if isinstance(value, Unknown) else str(value)


def _own_bucket(limit: Any, schema: Mapping[str, Any], document: SchemaDocument) -> Check:
    return with_reason("ownBucket", of_another_bucket, limit, schema)


POLICY_KEYWORDS: Mapping[str, Keyword] = {
    "policyDocument": _policy_document,
    "ownBucket": _own_bucket,
}
