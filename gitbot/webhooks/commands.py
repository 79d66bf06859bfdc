"""The commands in a comment: which lines are one, and what they ask for. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass

VERBS = ("plan", "apply", "unlock", "help")
MAX_COMMANDS = 10
MIN_DIGEST = 8

_LINE = re.compile(
    r"/(?P<verb>[a-z][a-z-]*)(?:[ \t]+(?P<rest>[ -~\t]*))?",
    # Without ASCII the Kelvin sign would count as a k.
    re.IGNORECASE | re.ASCII,
)
_FENCE = re.compile(
    r"(?:[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+)* {0,3}(?P<mark>`{3,}|~{3,})(?P<info>.*)"
)
_QUOTE = re.compile(r" {0,3}>")
_INTERRUPTS = re.compile(r" {0,3}(?:#{1,6}[ \t]|[-*+][ \t]|\d{1,9}[.)][ \t]|[-*_]{3,}[ \t]*$)")
_RAW = re.compile(r" {0,3}<(?P<tag>pre|script|style|textarea)(?:[\s>]|$)", re.IGNORECASE)
_ENVIRONMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
_DIGEST = re.compile(rf"[0-9a-f]{{{MIN_DIGEST},64}}", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedCommand:
    """One command line of a comment.

    ``line`` counts the comment's command lines from 0. ``verb`` is one of ``VERBS``, or the word
    as typed. ``problem``, in Markdown, says why the line cannot be done and what to write
    instead; None for a line that can be.
    """

    line: int
    verb: str
    environment: str | None = None
    digest: str | None = None
    problem: str | None = None


def parse_commands(body: str) -> tuple[ParsedCommand, ...]:
    """The commands of a comment, in order, ten at most.

    A command is a line that starts with ``/verb`` or ``/gitbot verb`` in its first column, in
    plain ASCII, outside of code, quotes and HTML comments. A ``/word`` that is not a verb is
    returned only where it was surely meant for gitbot: after ``/gitbot``, or one slip away from a
    verb; so paths and other bots' commands stay unanswered.
    """
    commands: list[ParsedCommand] = []
    for line in _plain_lines(body):
        command = _command(line, len(commands))
        if command is not None:
            commands.append(command)
        if len(commands) == MAX_COMMANDS:
            break
    return tuple(commands)


def _command(line: str, index: int) -> ParsedCommand | None:
    found = _LINE.fullmatch(line.rstrip(" \t"))
    if found is None:
        return None
    verb, words = found["verb"].lower(), (found["rest"] or "").split()
    addressed = verb == "gitbot"
    if addressed:
        verb, words = (words[0].lower(), words[1:]) if words else ("help", [])
    if verb in VERBS:
        return _known(verb, words, index)
    close = difflib.get_close_matches(verb, VERBS, n=1, cutoff=0.75)
    if not addressed and (not close or len(words) > 2):
        return None
    advice = f"did you mean `/{close[0]}`?" if close else "`/help` lists the commands."
    return ParsedCommand(
        line=index,
        verb=verb,
        problem=f"{_shown(verb)} is not a command: {advice}",
    )


def _known(verb: str, words: list[str], index: int) -> ParsedCommand:
    if verb == "help":
        return ParsedCommand(line=index, verb=verb)
    left = list(words)
    environment = digest = None
    if left and not (verb == "apply" and _is_digest(left)):
        environment = left.pop(0)
    if left and verb == "apply":
        digest = left.pop(0)
    return ParsedCommand(
        line=index,
        verb=verb,
        environment=environment,
        digest=digest.lower() if digest else None,
        problem=_problem(verb, environment, digest, left),
    )


def _is_digest(words: list[str]) -> bool:
    """``/apply 1a2b3c4d``: one word that can only be a digest names no environment."""
    return len(words) == 1 and _DIGEST.fullmatch(words[0]) is not None


def _problem(verb: str, environment: str | None, digest: str | None, left: list[str]) -> str | None:
    if left:
        usage = f"/{verb} [environment]" + (" [digest]" if verb == "apply" else "")
        return f"{_shown(left[0])} is one word too many: the command is `{usage}`."
    if environment is not None and not _ENVIRONMENT.fullmatch(environment):
        return f"{_shown(environment)} cannot be an environment's name."
    if digest is not None and not _DIGEST.fullmatch(digest):
        return (
            f"{_shown(digest)} is not a digest: write at least the first {MIN_DIGEST} of the "
            "hexadecimal digits that stand beside the plan."
        )
    return None


def _shown(word: str) -> str:
    """A word that somebody typed, as code that can neither mention anybody nor break out."""
    return f"`{re.sub(r'[^A-Za-z0-9._/-]', '?', word[:40])}`"


def _plain_lines(body: str) -> Iterator[str]:
    """The lines that are rendered as plain text, by CommonMark's rules of blocks where they
    matter: fences, quotes with their lazy continuation, raw HTML. Anything doubtful is left out.
    """
    # Not splitlines(): it also splits at characters that Markdown shows inside a line.
    lines = iter(re.split(r"\r\n|\n|\r", body))
    quoted = False
    for line in lines:
        fence = _FENCE.match(line)
        if fence and not (fence["mark"][0] == "`" and "`" in fence["info"]):
            _skip_fence(lines, fence["mark"])
            quoted = False
        elif "<!--" in line and "-->" not in line.rpartition("<!--")[2]:
            _skip_to(lines, "-->")
            quoted = False
        elif (raw := _RAW.match(line)) and f"</{raw['tag']}>".lower() not in line.lower():
            _skip_to(lines, f"</{raw['tag'].lower()}>")
            quoted = False
        elif _QUOTE.match(line):
            quoted = line.strip(" \t>") != ""
        elif not line.strip() or _INTERRUPTS.match(line):
            quoted = False
        elif not quoted:
            yield line


def _skip_fence(lines: Iterator[str], mark: str) -> None:
    closing = re.compile(rf"[ \t]*{re.escape(mark[0])}{{{len(mark)},}}[ \t]*")
    for line in lines:
        if closing.fullmatch(line):
            return


def _skip_to(lines: Iterator[str], end: str) -> None:
    for line in lines:
        if end in line.lower():
            return
