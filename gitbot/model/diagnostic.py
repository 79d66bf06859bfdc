"""A problem in a spec, described so that its author can fix it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """``error`` blocks the plan; ``warning`` is only shown."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class SourceSpan:
    """A position in a spec: path in the repository, line and column from 1."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Diagnostic:
    """One problem.

    ``code`` is documented in docs/specs.md. ``summary`` is a fixed text for each code, without
    names from the spec. ``detail`` says with names what is wrong and why. ``fix`` says how to fix
    it. Inside a module, ``used_at`` are the lines that lead to it, from the stack inwards. ``cause`` is the file of the
    module or template whose own problems are the reason; empty: none.
    """

    file: str
    line: int = 1
    column: int = 1
    code: str
    summary: str
    detail: str
    fix: str
    severity: Severity = Severity.ERROR
    environment: str | None = None
    stack: str | None = None
    used_at: tuple[SourceSpan, ...] = ()
    cause: str = ""

    @property
    def is_error(self) -> bool:
        """Whether it blocks the plan."""
        return self.severity is Severity.ERROR

    @property
    def span(self) -> SourceSpan:
        """The position of the problem."""
        return SourceSpan(file=self.file, line=self.line, column=self.column)


def in_order(found: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The diagnostics by file and place. What a module says is of no environment, and of those that use it."""
    return sorted(
        found,
        key=lambda one: (
            *(one.file, one.line, one.column, one.code, one.summary, one.detail, one.fix),
            *(one.severity, one.environment or "", one.stack or "", one.used_at, one.cause),
        ),
    )
