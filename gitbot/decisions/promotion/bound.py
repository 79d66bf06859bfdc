"""Finds promoted values that hold in the source's account, region or environment only. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from gitbot.decisions.promotion.merging import MISSING
from gitbot.language.editing.splices import same
from gitbot.model.promotion import Bound, SpecPath

# https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html
_IDS = re.compile(
    r"\b(?:ami|subnet|vpc|sg|snap|vol|eni|eipalloc|rtb|igw|nat|acl|vpce|lt|i|cr|tgw|pcx)"
    r"-[0-9a-f]{8}(?:[0-9a-f]{9})?\b"
)
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
_ARN = re.compile(r"\barn:[a-z0-9-]+:[^:\s]*:([^:\s]*):([^:\s]*):\S+")
_DEVICE = re.compile(r"(?<![\w/])/dev/\S*")
_EXPRESSION = re.compile(r"\$\{[^}]*\}")


def bound_values(document: Any, before: Any, source: str) -> list[Bound]:
    """The values of ``document`` that ``before`` does not have and that are bound to a place.

    ``source`` is the name of the environment that they come from.
    """
    return [
        Bound(path=path, value=text, what=what)
        for path, text in _fresh(document, before, ())
        for what in _places(text, source)
    ]


def _fresh(value: Any, before: Any, path: SpecPath) -> Iterator[tuple[SpecPath, str]]:
    if same(value, before):
        return
    if isinstance(value, dict):
        for key, below in value.items():
            old = before.get(key, MISSING) if isinstance(before, dict) else MISSING
            yield from _fresh(below, old, (*path, key))
    elif isinstance(value, list):
        for at, below in enumerate(value):
            known = isinstance(before, list) and any(same(below, one) for one in before)
            yield from () if known else _fresh(below, MISSING, (*path, at))
    elif isinstance(value, str):
        yield path, value


def _places(text: str, source: str) -> Iterator[str]:
    """To what the text is bound, each once."""
    for found in dict.fromkeys(_IDS.findall(text)):
        yield f"`{found}` is an object of one account and region"
    for arn in _ARN.finditer(text):
        region, account = arn.groups()
        open_places = _EXPRESSION.sub("", region + account) == ""
        if account != "aws" and not (open_places and "${" in arn.group()):
            yield "an ARN names one account or region"
            break
    plain = _DEVICE.sub("", _EXPRESSION.sub("", text))
    if re.search(rf"(?<![A-Za-z0-9]){re.escape(source)}(?![A-Za-z0-9])", plain, re.IGNORECASE):
        yield f"it names the environment {source}"
