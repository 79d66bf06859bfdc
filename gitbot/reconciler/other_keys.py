"""Tells when the hashes in state were made with another key than this process has. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from gitbot.model.plan import Change, OutputChange
from gitbot.model.recorded import RecordedStack
from gitbot.model.values import Redacted, leaves


def other_key(
    recorded: RecordedStack, changes: Sequence[Change], outputs: Sequence[OutputChange]
) -> str:
    """What makes sensitive values count as changed although they may be the same, in words; empty if nothing does.

    Hashes that were made with different keys cannot be compared.
    """
    now = _keys(path.after for change in changes for path in change.paths)
    now |= _keys(one.after for one in outputs)
    then = _keys(one.properties for one in recorded.resources.values())
    then |= _keys(one.before for one in outputs)
    then -= now
    if not now or not then:
        return ""
    return (
        f"state has hashes of sensitive values under the key {_ids(then)}, and this process has the key "
        f"{_ids(now)}. So every sensitive value counts as changed here, also where it is the same. If nobody has "
        "replaced the key on purpose, apply nothing: set GITBOT_HASH_KEY to the key that the others have, and plan "
        "again. If it was replaced, an apply sends these values once more and keeps their new hashes"
    )


def _keys(trees: Iterable[Any]) -> set[str]:
    return set(_ids_in(trees))


def _ids_in(trees: Iterable[Any]) -> Iterator[str]:
    for tree in trees:
        for leaf in leaves(tree):
            if isinstance(leaf, Redacted) and leaf.key_id:
                yield leaf.key_id


def _ids(keys: Iterable[str]) -> str:
    return ", ".join(sorted(keys))
