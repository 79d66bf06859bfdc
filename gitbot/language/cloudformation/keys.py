"""Makes keys of specs of names that may have other characters in templates. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from gitbot.language.fields import CEL_WORDS

_OTHER: Final = re.compile(r"[^A-Za-z0-9_]")


def local_key(name: str, taken: Collection[str]) -> str:
    """The key of a condition or mapping below ``locals``: ``Is-Prod`` is ``Is_Prod``. It is none of ``taken``."""
    key = _OTHER.sub("_", name)
    if not key[:1].isalpha() or key in CEL_WORDS:
        key = f"n{key}"
    number, free = 2, key
    while free in taken:
        number, free = number + 1, f"{key}_{number}"
    return free
