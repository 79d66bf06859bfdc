"""Renders the issue about applies that wait for a release and that no pull request shows. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from gitbot.render.applies import stack_blocks
from gitbot.render.blocks import Block, Heading, Paragraph, Plain, Rank, Words
from gitbot.render.escape import code
from gitbot.render.pages import Part, pages
from gitbot.render.views import ApplyCommentView

TITLE = "gitbot: stacks that wait for somebody"


def waiting_issue(branch: str) -> tuple[str, str]:
    """The title and the text of the issue. What waits stands in its comments."""
    text = (
        f"Some stacks are on {code(branch)} and gitbot has not applied them, because no pull request "
        "showed what that would do: specs that were there before gitbot, or that were pushed without "
        "a pull request.\n\nThe comments below list them by environment, with what an apply would "
        "do. Nothing happens until somebody with the right comments the command that stands below "
        "a plan, here in this issue. If you do not want a stack, delete its file in a pull request.\n"
        "\ngitbot closes this issue when nothing waits any more, and opens it again if needed."
    )
    return TITLE, text


def waiting_comment(view: ApplyCommentView) -> tuple[str, ...]:
    """The comments about one environment: each stack that waits, its plan and its command."""
    first, *rest = _blocks(view)
    return pages("list", (first,), tuple(map(Part, rest))).texts


def _blocks(view: ApplyCommentView) -> Iterator[Block]:
    yield Heading(level=2, spans=(Words("Waiting in "), Plain(view.environment)))
    if not view.stacks:
        words = "Nothing waits here any more."
        yield Paragraph(spans=(Words(words),), tone="good", rank=Rank.VITAL)
    for stack in view.stacks:
        yield from stack_blocks(view, stack)
