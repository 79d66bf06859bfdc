"""Marks values as sensitive. Pure."""

from __future__ import annotations

from dataclasses import replace

from gitbot.model.values import Sensitive, Unknown, Value, is_known, map_leaves, reveal


def concealed(value: Value) -> Value:
    """The value, marked as sensitive: a known one as a whole, else leaf by leaf."""
    if is_known(value):
        return Sensitive(reveal(value))
    return map_leaves(  # type: ignore[no-any-return]
        value,
        lambda leaf: (
            replace(leaf, sensitive=True)
            if isinstance(leaf, Unknown)
            else leaf
            if isinstance(leaf, Sensitive)
            else Sensitive(leaf)
        ),
    )
