"""Make moto keep the values of SSM's secure parameters as AWS does. Shell.

https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html
"""

from __future__ import annotations

import base64
import os
from typing import Any

from gitbot_sandbox.aws.moto_patch import wrap


def patch() -> None:
    """Make all patches of this module."""
    from moto.ssm.models import Parameter

    wrap(Parameter, "encrypt", _opaque)
    wrap(Parameter, "decrypt", _plain)
    wrap(Parameter, "describe_response_object", _without_value)


def _opaque(_: Any) -> Any:
    """moto's "ciphertext" is ``kms:<key>:<the value>``, so that a read without decryption shows it."""

    def encrypt(self: Any, value: str) -> str:
        self.kept_in_the_clear = value
        return base64.b64encode(b"\x01\x02\x02\x00\x78" + os.urandom(91)).decode()

    return encrypt


def _plain(_: Any) -> Any:
    def decrypt(self: Any, value: str) -> str:
        return str(getattr(self, "kept_in_the_clear", value))

    return decrypt


def _without_value(describe: Any) -> Any:
    """DescribeParameters tells everything but the value."""

    def told(self: Any, *arguments: Any, **named: Any) -> dict[str, Any]:
        found: dict[str, Any] = describe(self, *arguments, **named)
        return {name: value for name, value in found.items() if name != "Value"}

    return told
