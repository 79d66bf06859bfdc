"""Renders the comments about applies and the answers to commands. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from gitbot.render.applies import apply_blocks
from gitbot.render.blocks import Block, Bullets, Code, Paragraph, Strong, Words
from gitbot.render.checks import check_for_apply, check_for_plan
from gitbot.render.escape import code, sentence
from gitbot.render.markdown import markdown
from gitbot.render.pages import Part, pages
from gitbot.render.views import ApplyCommentView

__all__ = [
    "apply_comment",
    "check_for_apply",
    "check_for_plan",
    "command_answer",
    "help_comment",
    "locked_issue",
    "refusal_comment",
    "slow_comment",
    "turn_comment",
    "turn_over_comment",
]


def apply_comment(view: ApplyCommentView) -> tuple[str, ...]:
    """The comments about an apply in one environment: what was done, and what to do next.

    Each page leaves room for a marker of up to 500 characters.
    """
    first, *rest = apply_blocks(view)
    return pages("apply", (first,), tuple(map(Part, rest))).texts


def help_comment(commands: Sequence[tuple[str, str]], environments: Sequence[str]) -> str:
    """The list of commands, each with its usage and what it does, and of environments."""
    blocks: list[Block] = [
        Paragraph(spans=(Strong("Commands"), Words(", each on a line of its own:"))),
        Bullets(items=tuple((Code(usage), Words(f": {what}")) for usage, what in commands)),
    ]
    if environments:
        names = ", ".join(f"`{name}`" for name in environments)
        blocks.append(Paragraph(spans=(Words(f"Environments: {names}."),)))
    return markdown(blocks)


def refusal_comment(line: str, reason: str) -> str:
    """The answer to a command that was not done."""
    return f"{code(f'/{line}')} was not done: {sentence(reason)}"


def locked_issue(number: int) -> tuple[str, str]:
    """The title and the text of the issue that answers commands on a locked conversation."""
    text = (
        f"GitHub takes no comment of an App on #{number}, because it is locked. gitbot still does what "
        "commands ask there, and answers them below. Unlock the conversation to have answers there."
    )
    return f"gitbot: answers to commands on #{number}", text


def turn_comment(environment: str, text: str) -> str:
    """How far an apply is that takes several turns."""
    return (
        f"The apply of {code(environment)} is long and goes on in turns, by itself. Between two "
        f"turns other applies of {code(environment)} have theirs. {sentence(text)}"
    )


def slow_comment(environment: str, text: str) -> str:
    """What a running apply waits for."""
    return f"The apply of {code(environment)} is waiting for AWS. {sentence(text)}"


def turn_over_comment(environment: str) -> str:
    """What becomes of these two when the apply is over."""
    return f"The apply of {code(environment)} is over. Its result is in a comment of its own."


def command_answer(author: str, line: str, text: str) -> str:
    """The answer to a command. It names the author without a mention."""
    return f"{code(f'/{line}')} by {code(author)}: {sentence(text)}"
