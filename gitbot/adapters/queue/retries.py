"""Decide how often and when a failed job is tried again. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries:
    """Waits that double from ``first_s`` up to ``longest_s`` seconds.

    An error that asks for a longer wait gets it. The first run counts as one of ``attempts``.
    """

    attempts: int = 12
    first_s: float = 2.0
    longest_s: float = 300.0

    def delay_s(self, attempt: int, asked_s: float) -> float | None:
        """Seconds to wait after attempt number ``attempt`` (from 1); None: do not try again."""
        if attempt >= self.attempts:
            return None
        return max(asked_s, min(self.first_s * 2.0 ** (attempt - 1), self.longest_s))
