"""Make texts that fit a regular expression and a length. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from string import ascii_lowercase

from gitbot.language.value_keywords import matches
from gitbot_sandbox.aws.cloud_control.patterns import (
    Chars,
    Choice,
    Node,
    Repeat,
    Sequence,
    UnreadableError,
    read,
)

_TRIES = 200
_USUAL_LENGTH = 8
_ENDLESS = 100_000


def text_for(patterns: tuple[str, ...], least: int, most: int | None, random: Random) -> str | None:
    """A text that all patterns are found in, with a length between the two; None: none is found.

    The texts are made of the first pattern that can be read. Usual and short ones are tried first.
    """
    limit = _ENDLESS if most is None else most
    for text in _candidates(patterns, least, limit, random):
        if least <= len(text) <= limit and all(matches(one, text) for one in patterns):
            return text
    return None


def _candidates(patterns: tuple[str, ...], least: int, most: int, random: Random) -> Iterator[str]:
    usual = min(most, max(least, _USUAL_LENGTH))
    for node in _trees(patterns):
        shortest = len(_Writer(random, 0, first=True).text(node))
        for number in range(_TRIES):
            wanted = (usual, least, random.randint(least, min(most, least + 64)))[number % 3]
            writer = _Writer(random, max(0, wanted - shortest), first=number < _TRIES // 4)
            text = writer.text(node)
            yield text
            if len(text) < wanted:  # an expression without an end accepts what follows
                yield text + random.choice(ascii_lowercase) * (wanted - len(text))


def _trees(patterns: tuple[str, ...]) -> Iterator[Node]:
    for pattern in patterns:
        try:
            yield read(pattern)
            if "(?=" in pattern:
                yield read(pattern, ahead=True)
        except UnreadableError:
            continue
    yield read("[a-z0-9]+")


@dataclass(slots=True)
class _Writer:
    """Writes one text. ``spare`` are the characters that it may have beyond the shortest one.

    ``first``: of alternatives, take the first.
    """

    random: Random
    spare: int
    first: bool

    def text(self, node: Node) -> str:
        """A text of the tree."""
        match node:
            case Chars(choices):
                return self._one(choices)
            case Sequence(parts):
                return "".join(map(self.text, parts))
            case Choice(options):
                return self.text(options[0] if self.first else self.random.choice(options))
            case Repeat(part, least, most):
                return self._repeated(part, least, most)

    def _one(self, choices: str) -> str:
        """Mostly one of the readable characters, which stand first."""
        usual = choices[:36] if self.random.random() < 0.9 else choices
        return self.random.choice(usual)

    def _repeated(self, part: Node, least: int, most: int | None) -> str:
        written = "".join(self.text(part) for _ in range(least))
        left = _ENDLESS if most is None else most - least
        while self.spare > 0 and left > 0:
            more = self.text(part)
            written += more
            self.spare -= max(1, len(more))
            left -= 1
        return written
