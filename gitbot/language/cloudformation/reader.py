"""Reads the text of a template, YAML with short tags or JSON, into nodes with positions. Pure.

A short tag is read as its long form: ``!Ref a`` is ``{Ref: a}``, and ``!Foo a`` is ``{Fn::Foo: a}``, whether or
not there is such a function: that is said where it is used. Anchors, aliases, merge keys and all other tags
are refused, as in specs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from yaml import (
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from gitbot.language.nodes import Node
from gitbot.language.problems import Problems
from gitbot.language.yaml12 import NextEvent, parse
from gitbot.language.yaml_scalars import TEXT_START, LeadingZeroError, resolve

# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
_SHORT: Final = re.compile(r"![A-Za-z][A-Za-z0-9]*\Z")
# JSON escapes a character beyond U+FFFF as two halves, which YAML does not know.
_PAIR: Final = re.compile(
    r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})"
)
_BARE: Final = frozenset(["Ref", "Condition"])
_STARTS: Final = (MappingStartEvent, SequenceStartEvent)
_ENDS: Final = (MappingEndEvent, SequenceEndEvent)


def read_template(text: str, problems: Problems) -> Node | None:
    """The template; None, with a problem added, when the text is none."""
    before = len(problems.found)
    if text.lstrip()[:1] == "{":
        text = _PAIR.sub(_character, text)
    nodes = parse(text, problems, expanded)
    for extra in nodes[1:]:
        problems.add(
            "bad-template", extra, "A file holds one template.", "Move this one to another file."
        )
    if not nodes:
        if len(problems.found) == before:
            problems.add(
                "empty-file", None, "The file is empty.", "Write a template, or delete it."
            )
        return None
    if not nodes[0].is_map:
        problems.add(
            "bad-template",
            nodes[0],
            "A template must be a map with Resources.",
            "Begin with Resources: and write each resource below it.",
        )
        return None
    return nodes[0]


def _character(pair: re.Match[str]) -> str:
    halves = bytes.fromhex(pair[2] + pair[3])
    return pair[1] + halves.decode("utf-16-be")


def expanded(next_event: NextEvent) -> NextEvent:
    """The events, with each short tag as a map of its own, and keys and odd numbers as text."""
    return _Expander(next_event).events().__next__


class _Expander:
    """Follows where the events are, to tell keys from values."""

    def __init__(self, next_event: NextEvent) -> None:
        self._next_event = next_event

    def events(self) -> Iterator[Any]:
        """All events up to the end of the stream; after it, the last one again and again."""
        # One entry for each open map or list: whether a key comes next (None in a list), and whether
        # its end also ends the map that stands for a tag.
        open_: list[list[bool | None]] = []
        while True:
            event = self._next_event()
            is_key = bool(open_) and open_[-1][0] is True
            if open_ and open_[-1][0] is not None and not isinstance(event, _ENDS):
                open_[-1][0] = not open_[-1][0]
            if isinstance(event, _ENDS):
                tagged = open_.pop()[1]
                yield event
                if tagged:
                    yield MappingEndEvent(event.start_mark, event.end_mark)
                continue
            name = None if is_key else _function(event)
            if name is not None:
                yield from _opening(event, name)
                event.tag = None
            if isinstance(event, _STARTS):
                first = True if isinstance(event, MappingStartEvent) else None
                open_.append([first, name is not None])
                yield event
            elif isinstance(event, ScalarEvent):
                yield _as_text(event, name) if is_key or name or _is_odd(event) else event
                if name is not None:
                    yield MappingEndEvent(event.start_mark, event.end_mark)
            else:
                yield event


def _function(event: Any) -> str | None:
    """The long name of the function that the tag of the event is short for."""
    tag = getattr(event, "tag", None) or ""
    if not _SHORT.match(tag):
        return None
    name: str = tag[1:]
    return name if name in _BARE else f"Fn::{name}"


def _opening(event: Any, name: str) -> Iterator[Any]:
    mark = event.start_mark
    yield MappingStartEvent(None, None, True, mark, mark, flow_style=False)
    yield ScalarEvent(None, None, (False, True), name, mark, mark)


def _as_text(event: Any, name: str | None) -> Any:
    """The scalar as text, whatever it looks like; ``<<`` stays what it is."""
    plain = event.implicit[0] and event.value == "<<" and name is None
    if not plain:
        event.implicit = (False, True)
    return event


def _is_odd(event: Any) -> bool:
    """Whether it is a number that would lose digits: an account's, or one of more than 64 bits."""
    text = event.value
    if not event.implicit[0] or not text or text[0] in TEXT_START:
        return False
    try:
        resolve(text)
    except (LeadingZeroError, OverflowError):
        return True
    return False
