"""Says how many times an entry of ``resources`` is there: by ``when`` and ``forEach``. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from gitbot.language.nodes import Node, kind_name
from gitbot.language.problems import Problems, quoted
from gitbot.language.scope import PLACEHOLDER, is_placeholder
from gitbot.language.trees import TreeEvaluator, roots_in
from gitbot.language.written import Written
from gitbot.model.values import Sensitive, Unknown, Value, is_sensitive

MOST_COPIES: Final = 500
_KEY: Final = re.compile(r"[^\x00-\x1f\x7f\"\\]{1,100}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """One copy. ``key`` is None where the entry is not copied. ``each`` are the values of ``each``."""

    key: str | None = None
    each: Mapping[str, Value] | None = None

    @property
    def suffix(self) -> str:
        """What follows the entry's key in the address."""
        return "" if self.key is None else f'["{self.key}"]'


def copy_of(key: str, value: Value) -> Copy:
    """The copy with this key."""
    return Copy(key=key, each={"key": key, "value": value})


ONLY: Final = Copy()
"""The one copy of an entry that is not copied."""

ANY_COPY: Final = Copy(each={"key": PLACEHOLDER, "value": PLACEHOLDER})
"""Stands for the copies where nobody can tell them."""


def copies_of(one: Written, evaluator: TreeEvaluator) -> tuple[Copy, ...] | None:
    """The copies, in the order of the spec; none where ``when`` is false.

    None: nobody can tell, because something is wrong, or a placeholder stands for a value.
    """
    if one.when is not None and one.for_each is not None and "each" in roots_in(one.when):
        one.problems.add(
            "unknown-name",
            one.when,
            f"{one.key}.when is about all copies together, so there is no each in it.",
            f"Leave out copies in {one.key}.forEach: a list can be filtered, as in "
            "${['a', 'b'].filter(key, key != 'a')}.",
        )
        return None
    there = True if one.when is None else _is_there(one, one.when, evaluator)
    if there is None:
        return None
    if not there:
        return ()
    return (ONLY,) if one.for_each is None else _copies(one, one.for_each, evaluator)


def _is_there(one: Written, node: Node, evaluator: TreeEvaluator) -> bool | None:
    value = evaluator.evaluate(node)
    if isinstance(value, Sensitive):
        value = value.value
    if isinstance(value, Unknown):
        _add_unknown(one, node, value, "Whether there is any", one.problems)
        return None
    if not isinstance(value, bool):
        one.problems.add(
            "wrong-type",
            node,
            f"{one.key}.when must be true or false; this is {kind_name(value)}.",
            "Write a comparison, such as ${env.name != 'dev'}.",
        )
        return None
    return value


def _copies(one: Written, node: Node, evaluator: TreeEvaluator) -> tuple[Copy, ...] | None:
    value = evaluator.evaluate(node)
    if isinstance(value, Unknown):
        _add_unknown(one, node, value, "The keys of the copies", one.problems)
        return None
    if isinstance(value, Mapping):
        found = {key: copy_of(key, item) for key, item in value.items()}
    elif isinstance(value, (list, tuple)):
        listed = _listed(one, node, value)
        if listed is None:
            return None
        found = {key: copy_of(key, key) for key in listed}
    else:
        hidden = isinstance(value, Sensitive)
        _add_wrong(one, node, "a sensitive value" if hidden else kind_name(value))
        return None
    return tuple(found.values()) if _are_keys_allowed(one, node, found) else None


def _listed(one: Written, node: Node, value: Any) -> list[str] | None:
    """The strings of the list; None, with a problem added, when one is wrong."""
    for number, item in enumerate(value):
        place = node.value[number] if node.is_list else node
        if isinstance(item, Unknown):
            _add_unknown(one, place, item, "The keys of the copies", one.problems)
            return None
        if not isinstance(item, str):
            hidden = isinstance(item, Sensitive)
            what = "a sensitive value in it, which addresses would show"
            other = "something else in it"
            _add_wrong(one, place, f"a list with {what if hidden else other}")
            return None
        if item in value[:number]:
            one.problems.add(
                "bad-value",
                place,
                f"{one.key}.forEach has {quoted(item)} twice, and each copy needs a key of its own.",
                "Remove one of them.",
            )
            return None
    return list(value)


def _are_keys_allowed(one: Written, node: Node, found: Mapping[str, Copy]) -> bool:
    if len(found) > MOST_COPIES:
        one.problems.add(
            "bad-value",
            node,
            f"{one.key}.forEach gives {len(found)} copies; at most {MOST_COPIES} are allowed.",
            "Split the stack.",
        )
        return False
    for key in found:
        if not _KEY.fullmatch(key):
            one.problems.add(
                "bad-name",
                node.key_mark(key),
                f"{one.key}.forEach has the key {quoted(key)}, which cannot stand in an address.",
                "Use 1 to 100 characters without quotes, backslashes and control characters.",
            )
            return False
    return True


def _add_wrong(one: Written, node: Node, given: str) -> None:
    one.problems.add(
        "wrong-type",
        node,
        f"{one.key}.forEach must be a map or a list of strings; this is {given}.",
        "Write a map, whose keys name the copies, or a list of different strings.",
    )


def _add_unknown(one: Written, node: Node, value: Unknown, what: str, problems: Problems) -> None:
    if is_placeholder(value):
        return
    shown = "a sensitive value" if is_sensitive(value) else value.template
    problems.add(
        "unknown-copies",
        node,
        f"{what} of {one.key} would come from {shown}, which only the cloud can tell.",
        "Write the keys into the spec, and use what the cloud tells in values and properties."
        if node is not one.when
        else "Decide it by what is known before an apply, such as a variable.",
    )
