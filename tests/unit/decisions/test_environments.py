"""What is said of an environment that the tracked branch does not have."""

from __future__ import annotations

import pytest

from gitbot.decisions.environments import unknown_environment


@pytest.mark.parametrize(
    ("name", "known", "broken", "words"),
    [
        (
            "DEV",
            ["dev", "prod"],
            False,
            "no environment `DEV` (it has `dev`, `prod`); did you mean `dev`?",
        ),
        (
            "stagin",
            ["Staging"],
            False,
            "no environment `stagin` (it has `Staging`); did you mean `Staging`?",
        ),
        ("qa", ["dev"], False, "no environment `qa` (it has `dev`)"),
        ("qa", [], False, "has no environment: add a folder of `specs/` with one first"),
        ("dev", ["prod"], True, "`specs/dev/environment.yaml` on the tracked branch has errors"),
    ],
    ids=["letter case", "a typo", "another", "none at all", "its file is broken"],
)
def test_a_missing_environment_is_told_without_citing_a_file_that_is_not_there(
    name: str, known: list[str], broken: bool, words: str
) -> None:
    said = unknown_environment(name, known, broken=broken)
    assert words in said
    assert ("environment.yaml" in said) is broken
    assert ("did you mean" in said) is ("did you mean" in words)
