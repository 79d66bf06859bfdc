"""What happens to a stack that expires, and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from gitbot.decisions.expiry.ahead import ahead_of, outlook
from gitbot.decisions.expiry.changes import (
    BUSY_PAUSE,
    FIRST_PAUSE,
    LONGEST_PAUSE,
    destroyed,
    destroying,
    expired,
    failed,
    put_off,
    started,
    stopped,
    tagged,
    told,
    warned,
)
from gitbot.decisions.expiry.instants import rearmed
from gitbot.decisions.expiry.stages import (
    OUTDATED,
    UNWARNED,
    Case,
    Decision,
    Step,
    decide,
    ended_by_expiry,
    owes_power,
    owes_tags,
    owes_word,
)
from gitbot.model.expiry import Expiry, ExpiryRules, Stage, Transition
from tests.unit.decisions.expiry.expiries_by_hand import (
    DAY,
    END,
    HOUR,
    RULES,
    a_case,
    an_expiry,
    delivered,
)
from tests.unit.decisions.facts_by_hand import NOW, stack_id

ACTIVE, WARNED = an_expiry(), an_expiry(Stage.WARNED)
EXPIRED = an_expiry(Stage.EXPIRED, stage_at=END)
DESTROYING = an_expiry(Stage.DESTROYING)
FIRST, LAST = delivered(48 * HOUR), delivered(2 * HOUR)
ALL = (FIRST, delivered(24 * HOUR), LAST)
LATE = delivered(2 * HOUR, delivered_at=END + DAY)
AGAIN = delivered(2 * HOUR - 3 * DAY, delivered_at=END + 18 * DAY)
OTHER = replace(FIRST, expires_at=END - DAY)
"""A warning of the instant before somebody extended it."""

H48, H24, H2 = RULES.warn
ZERO = timedelta(0)
DESTROY, STOP = Decision(step=Step.DESTROY), Decision(step=Step.STOP)
HELD = "#7 holds it"


@pytest.mark.parametrize(
    ("case", "after", "expected"),
    [
        pytest.param(a_case(ACTIVE), -9 * DAY, Decision(until=END - H48), id="nothing is due"),
        pytest.param(a_case(ACTIVE), -H48, Decision(warn=H48, until=END - H24), id="warned first"),
        pytest.param(
            a_case(ACTIVE, OTHER),
            -H48,
            Decision(warn=H48, until=END - H24),
            id="a warning of another instant does not count",
        ),
        pytest.param(a_case(WARNED, FIRST), -H48, Decision(until=END - H24), id="warned once"),
        pytest.param(
            a_case(WARNED, FIRST),
            -HOUR,
            Decision(warn=H2, until=END),
            id="of missed warnings only the last is given",
        ),
        pytest.param(a_case(WARNED, FIRST), HOUR, STOP, id="and none when it is stopped anyway"),
        pytest.param(a_case(WARNED, *ALL), -HOUR, Decision(until=END), id="all are given"),
        pytest.param(a_case(WARNED, *ALL), ZERO, STOP, id="stopped at its expiry"),
        pytest.param(
            a_case(ACTIVE),
            HOUR,
            Decision(warn=H2, until=END + H2),
            id="after downtime it is warned before it is stopped",
        ),
        pytest.param(
            a_case(WARNED, LATE),
            DAY + HOUR,
            Decision(until=END + DAY + H2),
            id="a late warning puts the stop off",
        ),
        pytest.param(a_case(WARNED, LATE), DAY + H2, STOP, id="and then it is stopped"),
        pytest.param(
            a_case(ACTIVE),
            H2,
            Decision(warn=H2, step=Step.STOP),
            id="a stop does not wait for ever for a warning",
        ),
        pytest.param(
            a_case(EXPIRED),
            9 * DAY,
            Decision(warn=H2, held=(UNWARNED,)),
            id="a destruction waits for ever for a warning",
        ),
        pytest.param(
            a_case(EXPIRED, OTHER),
            9 * DAY,
            Decision(warn=H2, held=(UNWARNED,)),
            id="and not for one of another instant",
        ),
        pytest.param(a_case(EXPIRED, *ALL), DAY - HOUR, Decision(until=END + DAY), id="in grace"),
        pytest.param(a_case(EXPIRED, *ALL), DAY, DESTROY, id="destroyed after grace"),
        pytest.param(
            a_case(replace(EXPIRED, grace_from=None), *ALL),
            9 * DAY,
            Decision(),
            id="grace does not begin before it is stopped",
        ),
        pytest.param(
            a_case(replace(EXPIRED, grace_from=END + 9 * DAY), *ALL),
            9 * DAY + HOUR,
            Decision(until=END + 10 * DAY),
            id="grace counts from the stop, not from the expiry",
        ),
        pytest.param(
            a_case(EXPIRED, *ALL), 3 * DAY - H2, DESTROY, id="the last warning is not too old"
        ),
        pytest.param(
            a_case(EXPIRED, *ALL),
            18 * DAY,
            Decision(warn=-(3 * DAY - H2), held=(OUTDATED,)),
            id="after a long hold people are told once more",
        ),
        pytest.param(
            a_case(EXPIRED, *ALL, AGAIN),
            18 * DAY + HOUR,
            Decision(until=END + 18 * DAY + H2),
            id="and have their notice",
        ),
        pytest.param(a_case(EXPIRED, *ALL, AGAIN), 18 * DAY + H2, DESTROY, id="before the end"),
        pytest.param(
            a_case(EXPIRED, *ALL, holds=(HELD,)),
            18 * DAY,
            Decision(held=(HELD,)),
            id="nobody is told once more while something holds it",
        ),
        pytest.param(
            a_case(EXPIRED, LATE),
            DAY + HOUR,
            Decision(until=END + DAY + H2),
            id="grace is over and the notice is not",
        ),
        pytest.param(a_case(EXPIRED, LATE), DAY + H2, DESTROY, id="both are over"),
        pytest.param(
            a_case(replace(EXPIRED, busy_until=END + 2 * DAY), *ALL),
            DAY,
            Decision(until=END + 2 * DAY),
            id="a machine works",
        ),
        pytest.param(
            a_case(EXPIRED, FIRST, holds=(HELD,)),
            DAY,
            Decision(held=(HELD,)),
            id="something holds it back",
        ),
        pytest.param(
            a_case(EXPIRED, *ALL, holds=(HELD,)),
            HOUR,
            Decision(until=END + DAY),
            id="what holds it back matters when it is due",
        ),
        pytest.param(a_case(WARNED, *ALL, holds=(HELD,)), ZERO, STOP, id="a stop is never held"),
        pytest.param(
            a_case(replace(ACTIVE, requested="d1")), -9 * DAY, DESTROY, id="somebody asked for it"
        ),
        pytest.param(
            a_case(replace(ACTIVE, requested="d1"), holds=(HELD,)),
            -9 * DAY,
            Decision(held=(HELD,)),
            id="asked for, and held back",
        ),
        pytest.param(a_case(DESTROYING), DAY, DESTROY, id="a destruction goes on"),
        pytest.param(
            a_case(replace(DESTROYING, retry_at=END + 2 * DAY)),
            DAY,
            Decision(until=END + 2 * DAY),
            id="one that failed waits",
        ),
        pytest.param(
            a_case(DESTROYING, holds=(HELD,)),
            DAY,
            Decision(held=(HELD,)),
            id="one that began is held back too",
        ),
        pytest.param(a_case(an_expiry(Stage.DESTROYED)), 9 * DAY, Decision(), id="it is over"),
    ],
)
def test_what_happens_to_one_stack(case: Case, after: timedelta, expected: Decision) -> None:
    assert decide([case], 1, END + after) == {stack_id(): expected}


def _due(name: str, resources: int, **more: Any) -> Case:
    expiry = replace(an_expiry(Stage.EXPIRED, name, stage_at=END), **more)
    return a_case(expiry, *ALL, resources=resources)


BOTH_GO = (Step.DESTROY, Step.DESTROY)


@pytest.mark.parametrize(
    ("case", "warned_at", "ahead"),
    [
        pytest.param(a_case(ACTIVE), -H48, (ZERO, DAY), id="in time"),
        pytest.param(a_case(WARNED, FIRST), -HOUR, (ZERO, DAY), id="the last warning, late"),
        pytest.param(a_case(ACTIVE), HOUR, (3 * HOUR, DAY + 3 * HOUR), id="late"),
        pytest.param(a_case(ACTIVE), None, (H2, None), id="nobody to tell"),
        pytest.param(a_case(EXPIRED), HOUR, (None, DAY), id="stopped already"),
        pytest.param(a_case(EXPIRED), 3 * DAY, (None, 3 * DAY + H2), id="for long"),
        pytest.param(a_case(EXPIRED), None, (None, None), id="and nobody to tell"),
    ],
)
def test_a_warning_says_what_is_ahead(
    case: Case, warned_at: timedelta | None, ahead: tuple[timedelta | None, timedelta | None]
) -> None:
    found = outlook(case, None if warned_at is None else END + warned_at)
    told = tuple(None if at is None else at - END for at in (found.stops_at, found.ends_at))
    assert told == ahead


@pytest.mark.parametrize(
    ("case", "after", "ahead"),
    [
        pytest.param(a_case(ACTIVE), -9 * DAY, (ZERO, DAY), id="not warned yet"),
        pytest.param(a_case(ACTIVE), HOUR, (3 * HOUR, DAY + 3 * HOUR), id="warned late"),
        pytest.param(a_case(WARNED, FIRST), -HOUR, (ZERO, DAY), id="warned"),
        pytest.param(a_case(EXPIRED, *ALL), HOUR, (None, DAY), id="stopped"),
        pytest.param(
            a_case(replace(EXPIRED, grace_from=None), *ALL), HOUR, (None, None), id="not stopped"
        ),
        pytest.param(a_case(DESTROYING), HOUR, (None, None), id="it ends now"),
    ],
)
def test_what_is_ahead_when_warnings_are_delivered_in_time(
    case: Case, after: timedelta, ahead: tuple[timedelta | None, timedelta | None]
) -> None:
    found = ahead_of(case, END + after)
    told = tuple(None if at is None else at - END for at in (found.stops_at, found.ends_at))
    assert told == ahead


@pytest.mark.parametrize(
    ("cases", "total", "steps"),
    [
        pytest.param((_due("a", 3),), 10, (Step.DESTROY,), id="30 % exactly"),
        pytest.param((_due("a", 4),), 10, (Step.NOTHING,), id="more than 30 %"),
        pytest.param((_due("a", 4),), 9, (Step.DESTROY,), id="a small environment"),
        pytest.param((_due("a", 2), _due("b", 2)), 10, (Step.NOTHING,) * 2, id="together"),
        pytest.param(
            (_due("a", 3), _due("b", 3, stage=Stage.DESTROYING)), 10, BOTH_GO, id="one began before"
        ),
        pytest.param(
            (_due("a", 3), _due("b", 3, requested="d1")), 10, BOTH_GO, id="somebody asked for one"
        ),
        pytest.param(
            (_due("a", 4), replace(_due("b", 4), holds=(HELD,))),
            20,
            (Step.DESTROY, Step.NOTHING),
            id="one waits for something else",
        ),
    ],
)
def test_much_at_once_waits_for_people(
    cases: tuple[Case, ...], total: int, steps: tuple[Step, ...]
) -> None:
    found = decide(cases, total, END + 2 * DAY)
    assert tuple(found[case.expiry.stack].step for case in cases) == steps


def test_it_says_how_much_it_would_be() -> None:
    found = decide([_due("a", 4)], 10, END + 2 * DAY)[stack_id("a")]
    why = "4 of the environment's 10 resources would be destroyed at once: more than 30%"
    assert found.held == (why,)


def test_the_stages_follow_each_other() -> None:
    later = NOW + HOUR
    assert warned(ACTIVE, later) == an_expiry(Stage.WARNED, stage_at=later)
    assert warned(EXPIRED, later) == EXPIRED
    running = an_expiry(Stage.EXPIRED, stage_at=later, grace_from=None)
    assert expired(replace(WARNED, grace_from=NOW), later) == running
    ending = destroying(EXPIRED, "h1", later)
    assert ending == replace(EXPIRED, stage=Stage.DESTROYING, stage_at=later, mark="h1")
    assert destroying(ending, "h2", END) == ending
    over = destroyed(replace(ending, error="no", stopped=("a",)), ["bucket"], END)
    assert over == replace(ending, stage=Stage.DESTROYED, stage_at=END, kept=("bucket",))
    assert (ACTIVE.ended, ending.ended, over.ended) == (False, True, True)


def test_a_failed_destruction_waits_longer_each_time() -> None:
    ending, pauses = DESTROYING, []
    for _ in range(9):
        ending = failed(ending, "no", NOW)
        assert ending.retry_at is not None
        pauses.append(ending.retry_at - NOW)
    assert pauses[:3] == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE]
    assert pauses[-1] == LONGEST_PAUSE
    assert (ending.attempts, ending.error) == (9, "no")


def test_the_notice_is_the_smallest_warning() -> None:
    rules = ExpiryRules(warn=(3 * DAY, DAY))
    assert (rules.notice, rules.ahead) == (DAY, 3 * DAY)


@pytest.mark.parametrize(
    ("row", "owes"),
    [
        (ACTIVE, False),
        (EXPIRED, True),
        (replace(EXPIRED, asleep=True), False),
        (replace(EXPIRED, asleep=True, grace_from=None), True),
        (replace(ACTIVE, asleep=True), True),
        (replace(ACTIVE, stopped=("trainer",)), True),
        (replace(DESTROYING, asleep=True), False),
    ],
)
def test_machines_have_the_power_that_the_stage_asks_for(row: Expiry, owes: bool) -> None:
    assert owes_power(row) is owes


TAGGED = replace(ACTIVE, tagged=END, tagged_serial=4)


@pytest.mark.parametrize(
    ("row", "serial", "owes"),
    [
        (ACTIVE, 4, True),
        (TAGGED, 4, False),
        (TAGGED, 5, True),
        (replace(TAGGED, expires_at=END + DAY), 4, True),
        (replace(TAGGED, lifted=True), 4, True),
        (replace(ACTIVE, lifted=True), 5, False),
        (DESTROYING, 4, False),
        (replace(TAGGED, untagged=("data: no",), tags_at=END), 4, False),
        (replace(TAGGED, untagged=("data: no",), tags_at=NOW), 4, True),
        (replace(TAGGED, untagged=("data: no",), tags_at=END), 5, True),
        (replace(ACTIVE, lifted=True, untagged=("data: no",)), 5, True),
    ],
)
def test_objects_carry_the_expiry(row: Expiry, serial: int, owes: bool) -> None:
    assert owes_tags(row, serial, NOW) is owes


def test_a_tag_that_aws_refused_is_not_there_and_is_tried_again_later_each_time() -> None:
    once = tagged(ACTIVE, END, 4, on=["vm"], refused=["data: no"], now=NOW)
    assert (once.tagged, once.tags_on, once.untagged) == (END, ("vm",), ("data: no",))
    assert once.tags_at == NOW + FIRST_PAUSE
    assert not owes_tags(once, 4, NOW)
    assert owes_tags(once, 4, NOW + FIRST_PAUSE)
    twice = tagged(once, END, 4, on=["vm"], refused=["data: no"], now=NOW)
    assert twice.tags_at == NOW + 2 * FIRST_PAUSE
    done = tagged(twice, END, 4, on=["vm", "data"], refused=[], now=NOW)
    assert (done.tags_on, done.untagged, done.tag_attempts) == (("data", "vm"), (), 0)
    assert (done.tags_at, owes_tags(done, 4, END)) == (None, False)


def test_people_are_told_once_of_the_stop_and_of_the_end() -> None:
    over = an_expiry(Stage.DESTROYED, told=Stage.EXPIRED)
    assert [owes_word(row) for row in (ACTIVE, EXPIRED, DESTROYING, over)] == [
        False,
        True,
        False,
        True,
    ]
    assert not owes_word(replace(EXPIRED, told=Stage.EXPIRED))


STOPPED = replace(EXPIRED, stopped=("a", "b"), grace_from=None)
ASLEEP = replace(STOPPED, asleep=True, grace_from=END)
AWAKE = replace(ASLEEP, stage=Stage.ACTIVE)
STARTED = replace(AWAKE, asleep=False, stopped=())


@pytest.mark.parametrize(
    ("row", "happened", "after"),
    [
        pytest.param(STOPPED, {"grace_from": END}, ASLEEP, id="all stopped"),
        pytest.param(STOPPED, {"undone": ("b",)}, STOPPED, id="one could not be stopped, not told"),
        pytest.param(
            STOPPED,
            {"undone": ("b",), "grace_from": END},
            replace(STOPPED, grace_from=END),
            id="one could not be stopped, and that is told",
        ),
        pytest.param(
            replace(STOPPED, grace_from=NOW),
            {"undone": ("b",), "grace_from": END},
            replace(STOPPED, grace_from=NOW),
            id="and told before",
        ),
        pytest.param(
            replace(STOPPED, grace_from=NOW), {"grace_from": END}, ASLEEP, id="stopped at last"
        ),
        pytest.param(
            STOPPED,
            {"undone": ("b",), "not_tried": ("b",)},
            replace(STOPPED, stopped=("a",)),
            id="one may not be stopped now",
        ),
        pytest.param(
            STOPPED,
            {"busy_until": END, "noticed": {"b": NOW}},
            replace(STOPPED, busy_until=END, noticed={"b": NOW}),
            id="one works",
        ),
        pytest.param(
            replace(STOPPED, pre_stop=("a: no",)),
            {"pre_stop": ("b: no",), "grace_from": END},
            replace(ASLEEP, pre_stop=("a: no", "b: no")),
            id="the command before a stop failed",
        ),
        pytest.param(AWAKE, {}, AWAKE, id="extended while they were stopped"),
        pytest.param(
            AWAKE, {"pre_stop": ("b: no",)}, replace(AWAKE, pre_stop=("b: no",)), id="and told"
        ),
    ],
)
def test_what_became_of_a_stop_is_noted_whatever_the_expiry_is_by_then(
    row: Expiry, happened: dict[str, Any], after: Expiry
) -> None:
    found = stopped(row, **{"undone": (), **happened})
    assert found == after
    assert row is not AWAKE or owes_power(found)


@pytest.mark.parametrize(
    ("row", "undone", "after"),
    [
        pytest.param(
            replace(AWAKE, busy_until=END, noticed={"b": NOW}), (), STARTED, id="all started"
        ),
        pytest.param(AWAKE, ("b",), replace(AWAKE, stopped=("b",)), id="one could not be started"),
        pytest.param(ASLEEP, (), ASLEEP, id="expired while they were started"),
    ],
)
def test_what_became_of_a_start_is_noted(
    row: Expiry, undone: tuple[str, ...], after: Expiry
) -> None:
    assert started(row, undone=undone) == after


def test_what_is_told_or_tagged_does_not_count_for_an_expiry_that_moved_meanwhile() -> None:
    assert told(EXPIRED, EXPIRED).told is Stage.EXPIRED
    for moved in (replace(EXPIRED, expires_at=END + DAY), ACTIVE):
        assert told(moved, EXPIRED) == moved
    moved = replace(ACTIVE, expires_at=END + DAY)
    assert owes_tags(tagged(moved, END, 4, on=(), refused=(), now=NOW), 4, NOW)


def test_a_machine_that_works_puts_a_destruction_off_as_long_as_its_busy_allows() -> None:
    over = END + 2 * DAY
    waits = put_off(EXPIRED, over + DAY, {}, over)
    assert (waits.put_off_at, waits.busy_until) == (over, over + BUSY_PAUSE)
    later = put_off(waits, over + DAY, {"vm": over}, over + DAY - timedelta(minutes=1))
    assert (later.put_off_at, later.busy_until, later.noticed) == (over, over + DAY, {"vm": over})
    again = rearmed(replace(later, expires_at=over + 9 * DAY), over)
    assert (again.put_off_at, again.busy_until, again.noticed) == (None, None, {})


def test_people_are_told_of_each_failed_try_until_it_was_said() -> None:
    once = failed(DESTROYING, "no", END)
    assert not owes_word(DESTROYING)
    assert owes_word(once)
    assert not owes_word(told(once, once))
    assert owes_word(failed(told(once, once), "no", END))
    assert owes_word(destroyed(told(once, once), [], END))
    assert not owes_word(destroying(replace(EXPIRED, error="no", attempts=3), "h", END))


@pytest.mark.parametrize(
    ("stages", "ended"),
    [
        pytest.param([], False, id="it never expired"),
        pytest.param([None, Stage.ACTIVE], False, id="it has an expiry"),
        pytest.param([Stage.ACTIVE, None], False, id="somebody ended it before"),
        pytest.param([Stage.EXPIRED, Stage.DESTROYING], True, id="its end began"),
        pytest.param([Stage.DESTROYING, Stage.DESTROYED], True, id="it is over"),
        pytest.param([Stage.DESTROYED, Stage.ACTIVE], False, id="it has another life"),
        pytest.param([Stage.DESTROYED, None], False, id="one without an expiry"),
    ],
)
def test_who_ended_a_stack(stages: list[Stage | None], ended: bool) -> None:
    history = [
        Transition(before=before, after=after, at=NOW, expires_at=END, reason="x")
        for before, after in pairwise(stages)
    ]
    assert ended_by_expiry(history) is ended
