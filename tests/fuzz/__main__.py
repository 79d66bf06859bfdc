"""Run every fuzz target for some seconds; keep what fails as a case that the test suite replays."""

from __future__ import annotations

import hashlib
import itertools
import math
import sys
import time
import traceback
from pathlib import Path

import click
from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.fuzz.targets import TARGETS, Target
from tests.model_checks import SAME

CASES = Path(__file__).parents[1] / "cases"
_AT_ONCE = 200
_SAME_ROUNDS = 15
"""This many rounds of one target take about ten seconds."""


def main() -> None:
    """``python -m tests.fuzz SECONDS [TARGET…]``: SECONDS are shared by the targets.

    With ``SAME_EXAMPLES=1`` each target gets as many texts, the same ones, however long they take.
    """
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    names = sys.argv[2:] or list(TARGETS)
    failed = [name for name in names if not _fuzz(name, TARGETS[name], seconds / len(names))]
    if failed:
        sys.exit(f"failed: {', '.join(failed)}. The smallest inputs are in {CASES}.")


def _fuzz(name: str, target: Target, seconds: float) -> bool:
    """Whether the target held. Prints how much was tried."""
    tried: list[str] = []
    began = time.monotonic()
    deadline = math.inf if SAME else began + seconds
    for number in itertools.count():
        if number == _SAME_ROUNDS if SAME else time.monotonic() > deadline:
            break
        try:
            _round(target, tried, seed_=number if SAME else time.time_ns(), deadline=deadline)
        except Exception:  # noqa: BLE001  (whatever a text does that no text may do)
            _keep(name, tried[-1])
            traceback.print_exc()
            return False
    click.echo(f"{name}: {len(tried):,} texts in {time.monotonic() - began:.0f} s")
    return True


def _round(target: Target, tried: list[str], *, seed_: int, deadline: float) -> None:
    @seed(seed_)
    @settings(
        max_examples=_AT_ONCE,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(target.texts)
    def run(text: str) -> None:
        if time.monotonic() > deadline + 60:
            return  # the time for shrinking is over as well
        tried.append(text)  # hypothesis ends with the smallest text that fails
        target.check(text)

    run()


def _keep(name: str, text: str) -> None:
    body = text.encode(errors="surrogatepass")
    file = CASES / name / f"{hashlib.sha256(body).hexdigest()[:12]}.txt"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(body)
    click.echo(f"{name}: kept {file}", err=True)


if __name__ == "__main__":
    main()
