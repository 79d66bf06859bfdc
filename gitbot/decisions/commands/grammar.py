"""Parses the commands in a text. Pure.

Anybody can send a text, so nothing here backtracks: the time is linear in the size of the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gitbot.decisions.commands.lines import plain_lines
from gitbot.decisions.commands.phrases import before_reason
from gitbot.decisions.commands.reading import plain_words, read_words
from gitbot.decisions.commands.slips import is_slip
from gitbot.decisions.commands.table import TABLE, VERBS, Verb

MOST_COMMANDS = 10
LONGEST_LINE = 1_000
_LONGEST_VERB = 40
_EMOJI = frozenset({"So", "Sk"})
_JOINERS = frozenset("\ufe0f\u200d")  # join and colour emoji; alone they show nothing
_FEW_WORDS = max(
    sum(not argument.keyword for argument in form.arguments)
    for verb in TABLE
    for form in verb.forms
)
_WORD = re.compile(r"[a-z][a-z-]*", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedCommand:
    """One command line of a text.

    ``line`` counts the command lines of the text from 0. ``verb`` is a verb of the table, or the
    word as typed, in lower case. ``arguments`` are the values that could be read. ``problem``, in
    Markdown, says why the command cannot be done and what to write instead; None when it can.
    """

    line: int
    verb: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    problem: str | None = None


def parse_commands(body: str, login: str) -> tuple[ParsedCommand, ...]:
    """The commands of a text, in order, ten at most. ``login`` is the bot's own login.

    A command is a line in plain ASCII (but for a reason at its end) that starts with ``/verb``, ``/gitbot verb`` or ``@login
    verb``, and that Markdown shows as plain text. Emoji behind it do not count. A line that is not a
    command but was clearly meant as one is returned with a problem. Paths, prose and other bots'
    commands are not returned.
    """
    names = _names(login)
    commands: list[ParsedCommand] = []
    for line in plain_lines(body):
        command = _command(line, len(commands), names)
        if command is not None:
            commands.append(command)
        if len(commands) == MOST_COMMANDS:
            break
    return tuple(commands)


def _names(login: str) -> frozenset[str]:
    """The names of gitbot, in lower case. The login of an App is its slug and ``[bot]``."""
    slug = login.lower().removesuffix("[bot]")
    return frozenset({"/gitbot", f"@{slug}", f"@{slug}[bot]"})


def _command(line: str, index: int, names: frozenset[str]) -> ParsedCommand | None:
    if len(line) > LONGEST_LINE:
        return _too_long(line, index, names)
    text = _without_decoration(line)
    if text.startswith("`"):
        return _quoted(text, index, names)
    if not text.startswith(("/", "\\", "@")):
        return None
    if not all(" " <= character <= "~" or character == "\t" for character in before_reason(text)):
        return _not_ascii(text, index)
    first, *words = text.split()
    if first.lower().rstrip(",:") in names:
        return _addressed(first, words, index)
    if first.startswith("@"):
        return None
    if first == "/" or first.startswith("\\"):
        return _slipped(text[1:].split(), index)
    return _by_word(first.removeprefix("/").lower(), words, index)


def _too_long(line: str, index: int, names: frozenset[str]) -> ParsedCommand | None:
    """A problem where the line begins as a command. Only its beginning is read, so that none takes long."""
    meant = _command(line[:LONGEST_LINE], index, names)
    if meant is None:
        return None
    why = f"its line has {len(line):,} characters, and a command has at most {LONGEST_LINE:,}. Write it in a line of its own."
    return ParsedCommand(line=index, verb=meant.verb, problem=f"`/{meant.verb}` is not done: {why}")


def _by_word(word: str, words: Sequence[str], index: int) -> ParsedCommand | None:
    """The command that the word behind the slash names, or a problem when it nearly does."""
    if (verb := VERBS.get(word.rstrip(",:"))) is not None:
        return _known(verb, words, index)
    if (verb := VERBS.get(word.rstrip("?!."))) is not None:
        # A question asks for no change.
        return _told_meant(verb, index) if verb.needs_right else _known(verb, words, index)
    if not _WORD.fullmatch(word) or len(plain_words(words)) > _FEW_WORDS or not _close(word):
        return None
    return _unknown(word, index)


def _addressed(name: str, words: Sequence[str], index: int) -> ParsedCommand | None:
    """``/gitbot apply dev`` or ``@gitbot apply dev``; the name alone asks for help."""
    if not words:
        return _known(VERBS["help"], (), index)
    verb = words[0].removeprefix("/").lower()
    if verb in VERBS:
        return _known(VERBS[verb], words[1:], index)
    # This may be a sentence to the people who run the bot.
    if name.startswith("@") and len(words) > _FEW_WORDS + 1:
        return None
    return _unknown(verb, index)


def _slipped(words: Sequence[str], index: int) -> ParsedCommand | None:
    r"""``/ apply dev`` or ``\apply dev``: a problem, when the rest is a command; else None."""
    if not words or words[0].lower() not in VERBS:
        return None
    meant = _known(VERBS[words[0].lower()], words[1:], index)
    return _told_meant(VERBS[meant.verb], index) if meant.problem is None else None


def _told_meant(verb: Verb, index: int) -> ParsedCommand:
    return _told(verb.name, index, f"did you mean `/{verb.name}`?")


def _without_decoration(line: str) -> str:
    """The line with plain spaces, and without the emoji behind it."""
    text = line.replace("\u00a0", " ").strip(" \t")
    last = text.rpartition(" ")[2]
    while last and all(unicodedata.category(each) in _EMOJI or each in _JOINERS for each in last):
        text = text[: -len(last)].rstrip(" \t")
        last = text.rpartition(" ")[2]
    return text


def _quoted(text: str, index: int, names: frozenset[str]) -> ParsedCommand | None:
    """A problem for a line that is nothing but a command in back-ticks; else None."""
    inner = text.strip("`")
    if len(text) - len(inner) != 2 or not inner.startswith("/"):
        return None
    meant = _command(inner, index, names)
    if meant is None or meant.problem is not None:
        return None
    return _told(meant.verb, index, "back-ticks make it text: write the line without them.")


def _not_ascii(text: str, index: int) -> ParsedCommand | None:
    """A problem for a command with a character that only looks like ASCII; else None."""
    found = _WORD.match(text, 1)
    if not text.startswith("/") or found is None or found[0].lower() not in VERBS:
        return None
    after = text[found.end()]
    if after.isalnum() or (after != " " and after.isascii()):
        return None
    return _told(
        found[0].lower(),
        index,
        f"there is a character after `/{found[0].lower()}` that is not plain ASCII; it may be "
        "invisible: type the line again.",
    )


def _unknown(verb: str, index: int) -> ParsedCommand:
    close = _close(verb)
    advice = f"did you mean `/{close}`?" if close else "`/help` lists the commands."
    return _told(verb[:_LONGEST_VERB], index, f"there is no such command; {advice}")


def _close(word: str) -> str | None:
    """The verb that the word is probably a misspelling of."""
    return next((verb for verb in VERBS if is_slip(word, verb)), None)


def _told(verb: str, index: int, problem: str) -> ParsedCommand:
    return ParsedCommand(line=index, verb=verb, problem=problem)


def _known(verb: Verb, words: Sequence[str], index: int) -> ParsedCommand:
    values, problem = read_words(verb, words)
    return ParsedCommand(line=index, verb=verb.name, arguments=values, problem=problem or None)
