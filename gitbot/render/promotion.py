"""Words about promotions: what is promoted, what stays different, and what a person must decide. Pure.

The sentences hold code spans; ``escape.sentence`` makes Markdown of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from gitbot.model.promotion import Difference, PromotedStack, SpecPath, Why

_LONGEST = 120


def pointer(path: SpecPath) -> str:
    """The path as a JSON pointer: https://www.rfc-editor.org/rfc/rfc6901"""
    return "/" + "/".join(str(one).replace("~", "~0").replace("/", "~1") for one in path)


def shown(value: Any) -> str:
    """A value in a code span, shortened; ``nothing`` where nothing is."""
    if value is None:
        return "nothing"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    flat = " ".join(text.replace("`", "'").split())
    return f"`{flat[:_LONGEST]}…`" if len(flat) > _LONGEST else f"`{flat or '(empty)'}`"


def decisions(stack: PromotedStack) -> Iterator[str]:
    """What a person must decide before the promotion can be merged, a sentence each."""
    for placed in stack.conflicts:
        one = placed.conflict
        yield (
            f"`{pointer(one.path)}` was changed in both: {stack.source} has {shown(one.source)} "
            f"({placed.source}), {stack.target} has {shown(one.target)} ({placed.target}). "
            f"{stack.target}'s value is left: write what is right on this branch, or keep it."
        )
    for bound in stack.bound:
        yield (
            f"`{pointer(bound.path)}` becomes {shown(bound.value)}: {bound.what}. Write what is right "
            f"for {stack.target}, or make it a variable of the environment."
        )
    for lacking in stack.lacking:
        yield (
            f"`{pointer(lacking.of)}` needs `{pointer(lacking.path)}` in "
            f"`{lacking.file or stack.path}`, which {stack.target} does not have. Add it."
        )


def stays(stack: PromotedStack) -> Iterator[str]:
    """What stays different in the target and why, a sentence each."""
    for one in stack.differences:
        yield (
            f"`{pointer(one.path)}` stays {shown(one.target)} ({stack.source}: {shown(one.source)}): "
            f"{_why(one, stack)}."
        )
    if stack.deleted:
        names = ", ".join(f"`{one}`" for one in stack.deleted)
        yield (
            f"{names} {'is' if len(stack.deleted) == 1 else 'are'} not in {stack.source} any more and "
            f"{'stays' if len(stack.deleted) == 1 else 'stay'} in {stack.target}: deletions come in a "
            "pull request of their own."
        )


def _why(one: Difference, stack: PromotedStack) -> str:
    match one.why:
        case Why.KEEP:
            return f"`promotesFrom.keep` of {stack.target} names it"
        case Why.OWN:
            return "every environment has its own"
        case Why.VALUES:
            return f"{stack.target} had set a value of its own"
        case Why.TARGET:
            return f"only {stack.target} has changed it"
