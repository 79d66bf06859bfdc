"""Refuse policies of buckets that S3 takes for none. Shell."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import wraps
from typing import Any

from moto.iam.policy_validation import VALID_CONDITIONS, VALID_STATEMENT_ELEMENTS
from moto.iam.policy_validation import BaseIAMPolicyValidator as Grammar
from moto.s3.exceptions import S3ClientError
from moto.s3.models import S3Backend

from gitbot_sandbox.aws.moto_patch import wrap
from gitbot_sandbox.aws.policies import statements_of

_BUCKET = re.compile(r"arn:[^:]+:s3:::([^/*?$]+)(?:/.*)?", re.DOTALL)


def patch() -> None:
    """Make the patch of this module."""
    wrap(S3Backend, "put_bucket_policy", _by_the_grammar)


def _by_the_grammar(original: Any) -> Any:
    """Defect: S3 takes any JSON for a policy: none with a statement, other words than a policy has, and other buckets.

    https://github.com/versity/versitygw/issues/646
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-arn-format.html
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
    """

    @wraps(original)
    def put_bucket_policy(self: Any, bucket_name: str, policy: bytes) -> Any:
        self.get_bucket(bucket_name)  # refuses one that is not there
        statements = statements_of(policy)
        if not statements:
            raise S3ClientError(
                "MalformedPolicy", "Could not parse the policy: Statement is empty!"
            )
        for statement in statements:
            why = _refusal(statement, bucket_name)
            if why:
                raise S3ClientError("MalformedPolicy", why)
        return original(self, bucket_name, policy)

    return put_bucket_policy


def _refusal(statement: Mapping[str, Any], bucket: str) -> str:
    for name in statement:
        if name not in VALID_STATEMENT_ELEMENTS:
            return f"Unknown field {name}"
    for name in statement.get("Condition", {}):
        if Grammar._strip_condition_key(name) not in VALID_CONDITIONS:
            return f"Invalid Condition type : {name}"
    if any(":" not in one and one != "*" for one in _many(statement.get("Action", "*"))):
        return "Policy has invalid action"
    for one in _many(statement.get("Resource", "*")):
        named = _BUCKET.fullmatch(one)
        if not one.startswith(("arn:", "*")) or (named is not None and named[1] != bucket):
            return "Policy has invalid resource"
    return ""


def _many(value: Any) -> list[Any]:
    return [value] if isinstance(value, str) else list(value)
