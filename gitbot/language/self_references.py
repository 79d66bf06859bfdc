"""Resources that name themselves where their type allows it, such as a group in its own rules. Pure."""

from __future__ import annotations

from gitbot.language.scope import Attributes
from gitbot.language.templates import ExpressionError, parse_template
from gitbot.language.written import Written
from gitbot.model.names import Address


def names_itself(one: Written) -> bool:
    """Whether every reference of the resource to itself is one that its type allows.

    Such a reference is a whole value, so that nothing is computed from what nobody knows yet.
    """
    itself = one.type.schema.itself if one.type is not None else None
    if itself is None or one.properties is None:
        return False
    for name, node in one.properties.items():
        texts = [text for text in node.templates() if one.key in text]
        selected = [_selection(text) for text in texts if one.key in _roots(text)]
        if selected and f"/{name}" not in itself.within:
            return False
        if not {(one.key, attribute) for attribute in itself.attributes}.issuperset(selected):
            return False
    return True


def own_attributes(one: Written, address: Address) -> Attributes:
    """What the expressions of the resource know of itself: the word that stands for it."""
    itself = one.type.schema.itself if one.type is not None else None
    known = dict.fromkeys(itself.attributes, itself.word) if itself and names_itself(one) else {}
    return Attributes(address=address, known=known)


def _roots(text: str) -> frozenset[str]:
    try:
        return parse_template(text).names.roots
    except ExpressionError:
        return frozenset()  # it has a diagnostic of its own


def _selection(text: str) -> tuple[str, str] | None:
    return parse_template(text).selection
