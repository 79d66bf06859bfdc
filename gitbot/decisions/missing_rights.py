"""Decides which parts are off because gitbot's GitHub App lacks a right. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

from gitbot.model.forge import Right

PROPOSING = frozenset({Right.CONTENTS, Right.PULL_REQUESTS})
"""What a pull request of gitbot's own takes."""

_OFF: Mapping[Right, str] = MappingProxyType(
    {
        Right.CONTENTS: "promotions, `/drift adopt`, `/drift ignore` and the removal of the files of "
        "expired stacks",
        Right.ISSUES: "issues about drift, expiry, machines, freezes and applies that wait",
        Right.PULL_REQUESTS: "pull requests of gitbot's own, and comments on pull requests",
    }
)


def cannot_propose(missing: Collection[Right]) -> str:
    """Why gitbot opens no pull request of its own, in Markdown; empty when it does."""
    lacks = sorted(PROPOSING & set(missing))
    if not lacks:
        return ""
    names = " and ".join(f"`{right}: write`" for right in lacks)
    return f"gitbot's GitHub App lacks {names}, so it opens no pull requests here: {_GRANT}"


def what_is_off(missing: Collection[Right]) -> str:
    """What is off and how to switch it on, in Markdown; empty when no right is missing."""
    lines = [f"- `{right}: write` is missing: no {_OFF[right]}." for right in sorted(missing)]
    if not lines:
        return ""
    return "\n".join([*lines, "", f"Everything else works. To change that, {_GRANT}."])


_GRANT = (
    "give the App the permission in its settings under Permissions, and accept it where the App is "
    "installed"
)
