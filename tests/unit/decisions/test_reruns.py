"""Which checks a request to run them again is about."""

from __future__ import annotations

import pytest

from gitbot.decisions.reruns import applies_of, checks_to_rerun

KNOWN = ("gitbot", "gitbot/dev", "gitbot/dev/apply", "gitbot/prod/apply")


@pytest.mark.parametrize(
    ("asked", "names", "applies"),
    [
        pytest.param("gitbot/dev", {"gitbot/dev"}, (), id="one plan"),
        pytest.param("gitbot/prod/apply", {"gitbot/prod/apply"}, ("prod",), id="one apply"),
        pytest.param("", set(KNOWN), ("dev", "prod"), id="the whole suite"),
    ],
)
def test_a_re_run_is_about_the_checks_that_were_named(
    asked: str, names: set[str], applies: tuple[str, ...]
) -> None:
    found = checks_to_rerun(asked, KNOWN)
    assert (found, applies_of(found)) == (names, applies)
