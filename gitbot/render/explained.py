"""Renders what is known of a type, property or field, for the terminal and for editors. Pure."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from gitbot.model.explained import Below, Explained
from gitbot.render.terminal import Line

_MOST_IN_A_HOVER = 12


def explained_lines(explained: Explained, width: int = 100) -> Iterator[Line]:
    """The lines for a terminal of this width."""
    yield Line(f"{explained.name}  ({explained.kind})", "bold")
    for paragraph in explained.text.split("\n"):
        if paragraph.strip():
            yield from _wrapped(paragraph, width, "  ")
    for fact in explained.facts:
        yield from _wrapped(f"• {fact}", width, "  ", "    ")
    if explained.below:
        yield Line("")
        yield Line("What it can say:", "bold")
        for one in explained.below:
            yield from _below(one, width)
    if explained.gives:
        yield Line("")
        yield Line("What an expression can read of it, once it is there:", "bold")
        if explained.given:
            for name in explained.gives:
                yield Line(f"  {name}", "cyan")
                yield from _wrapped(explained.given.get(name, ""), width, "      ")
        else:
            yield from _wrapped(", ".join(explained.gives), width, "  ")
    if explained.see:
        yield Line("")
        yield Line(explained.see, "dim")


def explained_markdown(explained: Explained) -> str:
    """The same in short as Markdown, for an editor. AWS's texts are Markdown already."""
    parts = [f"**{explained.name.rsplit('.', 1)[-1]}**: {explained.kind}"]
    parts += [text for text in (explained.text,) if text]
    parts += ["\n".join(f"- {fact}" for fact in explained.facts)] if explained.facts else []
    if explained.below:
        names = [f"`{one.name}`" for one in explained.below]
        more = len(names) - _MOST_IN_A_HOVER
        shown = ", ".join(names[:_MOST_IN_A_HOVER]) + (f" and {more} more" if more > 0 else "")
        parts.append(f"It can say {shown}.")
    if explained.gives:
        parts.append("It gives " + ", ".join(f"`{one}`" for one in explained.gives) + ".")
    parts += [f"[AWS's documentation]({explained.see})"] if explained.see else []
    return "\n\n".join(parts)


def _below(one: Below, width: int) -> Iterator[Line]:
    default = f", {one.default} by default" if one.default else ""
    facts = f"{one.kind}{', required' if one.required else ''}{default}"
    yield Line(f"  {one.name}  ({facts})", "cyan")
    yield from _wrapped(one.text, width, "      ")


def _wrapped(text: str, width: int, indent: str, later: str | None = None) -> Iterator[Line]:
    lines = textwrap.wrap(
        text,
        max(width, 40),
        initial_indent=indent,
        subsequent_indent=indent if later is None else later,
        break_on_hyphens=False,
        break_long_words=False,
    )
    return (Line(line) for line in lines)
