"""Renders changed paths and outputs as lines of a diff. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from gitbot.model.plan import Action, OutputChange, PathChange
from gitbot.model.values import Value
from gitbot.render.blocks import DiffLine, Sign
from gitbot.render.line_diff import line_diff, long_line_diff
from gitbot.render.texts import text_of
from gitbot.render.values import (
    SENSITIVE,
    ValueLine,
    fits_a_line,
    how_read,
    path_words,
    value_lines,
    value_words,
)

_AS_IT_IS = "the text reads the same, so this is how it is written"


def path_lines(action: Action, path: PathChange) -> Iterator[DiffLine]:
    """The lines of one changed path."""
    name, notes = _name(path), tuple(_path_notes(path))
    if action is Action.CREATE or path.added:
        yield from _one_value(Sign.ADD, name, path.after, *notes)
    elif path.removed and path.after is None:
        yield from _one_value(Sign.REMOVE, name, path.before, *notes)
    else:
        yield from _two_values(name, path.before, path.after, *notes)


def _name(path: PathChange) -> str:
    """The path in words.

    An added or removed list element has no index: the indexes of the spec and the cloud differ.
    """
    *parents, last = path.path.split("/")
    comes_or_goes = path.added or (path.removed and path.after is None)
    if comes_or_goes and last.isdigit() and len(parents) > 1 and parents[-1] != "Tags":
        return f"{path_words('/'.join(parents))}[…]"
    return path_words(path.path)


def _one_value(sign: Sign, name: str, value: Value, *notes: str) -> Iterator[DiffLine]:
    if fits_a_line(value):
        yield DiffLine(sign, f"{name}: {value_words(value)}{_remark(*notes)}")
        return
    yield DiffLine(sign, f"{name}:{_remark(*notes, how_read(value))}")
    for line in value_lines(value, depth=1):
        yield DiffLine(sign, line.text)


def _two_values(name: str, before: Value, after: Value, *notes: str) -> Iterator[DiffLine]:
    if fits_a_line(before) and fits_a_line(after):
        words = f"{value_words(before)} → {value_words(after)}"
        yield DiffLine(Sign.CHANGE, f"{name}: {words}{_remark(*notes)}")
        return
    hows = dict.fromkeys((how_read(before), how_read(after)))
    lines = tuple(_compared(before, after))
    if all(line.sign is Sign.NOTE for line in lines):
        # Two strings can hold the same text, as JSON with other blanks. They still differ.
        yield DiffLine(Sign.CHANGE, f"{name}:{_remark(*notes, _AS_IT_IS)}")
        yield from long_line_diff(value_words(before), value_words(after))
        return
    yield DiffLine(Sign.CHANGE, f"{name}:{_remark(*notes, *hows)}")
    yield from lines


def _compared(before: Value, after: Value) -> Iterator[DiffLine]:
    """The changed lines with two equal ones around: long texts rarely change completely."""
    if isinstance(before, str) and isinstance(after, str) and not _has_text(before, after):
        return long_line_diff(value_words(before), value_words(after))
    return line_diff(_lines(before), _lines(after))


def _has_text(*values: str) -> bool:
    return any(text_of(value) is not None for value in values)


def _lines(value: Value) -> tuple[ValueLine, ...]:
    return tuple(value_lines(value, depth=1))


def _remark(*notes: str) -> str:
    words = "; ".join(note for note in notes if note)
    return f"  # {words}" if words else ""


def _path_notes(path: PathChange) -> Iterator[str]:
    if path.forces:
        yield "forces replacement"
    elif path.may_force:
        yield "may force replacement"
    if path.removed and path.after is not None:
        yield "back to its default"
    if path.note:
        yield path.note


def drifted_lines(path: PathChange) -> Iterator[DiffLine]:
    """The lines of one drifted path: ``before`` is in the cloud, ``after`` was last applied."""
    name = _name(path)
    if path.added:
        yield from _one_value(Sign.REMOVE, name, path.after)
    elif path.removed:
        yield from _one_value(Sign.ADD, name, path.before)
    else:
        yield from _two_values(name, path.after, path.before)


def output_lines(output: OutputChange) -> Iterator[DiffLine]:
    """The lines of one changed output."""
    if output.sensitive:
        sign = Sign.ADD if output.added else Sign.REMOVE if output.removed else Sign.CHANGE
        yield DiffLine(sign, f"{output.name}: {SENSITIVE}")
    elif output.added:
        yield from _one_value(Sign.ADD, output.name, output.after)
    elif output.removed:
        yield from _one_value(Sign.REMOVE, output.name, output.before)
    else:
        yield from _two_values(output.name, output.before, output.after)
