"""Collect the diagnostics of faults that show only together with state and cloud. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from gitbot.model.desired import DesiredResource, DesiredStack
from gitbot.model.diagnostic import Diagnostic, SourceSpan
from gitbot.model.names import StackId


class Problems:
    """Collects the plan-time diagnostics of one stack."""

    def __init__(self, desired: DesiredStack | None, stack: StackId | None = None) -> None:
        self._environment = desired.environment if desired else stack.environment if stack else None
        self._stack = desired.name if desired else stack.name if stack else None
        # A stack that has left the specs has no file: point at the folder of its environment.
        self._source = desired.source if desired else SourceSpan(file=f"specs/{self._environment}")
        self._found: list[Diagnostic] = []

    @property
    def environment(self) -> str:
        """The environment of the stack; empty where nobody knows it."""
        return self._environment or ""

    @property
    def found(self) -> tuple[Diagnostic, ...]:
        """The diagnostics in order of file and place."""
        return tuple(sorted(self._found, key=lambda item: (item.span, item.code, item.detail)))

    def add(self, found: Sequence[Diagnostic]) -> None:
        """Take over diagnostics that were collected elsewhere."""
        self._found.extend(found)

    def say(
        self,
        code: str,
        summary: str,
        detail: str,
        fix: str,
        resource: DesiredResource | None = None,
        *,
        at: SourceSpan | None = None,
    ) -> None:
        """Note a fault: it stands where ``resource`` is declared, or ``at`` a place within it.

        Without both it stands at the beginning of the stack's file.
        """
        place = at or (resource.source if resource else self._source)
        self._found.append(
            Diagnostic(
                file=place.file,
                line=place.line,
                column=place.column,
                code=code,
                summary=summary,
                detail=detail,
                fix=fix,
                environment=self._environment,
                stack=self._stack,
                used_at=resource.used_at if resource else (),
            )
        )
