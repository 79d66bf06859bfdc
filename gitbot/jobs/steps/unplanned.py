"""Keep in mind which stacks got no plan, while the others are planned. Shell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from gitbot.errors import CloudError, SpecError
from gitbot.jobs.steps.ahead import Ahead
from gitbot.model.diagnostic import Diagnostic


@dataclass(frozen=True, slots=True, kw_only=True)
class Unplanned:
    """Why stacks got no plan, by name, and what is wrong with their specs. ``hide`` hides secrets in texts."""

    why: dict[str, str]
    hide: Callable[[str], str]
    problems: list[Diagnostic] = field(default_factory=list)

    def note(self, name: str, error: CloudError | SpecError, ahead: Ahead) -> None:
        """Take in a stack that cannot be planned: who uses its outputs does not know them."""
        self.why[name] = self.hide(str(error))
        if isinstance(error, SpecError):
            self.problems.extend(error.diagnostics)
        ahead.unplanned.add(name)

    def tell(self, problems: list[Diagnostic] | None) -> None:
        """Add what is wrong with specs to ``problems``.

        Raises:
            SpecError: something is, and nobody takes it.
        """
        if problems is not None:
            problems += self.problems
        elif self.problems:
            raise SpecError(self.problems)
