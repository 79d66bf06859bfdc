"""Resources that name themselves where their type allows it, such as a group in its own rules. Pure."""

from __future__ import annotations

from gitbot.language.scope import Attributes
from gitbot.language.templates import ExpressionError, parse_template
from gitbot.language.trees import roots_in
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
        if one.key not in roots_in(node):
            continue
        texts = [text for text in node.texts() if "${" in text]
        if f"/{name}" not in itself.within or not all(
            _is_allowed(text, one.key, itself.attributes) for text in texts
        ):
            return False
    return True


def own_attributes(one: Written, address: Address) -> Attributes:
    """What the expressions of the resource know of itself: the word that stands for it."""
    itself = one.type.schema.itself if one.type is not None else None
    known = dict.fromkeys(itself.attributes, itself.word) if itself and names_itself(one) else {}
    return Attributes(address=address, known=known)


def _is_allowed(text: str, key: str, attributes: frozenset[str]) -> bool:
    try:
        template = parse_template(text)
    except ExpressionError:
        return True  # it has a diagnostic of its own
    if key not in template.names.roots:
        return True
    single = template.single
    return single is not None and single.selection in {(key, name) for name in attributes}
