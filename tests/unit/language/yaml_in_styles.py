"""Writes the same value as YAML in the many ways in which people write it."""

from __future__ import annotations

import random
from typing import Any

from gitbot.language.editing.literals import double, flow, scalar, single
from gitbot.language.editing.pieces import documents_of
from gitbot.language.editing.splices import same

_COMMENTS = ("# mine", "# {not: yaml}", "#", "# - a", "# key: value")


class Writer:
    """Writes one document in the style that ``chance`` picks."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.step = chance.choice((1, 2, 2, 2, 3, 4, 8))
        self.list_step = chance.choice((0, 0, 2, self.step, self.step + 1))
        self.line_break = chance.choice(("\n", "\n", "\n", "\r\n"))
        self.comments = chance.choice((0, 0, 0.3, 0.6))
        self.blanks = chance.choice((0, 0, 0.2))
        self.flows = chance.choice((0, 0.2, 0.5))

    def document(self, value: Any) -> str:
        """The text of one document; its last line may lack its break."""
        lines = self.entries(value, self.chance.choice((0, 0, 0, 1)))
        if self.chance.random() < 0.2:
            lines.insert(0, "---")
        text = self.line_break.join(lines)
        if self.chance.random() < 0.3 and same(documents_of(text), [value]):
            return text
        return text + self.line_break

    def entries(self, value: Any, column: int) -> list[str]:
        found: list[str] = []
        items = value.items() if isinstance(value, dict) else [(None, one) for one in value]
        for key, below in items:
            found += self.remarks(column)
            found += self.entry(key, below, column)
        return found

    def remarks(self, column: int) -> list[str]:
        found = []
        if self.chance.random() < self.blanks:
            # More than one space would be part of a block whose lines have only one before them.
            found.append(self.chance.choice(("", " ")))
        if self.chance.random() < self.comments:
            found.append(" " * self.chance.choice((column, 0)) + self.chance.choice(_COMMENTS))
        return found

    def tail(self) -> str:
        if self.chance.random() < self.comments:
            return self.chance.choice(("  ", " ")) + self.chance.choice(_COMMENTS)
        return self.chance.choice(("", "", "", " "))

    def entry(self, key: str | None, value: Any, column: int) -> list[str]:
        head = " " * column + ("-" if key is None else f"{self.key(key)}:")
        if isinstance(value, (dict, list)) and value:
            if self.chance.random() < self.flows:
                return [
                    f"{head} {line}" if not at else line for at, line in self.flow(value, column)
                ]
            return self.block(head, key, value, column)
        if isinstance(value, str):
            below = self.long(value, column + (1 if key is None else self.step))
            if below is not None:
                return [f"{head} {below[0]}", *below[1:]]
        written = flow(value) if isinstance(value, (dict, list)) else self.scalar(value)
        gap = self.chance.choice((" ", " ", "   "))
        return [f"{head}{gap}{written}{self.tail()}" if written else head + self.tail()]

    def key(self, key: str) -> str:
        return self.chance.choice((scalar(key), scalar(key), double(key)))

    def block(self, head: str, key: str | None, value: Any, column: int) -> list[str]:
        if key is None and self.chance.random() < 0.7:
            below = self.entries_at_once(value, column + 2)
            return [f"{head} {below[0].lstrip()}", *below[1:]]
        step = self.step if isinstance(value, dict) or key is None else self.list_step
        return [head + self.tail(), *self.entries(value, column + step)]

    def entries_at_once(self, value: Any, column: int) -> list[str]:
        """Entries whose first has nothing above it."""
        items = list(value.items()) if isinstance(value, dict) else [(None, one) for one in value]
        found = self.entry(*items[0], column)
        for key, below in items[1:]:
            found += self.remarks(column)
            found += self.entry(key, below, column)
        return found

    def scalar(self, value: Any) -> str:
        if value is None:
            return self.chance.choice(("null", "~", ""))
        if isinstance(value, str) and value.isprintable():
            return self.chance.choice((scalar(value), scalar(value), single(value), double(value)))
        return scalar(value)

    def long(self, value: str, column: int) -> list[str] | None:
        """Text in a block, or folded over several lines; None where that is not possible."""
        words = value.split(" ")
        simple = all(word.isalnum() and not word.isdigit() for word in words)
        indent = " " * column
        if (
            "\n" in value
            and value.strip()
            and all(
                line
                and line.isascii()
                and line.isprintable()
                and line[0] not in " "
                and line[-1] != " "
                for line in value.removesuffix("\n").split("\n")
            )
        ):
            header = "|" if value.endswith("\n") else "|-"
            return [header, *(indent + line for line in value.removesuffix("\n").split("\n"))]
        if len(words) < 3 or not simple:
            return None
        cut = self.chance.randrange(1, len(words))
        first, second = " ".join(words[:cut]), " ".join(words[cut:])
        return self.chance.choice(
            (
                None,
                [f"{first}", f"{indent}{second}"],
                [f'"{first}', f'{indent}{second}"'],
                [f"'{first}", f"{indent}{second}'"],
                [">-", f"{indent}{first}", f"{indent}{second}"],
            )
        )

    def flow(self, value: Any, column: int) -> list[tuple[int, str]]:
        if self.chance.random() < 0.6:
            text = flow(value)
            if self.chance.random() < 0.3 and len(text) > 2:
                text = f"{text[0]} {text[1:-1]} {text[-1]}"
            return [(0, text + self.tail())]
        indent = " " * (column + self.step)
        items = [
            flow(below) if key is None else f"{scalar(key, within=True)}: {flow(below)}"
            for key, below in (
                value.items() if isinstance(value, dict) else [(None, one) for one in value]
            )
        ]
        last = self.chance.choice(("", ","))
        lines = [f"{indent}{item}," + self.tail() for item in items[:-1]]
        opened, closed = ("{", "}") if isinstance(value, dict) else ("[", "]")
        lines.append(f"{indent}{items[-1]}{last}")
        return list(enumerate([opened, *lines, " " * (column + 1) + closed]))
