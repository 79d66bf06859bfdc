"""The comments of a conversation are answered in the order in which they were written."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gitbot.decisions.commands.order import up_to
from gitbot.model.commands import Source
from tests.unit.decisions.facts_by_hand import a_command


@pytest.mark.parametrize(
    ("heard", "answered"),
    [
        ([3], [3]),
        ([1, 1, 2, 3, 4], [1, 2, 3]),
        ([3, 4], [3]),
        ([1, 2], [3]),
        ([], [3]),
    ],
    ids=["alone", "earlier ones first", "later ones wait", "answered already", "nothing is left"],
)
def test_comments_that_were_written_before_are_answered_first(
    heard: list[int], answered: list[int]
) -> None:
    command = a_command()
    commands = [
        replace(command, ref=replace(command.ref, source=Source.COMMENT, comment=each))
        for each in heard
    ]
    expected = tuple((Source.COMMENT, each) for each in answered)
    assert up_to(commands, Source.COMMENT, 3) == expected
