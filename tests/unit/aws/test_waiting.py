"""Waiting uses the clock that is passed in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from gitbot.errors import CloudError
from gitbot.providers.aws.waiting import eventually, wait_until

START = datetime(2030, 1, 1, tzinfo=UTC)


@dataclass
class Steps:
    """A clock that goes on by an hour each time somebody looks at it."""

    now_is: datetime = START
    looks: list[datetime] = field(default_factory=list)

    def now(self) -> datetime:
        self.looks.append(self.now_is)
        self.now_is += timedelta(hours=1)
        return self.looks[-1]


def test_waiting_gives_up_when_the_clock_has_passed_the_deadline() -> None:
    clock = Steps()
    with pytest.raises(CloudError, match="gave up waiting for it") as late:
        wait_until("it", lambda: False, START + timedelta(hours=1), clock)
    assert late.value.code == "Timeout"
    assert clock.looks == [START, START + timedelta(hours=1)]


def test_a_finished_wait_needs_no_clock() -> None:
    clock = Steps()
    wait_until("it", lambda: True, START - timedelta(hours=1), clock)
    assert clock.looks == []


def failing(times: int) -> tuple[list[int], object]:
    left = [times]

    def call() -> str:
        if left[0]:
            left[0] -= 1
            raise CloudError("not there yet: ask later", code="NotYet")
        return "seen"

    return left, call


def test_a_call_is_tried_again_until_its_effect_is_seen() -> None:
    _, call = failing(2)
    far = START + timedelta(days=9)
    found = eventually(call, codes={"NotYet"}, deadline=far, clock=Steps(), within_s=1e6)  # type: ignore[arg-type]
    assert found == "seen"


@pytest.mark.parametrize(
    ("codes", "containing", "deadline", "within_s"),
    [
        ({"Other"}, "", START + timedelta(days=9), 1e6),
        ({"NotYet"}, "another text", START + timedelta(days=9), 1e6),
        ({"NotYet"}, "", START, 1e6),
        ({"NotYet"}, "", START + timedelta(days=9), 3600.0),
    ],
)
def test_the_error_is_raised_when_it_is_another_one_or_too_late(
    codes: set[str], containing: str, deadline: datetime, within_s: float
) -> None:
    left, call = failing(9)
    with pytest.raises(CloudError, match="ask later"):
        eventually(
            call,  # type: ignore[arg-type]
            codes=codes,
            containing=containing,
            deadline=deadline,
            clock=Steps(),
            within_s=within_s,
        )
    assert left == [8]
