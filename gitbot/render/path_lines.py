"""Renders changed paths and outputs as lines of a diff. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import unified_diff

from gitbot.model.plan import Action, OutputChange, PathChange
from gitbot.model.values import Value
from gitbot.render.blocks import DiffLine, Sign
from gitbot.render.values import SENSITIVE, fits_a_line, path_words, value_lines, value_words

_LONGEST_COMPARED = 2_000  # lines; comparing takes quadratic time
_SIGN_OF = {"+": Sign.ADD, "-": Sign.REMOVE, " ": Sign.NOTE}


def path_lines(action: Action, path: PathChange) -> Iterator[DiffLine]:
    """The lines of one changed path."""
    name = _name(path)
    notes = "; ".join(_path_notes(path))
    remark = f"  # {notes}" if notes else ""
    if action is Action.CREATE or path.added:
        yield from _one_value(Sign.ADD, name, path.after, remark)
    elif path.removed and path.after is None:
        yield from _one_value(Sign.REMOVE, name, path.before, remark)
    else:
        yield from _two_values(name, path.before, path.after, remark)


def _name(path: PathChange) -> str:
    """The path in words.

    An added or removed list element has no index: the indexes of the spec and the cloud differ.
    """
    *parents, last = path.path.split("/")
    comes_or_goes = path.added or (path.removed and path.after is None)
    if comes_or_goes and last.isdigit() and len(parents) > 1 and parents[-1] != "Tags":
        return f"{path_words('/'.join(parents))}[…]"
    return path_words(path.path)


def _one_value(sign: Sign, name: str, value: Value, remark: str = "") -> Iterator[DiffLine]:
    if fits_a_line(value):
        yield DiffLine(sign, f"{name}: {value_words(value)}{remark}")
        return
    yield DiffLine(sign, f"{name}:{remark}")
    for line in value_lines(value, depth=1):
        yield DiffLine(sign, line)


def _two_values(name: str, before: Value, after: Value, remark: str = "") -> Iterator[DiffLine]:
    if fits_a_line(before) and fits_a_line(after):
        words = f"{value_words(before)} → {value_words(after)}"
        yield DiffLine(Sign.CHANGE, f"{name}: {words}{remark}")
        return
    yield DiffLine(Sign.CHANGE, f"{name}:{remark}")
    # Show the changed lines with two equal ones around: long texts rarely change completely.
    was, will = list(value_lines(before, depth=1)), list(value_lines(after, depth=1))
    if len(was) + len(will) > _LONGEST_COMPARED:
        yield from (DiffLine(Sign.REMOVE, line) for line in was)
        yield from (DiffLine(Sign.ADD, line) for line in will)
        return
    for line in list(unified_diff(was, will, n=2, lineterm=""))[2:]:
        if line.startswith("@@"):
            yield DiffLine(Sign.NOTE, "  …")
        else:
            yield DiffLine(_SIGN_OF[line[0]], line[1:])


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
