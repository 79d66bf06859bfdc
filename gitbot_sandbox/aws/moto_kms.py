"""Make moto's KMS show and refuse what AWS does. Shell.

https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyMetadata.html
"""

from __future__ import annotations

import json
from typing import Any

from gitbot_sandbox.aws.moto_patch import wrap
from gitbot_sandbox.aws.policies import statements_of

_OF_A_DISABLED_KEY = ("enable_key_rotation", "disable_key_rotation")


def patch() -> None:
    """Make all patches of this module."""
    from moto.kms.models import Key
    from moto.kms.responses import KmsResponse

    wrap(Key, "to_dict", _with_defaults)
    wrap(KmsResponse, "enable_key_rotation", _with_a_period)
    wrap(KmsResponse, "get_key_rotation_status", _and_the_period)
    for name in _OF_A_DISABLED_KEY:
        wrap(KmsResponse, name, _unless_disabled)
    for name in ("schedule_key_deletion", "enable_key", "disable_key", "put_key_policy"):
        wrap(KmsResponse, name, _unless_pending)
    for name in ("create_key", "put_key_policy"):
        wrap(KmsResponse, name, _with_statements)


def _with_defaults(to_dict: Any) -> Any:
    """Defect: what a caller leaves out is null."""

    def told(self: Any) -> dict[str, Any]:
        shown: dict[str, Any] = to_dict(self)
        metadata = shown["KeyMetadata"]
        metadata["KeyUsage"] = metadata["KeyUsage"] or "ENCRYPT_DECRYPT"
        metadata["MultiRegion"] = bool(metadata["MultiRegion"])
        return shown

    return told


def _key(response: Any) -> Any:
    backend = response.kms_backend
    return backend.keys.get(backend.any_id_to_key_id(response._get_param("KeyId")))


def _with_a_period(enable: Any) -> Any:
    """Defect: the period of the rotation is forgotten. 365 days by default."""

    def enabled(self: Any) -> str:
        answer = str(enable(self))
        _key(self).rotation_period = self._get_param("RotationPeriodInDays") or 365
        return answer

    return enabled


def _and_the_period(status: Any) -> Any:
    def told(self: Any) -> str:
        answer = json.loads(status(self))
        if answer["KeyRotationEnabled"]:
            answer["RotationPeriodInDays"] = _key(self).rotation_period
        return json.dumps(answer)

    return told


def _unless_disabled(call: Any) -> Any:
    """Defect: the rotation of a disabled key can be changed."""
    from moto.core.exceptions import JsonRESTError

    def called(self: Any) -> str:
        key = _key(self)
        if key is not None and key.key_state == "Disabled":
            raise JsonRESTError("DisabledException", f"{key.arn} is disabled.")
        return str(call(self))

    return called


def _unless_pending(call: Any) -> Any:
    """Defect: a key whose deletion is pending can still be changed."""
    from moto.core.exceptions import JsonRESTError

    def called(self: Any) -> str:
        key = _key(self)
        if key is not None and key.key_state == "PendingDeletion":
            raise JsonRESTError("KMSInvalidStateException", f"{key.arn} is pending deletion.")
        return str(call(self))

    return called


def _with_statements(call: Any) -> Any:
    """Defect: a policy with no statement is one. It would not let its writer write another one.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html
    """
    from moto.core.exceptions import JsonRESTError

    def called(self: Any) -> str:
        policy = self._get_param("Policy")
        bypassed = self._get_param("BypassPolicyLockoutSafetyCheck")
        if policy and not bypassed and not statements_of(policy):
            raise JsonRESTError(
                "MalformedPolicyDocumentException",
                "The new key policy will not allow you to update the key policy in the future.",
            )
        return str(call(self))

    return called
