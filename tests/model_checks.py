"""The size of checks that compare with a model or try all there is: small in ``make test``, whole in ``make model``.

Mark such a test with ``pytest.mark.model``, and take its size from here.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

from hypothesis import settings

T = TypeVar("T")

WHOLE = os.environ.get("WHOLE_MODELS") == "1"
"""Whether ``make model`` runs the test."""

SAME = os.environ.get("SAME_EXAMPLES") == "1"
"""Whether hypothesis tries the same examples each time, as in .ci/run; else it makes new ones."""


def sized(examples: int, *, whole: int | None = None, steps: int = 25) -> settings:
    """Settings of hypothesis for this many examples, and for stateful tests this many steps.

    ``make model`` tries ``whole`` examples, by default ten times as many, of twice the steps.
    """
    return settings(
        max_examples=(whole or 10 * examples) if WHOLE else examples,
        stateful_step_count=steps * (2 if WHOLE else 1),
    )


def one_in(number: int, rows: Sequence[T]) -> Sequence[T]:
    """One row in that many; ``make model`` tries all."""
    return rows if WHOLE else rows[::number]
