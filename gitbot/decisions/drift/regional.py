"""Write a changed value for one region of a stack, and leave that of the others. Pure."""

from __future__ import annotations

import json
from typing import Any, Final

from gitbot.language.editing.pieces import EditError
from gitbot.language.editing.splices import same

_BY_HAND: Final = (
    "the file says it for every region, and it differs in {region} alone: change it by hand, with "
    "`env.region`"
)


def in_region(before: Any, after: Any, region: str) -> Any:
    """The document ``after``, where what differs from ``before`` counts in the region alone.

    A value becomes an expression that asks for the region.

    Raises:
        EditError: something was added or taken out, or was an expression before.
    """
    if same(before, after):
        return after
    if isinstance(before, dict) and isinstance(after, dict) and before.keys() == after.keys():
        return {key: in_region(before[key], after[key], region) for key in after}
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        return [in_region(*both, region) for both in zip(before, after, strict=True)]
    plain = all(isinstance(one, (str, int, float)) for one in (before, after))
    if not plain or (isinstance(before, str) and "${" in before.replace("$${", "")):
        raise EditError(_BY_HAND.format(region=region))
    return f"${{env.region == {_cel(region)} ? {_cel(after)} : {_cel(before)}}}"


def _cel(value: Any) -> str:
    """The literal as an expression has it: there, ``${`` is no more than text."""
    plain = value.replace("$${", "${") if isinstance(value, str) else value
    return json.dumps(plain, ensure_ascii=False)
