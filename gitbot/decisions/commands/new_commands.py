"""Decides which commands of a text are new, and which are refused at once. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TypeAlias

from gitbot.decisions.commands.grammar import ParsedCommand, parse_commands
from gitbot.decisions.commands.table import VERBS, Place
from gitbot.model.commands import Command, CommandRef, CommandStatus, Source
from gitbot.model.events import TextWritten

_Asked: TypeAlias = tuple[str, frozenset[tuple[str, str]]]

EDITED = (
    "this text was changed after it was written, and somebody else may have changed it: write the "
    "command in a new comment."
)
ADDED = (
    "this comment had a command before it was edited: what it asked for does not change any more, so "
    "write the command in a new comment."
)


def new_commands(text: TextWritten, known: Iterable[Command], login: str) -> tuple[Command, ...]:
    """The commands of a text that were not heard before, in order of their lines.

    ``known`` are the commands that were heard in the same comment or review. A command that was
    heard in an earlier version of the text is not new. The same text always gives the same
    commands, so a call that was interrupted can be repeated. ``login`` is the bot's own login: its
    texts have no commands.

    A text that was edited holds commands only when a delivery says that its author edited it, and
    when no command of an earlier version of it was accepted: so a typo can be mended.
    """
    if text.author.lower() == login.lower():
        return ()
    earlier = [one for one in known if one.ref.text_at != _text_at(text)]
    heard = Counter(_asked(one.verb, one.arguments) for one in earlier)
    late = ""
    if text.edited:
        accepted = any(one.status is not CommandStatus.REFUSED for one in earlier)
        late = EDITED if not text.by_author else ADDED if accepted else ""
    return tuple(_not_heard(text, heard, login, late))


def _not_heard(
    text: TextWritten, heard: Counter[_Asked], login: str, late: str
) -> Iterator[Command]:
    for parsed in parse_commands(text.body, login):
        asked = _asked(parsed.verb, parsed.arguments)
        if heard[asked] > 0:
            heard[asked] -= 1
        else:
            yield _command(text, parsed, late)


def _asked(verb: str, arguments: Mapping[str, str]) -> _Asked:
    return verb, frozenset(arguments.items())


def _text_at(text: TextWritten) -> datetime:
    return text.text_at.replace(microsecond=0)


def _command(text: TextWritten, parsed: ParsedCommand, late: str) -> Command:
    return Command(
        ref=CommandRef(
            source=text.source, comment=text.id, text_at=_text_at(text), line=parsed.line
        ),
        repository=text.repository,
        number=text.number,
        on_pull_request=text.on_pull_request,
        author=text.author,
        author_id=text.author_id,
        verb=parsed.verb,
        arguments=parsed.arguments,
        # What was read before an edit was read before the command that the edit holds.
        written_at=text.text_at,
        answer=_answer(text, parsed) or late or None,
    )


def _answer(text: TextWritten, parsed: ParsedCommand) -> str | None:
    """Why the command is refused at once, in Markdown; None when it is not."""
    if parsed.problem is not None:
        return parsed.problem
    heard = VERBS[parsed.verb].heard
    if _place(text) not in heard:
        if Place.PULL_REQUEST not in heard:
            return (
                f"`/{parsed.verb}` works on the issue of gitbot that it is about: write it there."
            )
        return f"`/{parsed.verb}` works on pull requests: write it in a comment on one."
    return None


def _place(text: TextWritten) -> Place:
    if text.source is Source.REVIEW:
        return Place.REVIEW
    return Place.PULL_REQUEST if text.on_pull_request else Place.ISSUE
