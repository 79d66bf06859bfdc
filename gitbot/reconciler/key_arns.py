"""Tell whether the ARN of a key of KMS, which the cloud shows, is that of the key which a spec names. Pure."""

from __future__ import annotations

import re
from typing import Any

_KEY = re.compile(
    r"arn:[^:]+:kms:[^:]*:[^:]*:key/.+|mrk-[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
)


def tells_key(desired: Any, observed: Any) -> bool:
    """Whether the observed ARN of a key tells if it is the desired one: the ARN behind an alias is unknown."""
    return isinstance(desired, str) and isinstance(observed, str) and bool(_KEY.fullmatch(desired))
