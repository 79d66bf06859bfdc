"""Read what an encoded denial says. Pure.

Some services, EC2 first of all, say in code only which right is missing.
https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html
"""

from __future__ import annotations

import json
import re
from typing import Final

ENCODED: Final = re.compile(r"\s*Encoded authorization failure message:\s*(\S+)")
DECODES: Final = "sts:DecodeAuthorizationMessage"
"""The right that decoding takes."""


def encoded_in(message: str) -> str:
    """The encoded part of a denial; empty where it has none."""
    found = ENCODED.search(message)
    return found[1] if found is not None else ""


def denial_in(decoded: str) -> str:
    """What a decoded message says is missing, in AWS's words for it; empty where it says nothing."""
    try:
        told = json.loads(decoded)
        context = told["context"]
        action, resource = str(context["action"]), str(context["resource"])
        explicit = bool(told.get("explicitDeny"))
    except (ValueError, KeyError, TypeError):
        return ""
    why = "a policy denies it" if explicit else "no policy allows it"
    return f"It is not authorized to perform: {action} on resource: {resource}, because {why}."
