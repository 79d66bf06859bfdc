"""Text of the off-hours language, in which every character knows where it was written. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gitbot.model.text_problem import TextProblemError

ESCAPES: Final = {f"u{ord(char):02x}": char for char in "()[],;=/-"}
"""How the tags of some AWS services write characters that they cannot hold: ``(`` is ``u28``."""

KEYS: Final = ("off", "on", "tz", "until", "skip")
_SPACES: Final = " \t"


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """Characters, with the index of each in the text as it was written; ``end`` is the one after."""

    chars: str
    places: tuple[int, ...]
    end: int

    @classmethod
    def of(cls, written: str) -> Text:
        """The text without escapes, without spaces around it and without quotes around these."""
        chars: list[str] = []
        places: list[int] = []
        at = 0
        while at < len(written):
            char = ESCAPES.get(written[at : at + 3].lower())
            chars.append(char or written[at])
            places.append(at)
            at += 3 if char else 1
        whole = cls(chars="".join(chars), places=tuple(places), end=len(written))
        return whole.stripped(_SPACES).stripped("'").stripped('"')

    @property
    def lowered(self) -> str:
        """The characters in lower case."""
        return self.chars.lower()

    @property
    def at(self) -> int:
        """The index of the first character, or of the end."""
        return self.places[0] if self.places else self.end

    def stripped(self, chars: str) -> Text:
        """The text without any of these characters at both ends."""
        start = len(self.chars) - len(self.chars.lstrip(chars))
        return self.part(start, max(start, len(self.chars.rstrip(chars))))

    def part(self, start: int, stop: int) -> Text:
        """The characters from ``start`` to before ``stop``."""
        end = self.places[stop] if stop < len(self.places) else self.end
        return Text(chars=self.chars[start:stop], places=self.places[start:stop], end=end)

    def split(self, separator: str) -> tuple[Text, ...]:
        """The parts between the separators, without spaces around them."""
        parts: list[Text] = []
        start = 0
        for part in self.chars.split(separator):
            parts.append(self.part(start, start + len(part)).stripped(_SPACES))
            start += len(part) + 1
        return tuple(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One ``name=value``; ``at`` is the index of the name."""

    name: str
    value: Text
    at: int


def pieces_of(text: Text) -> tuple[Piece, ...]:
    """The pieces between semicolons, but for empty ones.

    Raises:
        TextProblemError: one of them is not ``name=value``, or its name is unknown.
    """
    return tuple(_piece(part) for part in text.split(";") if part.chars)


def _piece(part: Text) -> Piece:
    name, equals, _ = part.chars.partition("=")
    key = name.strip(_SPACES).lower()
    if key in KEYS and equals:
        value = part.part(len(name) + 1, len(part.chars)).stripped(_SPACES)
        return Piece(name=key, value=value, at=part.at)
    if key in ("on", "off"):
        raise TextProblemError(
            f'"{key}" stands alone: beside other parts it needs times, "{key}=(M-F,19)".',
            "Write the times, or remove it: a schedule without times has the default ones, Monday "
            "to Friday from 7 to 19.",
            at=part.at,
        )
    known = f"The parts of a schedule are {', '.join(f'{one}=' for one in KEYS)}"
    raise TextProblemError(
        f'"{name.strip(_SPACES)}" is not a part of a schedule.',
        f"{known}, separated by semicolons.",
        at=part.at,
    )


class Cursor:
    """Reads a text from left to right and skips spaces before each token."""

    def __init__(self, text: Text) -> None:
        self._text = text
        self._next = 0

    @property
    def rest(self) -> str:
        """What is not read yet."""
        chars = self._text.chars
        while self._next < len(chars) and chars[self._next] in _SPACES:
            self._next += 1
        return chars[self._next :]

    @property
    def at(self) -> int:
        """The index of the next token."""
        return self._text.part(len(self._text.chars) - len(self.rest), len(self._text.chars)).at

    def take(self, char: str) -> bool:
        """Whether the next character is this one, which is then read."""
        found = self.rest.startswith(char)
        self._next += found
        return found

    def expect(self, char: str, detail: str, fix: str) -> None:
        """Read this character.

        Raises:
            TextProblemError: another one stands there.
        """
        if not self.take(char):
            raise TextProblemError(detail, fix, at=self.at)

    def word(self, ends: str) -> tuple[str, int]:
        """The text before the first of these characters, without spaces, and its index."""
        at, rest = self.at, self.rest
        stop = next((place for place, char in enumerate(rest) if char in ends), len(rest))
        self._next += stop
        return rest[:stop].strip(_SPACES), at
