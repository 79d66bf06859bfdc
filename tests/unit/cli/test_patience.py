"""Long work says on stderr that it goes on, short work says nothing."""

from __future__ import annotations

import threading

import pytest

from gitbot.cli.patience import telling


def test_long_work_is_told_again_and_again(capsys: pytest.CaptureFixture[str]) -> None:
    with telling("reading what dev has", after_s=0.01, each_s=0.02):
        told = ""
        while (
            told.count("reading what dev has (0 s) …\n") < 3
        ):  # the time limit ends a test that waits for ever
            told += capsys.readouterr().err
    assert set(told.splitlines()) == {"reading what dev has (0 s) …"}


@pytest.mark.parametrize("fails", [False, True])
def test_short_work_is_not_told_and_leaves_nothing_behind(
    capsys: pytest.CaptureFixture[str], fails: bool
) -> None:
    try:
        with telling("loading the specs"):
            if fails:
                raise KeyError("x")
    except KeyError:
        assert fails
    assert capsys.readouterr() == ("", "")
    assert "loading the specs" not in {one.name for one in threading.enumerate()}
