"""The size of checks that compare with a model or try all there is: small in ``make test``, whole in ``make model``.

Mark such a test with ``pytest.mark.model``, and take its size from here. Whoever names tests
(``pytest -k SQS``) gets them whole, too. What there is grows with each type; of long tests ``make test`` tries as many as before.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TypeVar

from hypothesis import settings

T = TypeVar("T")

if any(one.startswith("-k") for one in sys.argv[1:]):
    os.environ["WHOLE_MODELS"] = "1"  # workers of xdist see no arguments, and inherit this

WHOLE = os.environ.get("WHOLE_MODELS") == "1"
"""Whether ``make model`` runs the test, or somebody who named it."""

TURNS = 13

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


def some(most: int, rows: Sequence[T], *, turn: int = 0) -> Sequence[T]:
    """At most so many of the rows, evenly spread; ``make model`` tries all.

    ``turn``, below ``TURNS``, moves on where it begins, so that tests of the same rows try different ones.
    """
    assert turn < TURNS
    if WHOLE or len(rows) <= most:
        return rows
    step = len(rows) / most
    return [rows[int((number + turn / TURNS) * step) % len(rows)] for number in range(most)]
