"""A problem in a spec, said so that its author can mend it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """``error`` blocks the plan; ``warning`` is only shown."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class SourceSpan:
    """A place in a spec: path inside the repository, 1-based line and column."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Diagnostic:
    """One problem.

    ``summary`` is a fixed text per ``code`` without names from the spec; ``detail`` says what and
    why with names; ``fix`` says how. ``code`` is kebab-case and documented in docs/specs.md.
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

    @property
    def span(self) -> SourceSpan:
        """Where the problem stands."""
        return SourceSpan(file=self.file, line=self.line, column=self.column)
