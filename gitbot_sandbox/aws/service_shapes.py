"""Refuse parameters that the model of an API does not take; clients look at types and lengths alone. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from botocore.session import get_session


def refuse_unfit(service: str, shape: str, value: Any, refusal: Callable[[str], Exception]) -> None:
    """Raise ``refusal`` of a sentence if a text, or the choice of a member, is none that the shape takes."""
    model: Any = get_session().get_service_model(service)
    for why in _unfit(model.shape_for(shape), value, shape):
        raise refusal(why)


def _unfit(shape: Any, value: Any, at: str) -> list[str]:
    if shape.type_name == "structure":
        below = [_unfit(shape.members[name], one, f"{at}.{name}") for name, one in value.items()]
        many = shape.metadata.get("union") and len(value) != 1
        own = [f"{at} takes exactly one of its members."] if many else []
        return [*own, *(why for some in below for why in some)]
    if shape.type_name == "list":
        return [why for one in value for why in _unfit(shape.member, one, at)]
    if shape.type_name != "string":
        return []
    pattern = shape.metadata.get("pattern")
    fits = not shape.enum or value in shape.enum
    if fits and (not pattern or re.fullmatch(pattern, value)):
        return []
    return [f"Value '{value}' at '{at}' failed to satisfy constraint."]
