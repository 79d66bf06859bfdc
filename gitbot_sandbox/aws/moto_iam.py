"""Let moto's IAM take what IAM takes: AWS's own policies, and policies without a version. Shell."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache, wraps
from typing import Any

from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy, IAMBackend
from moto.iam.policy_validation import BaseIAMPolicyValidator

from gitbot_sandbox.aws.moto_patch import wrap


def patch() -> None:
    """Make the patches of this module."""
    for noun in ("role", "user", "group"):
        wrap(IAMBackend, f"attach_{noun}_policy", _managed_by_aws)
    wrap(BaseIAMPolicyValidator, "_validate_version", _without_version)


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
