"""The types of a command's arguments: how to read each, and how the usage shows it. Pure.

A new type is one class here with the members of ``Argument``. Those that begin with a word of their
own, such as ``until``, are in ``phrases``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Protocol, TypeAlias

from gitbot.errors import UserError
from gitbot.model.durations import duration_between, duration_words
from gitbot.model.expiry import LONGEST_LIFE
from gitbot.model.plan import DIGEST_DIGITS
from gitbot.model.text_problem import TextProblemError

MAX_DIGEST = 64

Read: TypeAlias = tuple[Mapping[str, str], Sequence[str]]
"""The values by name, and the words that are left for the next argument."""

_LONGEST_SHOWN = 40
_NOT_SHOWN = re.compile(r"[^!-~]|[`|<>&@\\]")
"""What cannot be seen, or could end a code span or a cell of a table, begin a marker, or name somebody."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
_REGION = re.compile(r"@[a-z0-9-]{1,30}\Z")
_DIGEST = re.compile(rf"[0-9A-Fa-f]{{{DIGEST_DIGITS},{MAX_DIGEST}}}")
_SHORTEST = timedelta(minutes=1)
# Nobody calls an environment so: the word is meant as a duration.
_LIKE_DURATION = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?[dhmsw]([0-9]+[dhmsw])*", re.IGNORECASE)
# An address: a key, perhaps of a copy, and what is inside of a module: data["models"].bucket.
_STEP = r"""[A-Za-z][A-Za-z0-9_-]{0,62}(?:\["?[A-Za-z0-9_.:/@=+-]{1,100}"?\])?"""
_RESOURCE = re.compile(rf"{_STEP}(?:\.{_STEP}){{0,10}}")
_PATH = re.compile(r"(?:/(?:[^\s~`<>/]|~[01])+)+")
# Git shows seven digits of a commit, and people shorten digests. No word is made of such letters.
_SHORT_DIGEST = re.compile(rf"(?=[A-Fa-f]*[0-9])[0-9A-Fa-f]{{7,{DIGEST_DIGITS - 1}}}")


class BadArgumentError(UserError):
    """A word does not fit the argument. The message is Markdown and says what to write."""


class Argument(Protocol):
    """The type of an argument."""

    @property
    def usage(self) -> str:
        """How the usage of a command shows the argument: ``[environment]``."""

    @property
    def required(self) -> bool:
        """Whether the command cannot do without it. The others are in brackets in the usage."""

    @property
    def keyword(self) -> str:
        """The word that it begins with, ``until``; empty for an argument that is one plain word."""

    def claims(self, word: str) -> bool:
        """Whether the word must be for this argument, even when an earlier one could take it."""

    def read(self, words: Sequence[str]) -> Read:
        """The values, read from the first words. There is at least one word.

        Raises:
            BadArgumentError: the words do not fit this type.
        """


class _Plain:
    """An argument of one word that may be left out."""

    required = False
    keyword = ""

    def claims(self, word: str) -> bool:
        """False: almost any word could be for another argument."""
        return False


class EnvironmentArgument(_Plain):
    """An environment: gives ``environment``. It need not exist."""

    usage = "[environment]"

    def read(self, words: Sequence[str]) -> Read:
        """One word, a name. Raises BadArgumentError for anything else."""
        return {"environment": _name(words[0], words[0], "an environment's name")}, words[1:]


class TargetArgument(_Plain):
    """An environment or one of its stacks, ``dev`` or ``dev/trainer``.

    Gives ``environment`` and ``stack``. They need not exist.
    """

    usage = "[environment[/stack]]"

    def claims(self, word: str) -> bool:
        """Whether the word has a slash in it, but not as a path has one, in front."""
        return "/" in word and not word.startswith("/")

    def read(self, words: Sequence[str]) -> Read:
        """One word, a name or two. Raises BadArgumentError for anything else."""
        word = words[0]
        environment, slash, stack = word.partition("/")
        what = "an environment's name or `environment/stack`"
        values = {"environment": _name(environment, word, what)}
        if slash:
            values["stack"] = stack
            _name(_REGION.sub("", stack), word, what)
        return values, words[1:]


class DigestArgument(_Plain):
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


class DurationArgument(_Plain):
    """A duration, such as ``3h`` or ``1d12h``: gives ``duration`` as specs write it.

    ``beyond`` says what to do instead of one that is longer than ``most``.
    """

    def __init__(
        self, *, required: bool = True, most: timedelta = LONGEST_LIFE, beyond: str = ""
    ) -> None:
        self.required = required
        self._read = duration_between(_SHORTEST, most)
        self._beyond = beyond
        self.usage = "duration" if required else "[duration]"

    def claims(self, word: str) -> bool:
        """Whether the word is numbers with units, also a duration that cannot be."""
        return bool(_LIKE_DURATION.fullmatch(word))

    def read(self, words: Sequence[str]) -> Read:
        """One word. Raises BadArgumentError for anything that is no duration in specs, either."""
        text = words[0].lower()
        try:
            duration = self._read(text)
        except TextProblemError as error:
            says = error.detail.replace(f'"{text}"', shown(words[0]))
            raise BadArgumentError(
                " ".join(filter(None, [says, error.fix, self._beyond]))
            ) from error
        return {"duration": duration_words(duration)}, words[1:]


class ResourceArgument(_Plain):
    """The address of a resource in its stack: gives ``resource``. It need not exist."""

    usage = "resource"
    required = True

    def read(self, words: Sequence[str]) -> Read:
        """One word: ``bucket``, ``datasets.bucket`` or ``bucket["eu"]``.

        Raises BadArgumentError for anything else.
        """
        if not _RESOURCE.fullmatch(words[0]):
            raise BadArgumentError(
                f"{shown(words[0])} cannot be a resource: write its address in the stack, such as "
                '`bucket` or `data["models"].bucket`.'
            )
        return {"resource": words[0]}, words[1:]


class PathArgument(_Plain):
    """The path of a property, such as ``/Tags/owner``: gives ``path``. It need not exist."""

    usage = "path"
    required = True

    def claims(self, word: str) -> bool:
        """Whether the word starts with a slash."""
        return word.startswith("/")

    def read(self, words: Sequence[str]) -> Read:
        """One word: a JSON Pointer (https://www.rfc-editor.org/rfc/rfc6901).

        Raises BadArgumentError for anything else.
        """
        if not _PATH.fullmatch(words[0]):
            raise BadArgumentError(
                f"{shown(words[0])} cannot be the path of a property: copy it as it is shown, such "
                "as `/Tags/owner`."
            )
        return {"path": words[0]}, words[1:]


class AnyWords(_Plain):
    """The rest of the line: it is ignored."""

    usage = ""

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
