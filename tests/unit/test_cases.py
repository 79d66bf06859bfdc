"""Replay every text that fuzzing once failed on (``make fuzz`` keeps them in tests/cases)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.targets import TARGETS

CASES = Path(__file__).parents[1] / "cases"
# The folder of diagnostics is of tests/unit/language/test_golden_diagnostics.py.
FILES = sorted(one for one in CASES.glob("*/*.txt") if one.parent.name != "diagnostics")


def test_every_target_has_a_case_and_every_case_a_target() -> None:
    assert {file.parent.name for file in FILES} == TARGETS.keys()


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_a_text_that_failed_once_does_not_fail_again(file: Path) -> None:
    TARGETS[file.parent.name].check(file.read_bytes().decode(errors="surrogatepass"))
