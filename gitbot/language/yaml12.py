"""Reads YAML 1.2 text into nodes with positions, and refuses hostile input. Pure.

Only what JSON can express is accepted. Anchors, aliases, tags and merge keys are refused: people
read a spec line by line, and an alias that expands can fill the memory.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeAlias

import yaml
from yaml import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from gitbot.language.nodes import Mark, Node, Scalar
from gitbot.language.problems import Problems, quoted
from gitbot.language.yaml_scalars import TEXT_START, LeadingZeroError, resolve

MAX_DEPTH = 50

NextEvent: TypeAlias = Callable[[], Any]

_HIDDEN_BREAK = re.compile("[\x85\u2028\u2029]|\r(?!\n)")
"""What ends a line to the parser, and not in the diff that people review."""


class _RefusedError(Exception):
    """The rest of the file cannot be read. Its problem has been added."""


def parse(
    text: str, problems: Problems, expand: Callable[[NextEvent], NextEvent] | None = None
) -> list[Node]:
    """The documents of the file. Every problem is added to ``problems``.

    Documents before a syntax error are kept, so that their problems are reported as well. ``expand``
    changes the events before they are read.
    """
    documents: list[Node] = []
    hidden = _HIDDEN_BREAK.search(text)
    if hidden is not None:
        problems.add(
            "yaml-syntax",
            _mark_of_index(text, hidden.start()),
            f"The character U+{ord(hidden[0]):04X} would end the line here, and most programs do not "
            "show that: people would read something else than gitbot.",
            "Remove the character, or write it as an escape in a double-quoted string.",
        )
        return documents
    try:
        next_event: NextEvent = yaml.CBaseLoader(text).get_event
        if expand is not None:
            next_event = expand(next_event)
        while type(event := next_event()) is not StreamEndEvent:
            if type(event) is DocumentStartEvent:
                node = _node(next_event(), next_event, problems, 0)
                if node.value is not None:
                    documents.append(node)
    except yaml.MarkedYAMLError as error:
        _add_syntax_error(error, text, problems)
    except yaml.reader.ReaderError as error:
        problems.add(
            "yaml-syntax",
            _mark_of_index(text, error.position),
            f"The character U+{_codepoint(error):04X} is not allowed in YAML.",
            "Remove the character, or write it as an escape in a double-quoted string.",
        )
    except _RefusedError:
        pass
    return documents


def _codepoint(error: yaml.reader.ReaderError) -> int:
    character = error.character
    return character if isinstance(character, int) else ord(character[:1] or "\0")


def _mark_of_index(text: str, index: int) -> Mark:
    before = text[:index]
    return before.count("\n") + 1, index - (before.rfind("\n") + 1) + 1


def _add_syntax_error(error: yaml.MarkedYAMLError, text: str, problems: Problems) -> None:
    found = error.problem_mark or error.context_mark
    mark = (found.line + 1, found.column + 1) if found else (1, 1)
    lines = text.splitlines()
    line = lines[mark[0] - 1] if mark[0] <= len(lines) else ""
    if "\t" in line[: mark[1]]:
        problems.add(
            "yaml-tab",
            (mark[0], line.index("\t") + 1),
            "YAML forbids tabs between the start of a line and its text.",
            "Indent with two spaces.",
        )
        return
    what = " ".join(str(part) for part in (error.context, error.problem) if part)
    problems.add(
        "yaml-syntax",
        mark,
        f"The YAML parser stopped here: {what}.",
        "Inside {…} and […] YAML reads the braces of ${…} as its own: put the whole text into quotes."
        if "flow" in what and "${" in line
        else "Check indentation, colons and quotes on this line and the one before it.",
    )


def _node(event: Any, next_event: NextEvent, problems: Problems, depth: int) -> Node:
    start = event.start_mark
    line, column = start.line + 1, start.column + 1
    kind = type(event)
    if kind is not ScalarEvent:
        return _tree(event, (line, column), next_event, problems, depth)
    if event.anchor is not None or event.tag is not None:
        _refuse_marks(event, (line, column), problems)
    # Most nodes are scalars, so the rest is not worth calls.
    text: str = event.value
    value: Scalar = text
    if event.implicit[0] and text[:1] not in TEXT_START:
        value = _resolved(text, (line, column), problems)
    style = event.style
    text_column: int | None = column + 1 if style else column
    if event.end_mark.line + 1 != line or style == "|" or style == ">":
        text_column = None  # the text does not begin on the line of its mark
    return Node(value, (line, column), None, text, text_column)


def _tree(event: Any, mark: Mark, next_event: NextEvent, problems: Problems, depth: int) -> Node:
    kind = type(event)
    if kind is AliasEvent or event.anchor is not None or event.tag is not None:
        _refuse_marks(event, mark, problems)
    if kind is AliasEvent:
        return Node("", mark)
    if depth >= MAX_DEPTH:
        problems.add(
            "yaml-depth",
            mark,
            f"Maps and lists are nested more than {MAX_DEPTH} levels deep here.",
            "Flatten the structure.",
        )
        raise _RefusedError
    if kind is SequenceStartEvent:
        return _sequence(mark, next_event, problems, depth)
    return _mapping(mark, next_event, problems, depth)


def _refuse_marks(event: Any, mark: Mark, problems: Problems) -> None:
    if event.anchor is not None:
        problems.add(
            "yaml-alias",
            mark,
            f'"{event.anchor}" is an anchor or an alias, which gitbot does not follow.',
            "Write the value out, or put it into spec.values and use ${vars.…}. "
            'Quote a string that starts with "&" or "*".',
        )
    if type(event) is not AliasEvent and event.tag is not None:
        _add_tag(event, mark, problems)


def _add_tag(event: Any, mark: Mark, problems: Problems) -> None:
    short = event.tag.replace("tag:yaml.org,2002:", "!!")
    problems.add(
        "yaml-tag",
        mark,
        f"The tag {quoted(short)} has no meaning in a spec.",
        "Remove the tag; for CloudFormation's !Ref, !Sub and !GetAtt write an expression such as "
        "${bucket.Arn}.",
    )


def _resolved(text: str, mark: Mark, problems: Problems) -> Scalar:
    """The value of a plain scalar; its text, with a problem added, if it has none."""
    try:
        return resolve(text)
    except LeadingZeroError:
        problems.add(
            "yaml-leading-zero",
            mark,
            f"YAML reads {quoted(text)} as a number, which would be {int(text)}.",
            f"Put it in quotes to keep the zeros, as account ids need: '{text}'.",
        )
        return text
    except OverflowError:
        problems.add(
            "yaml-number",
            mark,
            f"{quoted(text)} is not a finite number of at most 64 bits.",
            "Quote it if it is meant as text.",
        )
        return text


def _sequence(mark: Mark, next_event: NextEvent, problems: Problems, depth: int) -> Node:
    items: list[Node] = []
    while type(event := next_event()) is not SequenceEndEvent:
        items.append(_node(event, next_event, problems, depth + 1))
    return Node(items, mark)


def _mapping(mark: Mark, next_event: NextEvent, problems: Problems, depth: int) -> Node:
    entries: dict[str, Node] = {}
    marks: dict[str, Mark] = {}
    while type(event := next_event()) is not MappingEndEvent:
        name: str | None
        kind = type(event)
        if (
            kind is ScalarEvent
            and event.value[:1] in TEXT_START
            and event.anchor is None
            and event.tag is None
        ):  # a key that needs no further checks, as most keys are
            start = event.start_mark
            name, place = event.value, (start.line + 1, start.column + 1)
            value = _node(next_event(), next_event, problems, depth + 1)
        else:
            key = _node(event, next_event, problems, depth + 1)
            place = key.mark
            value = _node(next_event(), next_event, problems, depth + 1)
            name = _key(key, kind is ScalarEvent and event.implicit[0], problems)
            if name is None:
                continue
        if name in entries:
            first = marks[name]
            problems.add(
                "yaml-duplicate-key",
                place,
                f"The key {quoted(name)} is given on line {first[0]} already.",
                "Remove one of the two.",
            )
            continue
        entries[name] = value
        marks[name] = place
    return Node(entries, mark, marks)


def _key(key: Node, is_plain: bool, problems: Problems) -> str | None:
    name = key.value
    if name == "<<" and is_plain:
        problems.add(
            "yaml-merge-key",
            key,
            '"<<" would merge another map, which gitbot does not do.',
            "Write the entries out.",
        )
        return None
    if isinstance(name, str):
        return name
    if name is None or isinstance(name, (list, dict)):
        detail = "A key must be a string; this one is empty, a list or a map."
    else:
        detail = f"YAML reads this key as {str(name).lower()}, which is not a string."
    problems.add("yaml-key", key, detail, "Put the key in quotes.")
    return None
