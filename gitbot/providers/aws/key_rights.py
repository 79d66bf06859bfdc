"""Says which rights it takes to let services encrypt with keys of one's own. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from gitbot.model.values import Sensitive, Unknown
from gitbot.providers.aws.secret_rights import DECRYPT
from gitbot.providers.aws.statements import allow

_KEY_NAME: Final = re.compile(r"kms\w*key\w*|encryptionkey|keyarn", re.IGNORECASE)
_OF_AWS: Final = re.compile(r"(arn:[\w-]+:kms:[^:]*:[^:]*:)?alias/aws/")
_USES: Final = (
    *("CreateGrant", "DescribeKey", "Encrypt", "GenerateDataKey"),
    *(
        "GenerateDataKeyWithoutPlaintext",
        "ReEncryptFrom",
        "ReEncryptTo",
        "RetireGrant",
        "RevokeGrant",
    ),
)


def names_key(value: Any) -> bool:
    """Whether a property in the tree names a key of KMS that AWS does not keep itself."""
    if isinstance(value, Mapping):
        return any(
            (_KEY_NAME.fullmatch(name) and _is_own(one)) or names_key(one)
            for name, one in value.items()
        )
    return isinstance(value, (list, tuple)) and any(map(names_key, value))


def _is_own(value: Any) -> bool:
    if isinstance(value, str):
        return _OF_AWS.match(value) is None
    return isinstance(value, (Unknown, Sensitive))


def key_rights(services: Collection[str], regions: Sequence[str]) -> Iterator[dict[str, Any]]:
    """What the services do with a key in the name of the role, and only they may do with it.

    A service that encrypts an object with a key asks KMS as whoever asked for the object, and has a grant made for what
    comes later.
    https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
    https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption-requirements.html
    """
    if services:
        by = [f"{one}.{region}.amazonaws.com" for one in sorted(services) for region in regions]
        uses = [f"kms:{one}" for one in _USES]
        yield {
            **allow("UseKeysThroughServices", [DECRYPT, *uses]),
            "Condition": {"StringEquals": {"kms:ViaService": by}},
        }


def decrypting(services: Collection[str]) -> Iterator[dict[str, Any]]:
    """What AWS's own handlers decrypt in the name of the role: only through these services, in whatever region they call.

    https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
    """
    if services:
        by = [f"{one}.*.amazonaws.com" for one in sorted(services)]
        yield {
            **allow("DecryptThroughServices", [DECRYPT]),
            "Condition": {"StringLike": {"kms:ViaService": by}},
        }
