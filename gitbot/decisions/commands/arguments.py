"""The types of a command's arguments: how to read each, and how the usage shows it. Pure.

A new type is one class here with the three members of ``Argument``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Protocol, TypeAlias

from gitbot.errors import UserError
from gitbot.model.plan import DIGEST_DIGITS

MAX_DIGEST = 64

Read: TypeAlias = tuple[Mapping[str, str], Sequence[str]]
"""The values by name, and the words that are left for the next argument."""

_LONGEST_SHOWN = 40
_NOT_SHOWN = re.compile(r"[^A-Za-z0-9._/-]")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
_DIGEST = re.compile(rf"[0-9A-Fa-f]{{{DIGEST_DIGITS},{MAX_DIGEST}}}")
# Git shows seven digits of a commit, and people shorten digests. No word is made of such letters.
_SHORT_DIGEST = re.compile(rf"(?=[A-Fa-f]*[0-9])[0-9A-Fa-f]{{7,{DIGEST_DIGITS - 1}}}")


class BadArgumentError(UserError):
    """A word does not fit the argument. The message is Markdown and says what to write."""


class Argument(Protocol):
    """The type of an argument. Every argument may be left out."""

    @property
    def usage(self) -> str:
        """How the usage of a command shows the argument: ``[environment]``."""

    def claims(self, word: str) -> bool:
        """Whether the word must be for this argument, even when an earlier one could take it."""

    def read(self, words: Sequence[str]) -> Read:
        """The values, read from the first words. There is at least one word.

        Raises:
            BadArgumentError: the words do not fit this type.
        """


class EnvironmentArgument:
    """An environment: gives ``environment``. It need not exist."""

    usage = "[environment]"

    def claims(self, word: str) -> bool:
        """False: almost any word could be a name."""
        return False

    def read(self, words: Sequence[str]) -> Read:
        """One word, a name. Raises BadArgumentError for anything else."""
        return {"environment": _name(words[0], words[0], "an environment's name")}, words[1:]


class TargetArgument:
    """An environment or one of its stacks, ``dev`` or ``dev/trainer``.

    Gives ``environment`` and ``stack``. They need not exist.
    """

    usage = "[environment[/stack]]"

    def claims(self, word: str) -> bool:
        """Whether the word has a slash in it."""
        return "/" in word

    def read(self, words: Sequence[str]) -> Read:
        """One word, a name or two. Raises BadArgumentError for anything else."""
        word = words[0]
        environment, slash, stack = word.partition("/")
        what = "an environment's name or `environment/stack`"
        values = {"environment": _name(environment, word, what)}
        if slash:
            values["stack"] = _name(stack, word, what)
        return values, words[1:]


class DigestArgument:
    """The digest of a plan, or its first 16 digits: gives ``digest``, in lower case."""

    usage = "[digest]"

    def claims(self, word: str) -> bool:
        """Whether the word looks like a digest, even a short one: it names no environment."""
        return bool(_DIGEST.fullmatch(word) or _SHORT_DIGEST.fullmatch(word))

    def read(self, words: Sequence[str]) -> Read:
        """One word of 16 to 64 hexadecimal digits. Raises BadArgumentError for anything else."""
        word = words[0]
        if _DIGEST.fullmatch(word):
            return {"digest": word.lower()}, words[1:]
        if self.claims(word):
            raise BadArgumentError(too_short(word))
        raise BadArgumentError(
            f"{shown(word)} is not a digest: one command is for one environment, so write one line "
            f"for each; or copy the {DIGEST_DIGITS} digits that stand beside a plan."
        )


class AnyWords:
    """The rest of the line: it is ignored."""

    usage = ""

    def claims(self, word: str) -> bool:
        """False: it takes what is left."""
        return False

    def read(self, words: Sequence[str]) -> Read:
        """No value; takes every word."""
        return {}, ()


def too_short(digits: str) -> str:
    """Why these digits name no plan, and what to do, in Markdown."""
    return (
        f"{shown(digits)} is too short for a digest, because other plans can begin with the same "
        f"digits: copy all {DIGEST_DIGITS} digits that stand beside the plan."
    )


def shown(word: str) -> str:
    """A word that somebody typed, as a code span that is safe to show."""
    return f"`{_NOT_SHOWN.sub('?', word[:_LONGEST_SHOWN])}`"


def _name(name: str, word: str, what: str) -> str:
    if not _NAME.fullmatch(name):
        raise BadArgumentError(f"{shown(word)} cannot be {what}.")
    return name
