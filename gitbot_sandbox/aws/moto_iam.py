"""Let moto's IAM take what IAM takes, AWS's own policies and policies without a version, and refuse what it refuses. Shell."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache, wraps
from inspect import signature
from typing import Any

from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.exceptions import MalformedPolicyDocument
from moto.iam.models import AWSManagedPolicy, IAMBackend
from moto.iam.policy_validation import BaseIAMPolicyValidator

from gitbot_sandbox.aws.moto_patch import wrap
from gitbot_sandbox.aws.policies import statements_of


def patch() -> None:
    """Make the patches of this module."""
    for noun in ("role", "user", "group"):
        wrap(IAMBackend, f"attach_{noun}_policy", _managed_by_aws)
    wrap(BaseIAMPolicyValidator, "_validate_version", _without_version)
    for call in ("create_role", "update_assume_role_policy"):
        wrap(IAMBackend, call, _trusting)


def _managed_by_aws(original: Any) -> Any:
    """Defect: AWS's managed policies are missing, unless all thousand are loaded for each account.

    Adds a policy when it is first attached.
    https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
    """

    @wraps(original)
    def attach_policy(self: Any, policy_arn: str, name: str) -> None:
        _, found, path = policy_arn.partition(":iam::aws:policy/")
        own = path.rpartition("/")[2]
        if found and policy_arn not in self.managed_policies and own in _policies():
            policy = AWSManagedPolicy.from_data(
                own, self.account_id, self.region_name, _policies()[own]
            )
            self.managed_policies[policy.arn] = policy
        original(self, policy_arn, name)

    return attach_policy


@cache
def _policies() -> Mapping[str, Any]:
    return json.loads(aws_managed_policies_data)  # type: ignore[no-any-return]


def _without_version(original: Any) -> Any:
    """Defect: a policy without ``Version``, or with the first one, is refused.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
    """

    @wraps(original)
    def _validate_version(self: Any) -> None:
        if self._policy_json.get("Version", "2008-10-17") != "2008-10-17":
            original(self)

    return _validate_version


def _trusting(original: Any) -> Any:
    """Defects: a service that has no name of a host may take a role, and a new role may say anything of who, or nothing.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-services
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-trust-policy.html
    """

    @wraps(original)
    def with_policy(*args: Any, **named: Any) -> Any:
        _, _, policy, *_ = signature(original).bind(*args, **named).arguments.values()
        statements = statements_of(policy)
        if not statements:
            raise MalformedPolicyDocument("Syntax errors in policy.")
        for statement in statements:
            for name in _services(statement):
                if "." not in name:
                    raise MalformedPolicyDocument(
                        f'Invalid principal in policy: "SERVICE":"{name}"'
                    )
            for action in _many(statement.get("Action", [])):
                if action.partition(":")[0].lower() not in ("sts", "*"):
                    raise MalformedPolicyDocument(
                        "AssumeRole policy may only specify STS AssumeRole actions."
                    )
        return original(*args, **named)

    return with_policy


def _services(statement: Mapping[str, Any]) -> list[str]:
    principal = statement.get("Principal")
    return _many(principal.get("Service", [])) if isinstance(principal, Mapping) else []


def _many(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
