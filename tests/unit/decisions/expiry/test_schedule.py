"""When the expiry of an environment's stacks is looked at."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from gitbot.decisions.expiry.schedule import AGAIN, schedules_of
from gitbot.decisions.expiry.stages import Decision, Step
from gitbot.model.expiry import Expiry, Outlook, Stage
from gitbot.model.names import StackId
from gitbot.model.time import At, Every, Missed, Work
from tests.unit.decisions.expiry.expiries_by_hand import DAY, END, an_expiry
from tests.unit.decisions.facts_by_hand import NOW, stack_id

HERE = stack_id().environment_key
ACTIVE = an_expiry()
ASLEEP = an_expiry(Stage.EXPIRED, asleep=True, told=Stage.EXPIRED)


@pytest.mark.parametrize(
    ("row", "decision", "expected"),
    [
        pytest.param(
            ACTIVE,
            Decision(until=END - DAY),
            [("web@eu-west-1", At(instant=END - DAY), "a warning that dev/web expires")],
            id="a warning",
        ),
        pytest.param(
            ACTIVE,
            Decision(until=END),
            [("web@eu-west-1", At(instant=END), "dev/web expires: its machines are stopped")],
            id="the stop",
        ),
        pytest.param(
            ASLEEP,
            Decision(until=END + DAY),
            [("web@eu-west-1", At(instant=END + DAY), "dev/web is destroyed")],
            id="the end",
        ),
        pytest.param(
            ASLEEP,
            Decision(held=("frozen",)),
            [("again", Every(interval=AGAIN), "look again at dev/web")],
            id="held",
        ),
        pytest.param(
            ACTIVE,
            Decision(step=Step.STOP),
            [("again", Every(interval=AGAIN), "look again at dev/web")],
            id="due and not done",
        ),
        pytest.param(
            replace(ACTIVE, lifted=True),
            None,
            [("again", Every(interval=AGAIN), "look again at dev/web")],
            id="lifted",
        ),
        pytest.param(
            an_expiry(Stage.DESTROYED),
            Decision(),
            [("again", Every(interval=AGAIN), "look again at dev/web")],
            id="over, and not told",
        ),
        pytest.param(
            replace(ACTIVE, lifted=True, untagged=("data: no",), tags_at=END),
            None,
            [
                (
                    "web@eu-west-1:tags",
                    At(instant=END),
                    "the tag about the end of dev/web, which AWS refused, is tried again",
                )
            ],
            id="a tag that AWS refused",
        ),
        pytest.param(an_expiry(Stage.DESTROYED, told=Stage.DESTROYED), Decision(), [], id="over"),
    ],
)
def test_what_waits_has_a_schedule(
    row: Expiry, decision: Decision | None, expected: list[tuple[str, object, str]]
) -> None:
    decisions = {} if decision is None else {row.stack: decision}
    found = schedules_of(HERE, [row], decisions, {}, NOW)
    assert [(each.name, each.when, each.why) for each in found] == expected
    assert {(each.work, each.missed, each.environment) for each in found} <= {
        (Work.EXPIRY, Missed.LEVEL, HERE)
    }


STOP = ("web@eu-west-1:stop", At(instant=END), "dev/web expires: its machines are stopped")
OVER = ("web@eu-west-1:end", At(instant=END + DAY), "dev/web is destroyed")
BOTH = Outlook(stops_at=END, ends_at=END + DAY)


@pytest.mark.parametrize(
    ("until", "ahead", "expected"),
    [
        pytest.param(END - DAY, {ACTIVE.stack: BOTH}, [STOP, OVER], id="both are to come"),
        pytest.param(END, {ACTIVE.stack: BOTH}, [OVER], id="the stop is next"),
        pytest.param(END + DAY, {ACTIVE.stack: BOTH}, [], id="the end is next"),
        pytest.param(None, {ACTIVE.stack: BOTH}, [STOP, OVER], id="nothing is next"),
        pytest.param(
            END - DAY, {ACTIVE.stack: Outlook(stops_at=None, ends_at=None)}, [], id="not known"
        ),
        pytest.param(END - DAY, {}, [], id="it does not expire"),
    ],
)
def test_stop_and_destruction_are_shown_beside_what_is_next(
    until: datetime | None,
    ahead: dict[StackId, Outlook],
    expected: list[tuple[str, object, str]],
) -> None:
    found = schedules_of(HERE, [ACTIVE], {ACTIVE.stack: Decision(until=until)}, ahead, NOW)
    assert [(each.name, each.when, each.why) for each in found if ":" in each.name] == expected
