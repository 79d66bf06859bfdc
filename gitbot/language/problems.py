"""Collects the diagnostics of a tree and words their messages. Pure."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from gitbot.language.codes import SUMMARIES
from gitbot.language.nodes import Mark, Node
from gitbot.model.diagnostic import Diagnostic, Severity, SourceSpan

_LONGEST_QUOTE = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Problems:
    """Collects the diagnostics of one file, environment and stack. Every view shares the lists.

    ``found`` are the errors. ``warned`` are the warnings, which stop nothing.
    """

    file: str
    environment: str | None = None
    stack: str | None = None
    used_at: tuple[SourceSpan, ...] = ()
    found: list[Diagnostic] = field(default_factory=list)
    warned: list[Diagnostic] = field(default_factory=list)

    def of_file(self, file: str, environment: str | None) -> Problems:
        """The same list, for another file."""
        return replace(self, file=file, environment=environment, stack=None)

    def of_stack(self, stack: str) -> Problems:
        """The same list, for a stack of this file."""
        return replace(self, stack=stack)

    def of_use(self, file: str, used_at: SourceSpan) -> Problems:
        """The same list, for the file of a module that is used at this position."""
        return replace(self, file=file, used_at=(*self.used_at, used_at))

    def add(
        self, code: str, at: Node | Mark | None, detail: str, fix: str, *, cause: str = ""
    ) -> None:
        """Add one error; with ``at`` None at the start of the file. ``cause`` as in ``Diagnostic``.

        Raises:
            KeyError: the code is not in ``SUMMARIES``.
        """
        found = self._made(Severity.ERROR, code, at, detail, fix)
        self.found.append(replace(found, cause=cause) if cause else found)

    def warn(self, code: str, at: Node | Mark | None, detail: str, fix: str) -> None:
        """Add one warning, as ``add`` adds an error."""
        self.warned.append(self._made(Severity.WARNING, code, at, detail, fix))

    def _made(
        self, severity: Severity, code: str, at: Node | Mark | None, detail: str, fix: str
    ) -> Diagnostic:
        mark = at.mark if isinstance(at, Node) else at
        line, column = mark or (1, 1)
        return Diagnostic(
            file=self.file,
            line=line,
            column=column,
            code=code,
            summary=SUMMARIES[code],
            detail=detail,
            fix=fix,
            severity=severity,
            environment=self.environment,
            stack=self.stack,
            used_at=self.used_at,
        )

    def span(self, at: Node | Mark) -> SourceSpan:
        """The position, together with this file."""
        line, column = at.mark if isinstance(at, Node) else at
        return SourceSpan(file=self.file, line=line, column=column)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """``Did you mean "X"?`` with the nearest known name; empty when none is near."""
    best = nearest(name, known)
    return f'Did you mean "{best}"?' if best is not None else ""


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that is most like ``name``, ignoring letter case; None when none is near."""
    by_folded: dict[str, str] = {}
    for candidate in known:
        by_folded.setdefault(candidate.casefold(), candidate)
    folded = name.casefold()
    if folded in by_folded:
        return by_folded[folded]
    close = difflib.get_close_matches(folded, by_folded, n=1, cutoff=0.6)
    return by_folded[close[0]] if close else None


def suggest(name: str, known: Iterable[str], otherwise: str) -> str:
    """The fix of a misspelt name: the nearest known name, else ``otherwise``."""
    known = tuple(known)
    return did_you_mean(name, known) or otherwise


def listed(names: Iterable[str], most: int = 12) -> str:
    """The names, sorted, as ``a, b, c``; after ``most`` names only the count of the others."""
    ordered = sorted(names)
    more = f" and {len(ordered) - most} more" if len(ordered) > most else ""
    return ", ".join(ordered[:most]) + more


def quoted(value: object) -> str:
    """The value in quotes for a message: short, on one line."""
    text = value if isinstance(value, str) else json.dumps(value, default=repr, ensure_ascii=False)
    text = " ".join(text.split())
    return f'"{text[:_LONGEST_QUOTE]}…"' if len(text) > _LONGEST_QUOTE else f'"{text}"'
