"""Renders blocks as terminal lines. The command line prints them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import assert_never

from gitbot.model.diagnostic import Diagnostic
from gitbot.model.plan import Plan, WalkResult
from gitbot.render.applies import result_blocks
from gitbot.render.blocks import (
    Block,
    Bullets,
    Code,
    Diff,
    DiffLine,
    Fold,
    Heading,
    Paragraph,
    Rank,
    Sign,
    Source,
    Spans,
    Strong,
    Words,
)
from gitbot.render.diagnostics import NO_EXCERPTS, count_words, diagnostic_blocks
from gitbot.render.escape import clean
from gitbot.render.plans import plan_blocks
from gitbot.render.views import Excerpts

_SIGN_STYLES = {Sign.ADD: "green", Sign.REMOVE: "red", Sign.CHANGE: "yellow", Sign.NOTE: "dim"}
_SYMBOL_STYLES = {
    "+": "green",
    "-": "red",
    "~": "yellow",
    "-/+": "magenta",
    "⇐": "cyan",
    "⇒": "cyan",
    "?": "cyan",
    "≠": "yellow",
}
_TONES = {"error": "red", "warning": "yellow", "good": "green", "": ""}


@dataclass(frozen=True, slots=True)
class Line:
    """One line, and its style in the language of rich (``bold red``)."""

    text: str
    style: str = ""


_APART = Line("")


def plan_lines(plan: Plan) -> tuple[Line, ...]:
    """The lines of a plan in full, and an empty line."""
    heading = Heading(level=2, spans=(Code(plan.stack.label), Words(f" in {plan.stack.region}")))
    return (*_lines((heading, *plan_blocks(plan))), _APART)


def diagnostic_lines(
    diagnostics: Sequence[Diagnostic], excerpts: Excerpts = NO_EXCERPTS
) -> tuple[Line, ...]:
    """The lines of all problems, and how many there are."""
    lines: list[Line] = []
    for block in diagnostic_blocks(diagnostics, excerpts):
        lines += _block(block)
    if diagnostics:
        lines.append(Line(count_words(diagnostics), "bold"))
    return tuple(lines)


def walk_lines(plan: Plan, result: WalkResult) -> tuple[Line, ...]:
    """The lines about a walk: what was done, what not, and the outputs."""
    good = result.ok
    verb, command = ("destroyed", "destroy") if plan.destroys else ("applied", "apply")
    words = verb if good else f"not everything was {verb}"
    if good and plan.empty and not result.done:
        words = "nothing to do"
    headline = Paragraph(
        spans=(Code(plan.stack.label), Words(": "), Strong(words)),
        tone="good" if good else "error",
        rank=Rank.VITAL,
    )
    more = Paragraph(
        spans=(
            Words(
                "What was done is recorded and is not done again: "
                "run the same command again to continue."
            ),
        )
    )
    rest = Paragraph(
        spans=(
            Words("The rest of the stack was left out: "),
            Code(f"gitbot {command} {plan.stack.environment}"),
            Words(" does it."),
        )
    )
    tail: tuple[Block, ...] = () if good else (more,)
    tail += (rest,) if plan.partial else ()
    return (*_lines((headline, *result_blocks(plan, result), *tail)), _APART)


def _lines(blocks: Iterable[Block]) -> tuple[Line, ...]:
    return tuple(line for block in blocks for line in _block(block))


def _block(block: Block) -> Iterator[Line]:
    match block:
        case Heading():
            yield Line(_text(block.spans), "bold")
        case Paragraph():
            yield Line(_text(block.spans), _TONES[block.tone])
        case Bullets():
            for item in block.items:
                yield Line(f"  • {_text(item)}")
        case Diff():
            yield from _diff(block.lines)
        case Source():
            for line in block.lines:
                yield Line(f"    {clean(line)}", "dim")
        case Fold():
            style = _SYMBOL_STYLES.get(block.symbol, "")
            yield Line(f"  {block.symbol} {_one_line(f'{block.name} {block.about}')}", style)
            for remark in block.remarks:
                yield Line(f"      {_text(remark)}", "dim")
            yield from _diff(block.diff)
        case _:
            assert_never(block)


def _diff(lines: Sequence[DiffLine]) -> Iterator[Line]:
    for line in lines:
        yield Line(f"      {line.sign.value} {_one_line(line.text)}", _SIGN_STYLES[line.sign])


def _text(spans: Spans) -> str:
    return clean("".join(span.text for span in spans)).replace("\n", " ")


def _one_line(text: str) -> str:
    return clean(text).replace("\n", " ")
