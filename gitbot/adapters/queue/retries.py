"""How often and how late a job that must wait is tried again. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries:
    """Waits that double from ``first_s`` up to ``longest_s`` seconds.

    An error that asks for a longer wait gets it. ``attempts`` counts the first run too.
    """

    attempts: int = 12
    first_s: float = 2.0
    longest_s: float = 300.0

    def delay_s(self, attempt: int, asked_s: float) -> float | None:
        """Seconds until the attempt after ``attempt`` (from 1); None: there is none."""
        if attempt >= self.attempts:
            return None
        return max(asked_s, min(self.first_s * 2.0 ** (attempt - 1), self.longest_s))
