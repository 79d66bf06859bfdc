"""What a scan, and what people did to an issue, make of a row of drift."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gitbot.decisions.drift.fingerprints import fingerprint, key_of
from gitbot.decisions.drift.life import (
    ACKNOWLEDGED_FOR,
    REOPENED_WITHIN,
    IssueGone,
    IssueStands,
    Removed,
    Sight,
    Standing,
    Unseen,
    Ways,
    advance,
)
from gitbot.decisions.drift.telling import (
    CloseIssue,
    Comment,
    OpenIssue,
    ShowIssue,
    acts,
    done,
    opened,
    rolled_up,
)
from gitbot.model.drift import Again, Differs, DriftRow, Finding, How, NewsKind, Phase
from gitbot.model.forge import CloseReason
from gitbot.model.names import RemoteId
from tests.unit.decisions.drift.drift_by_hand import (
    CONFIRM,
    DAY,
    MINUTE,
    NOW,
    clear,
    difference,
    row,
    seen,
)

STANDS = IssueStands(open=True)
TAG = difference()
OTHER = difference(path="/Tags/team")


def after(
    last: DriftRow, sight: Sight, issue: Standing = None, at: timedelta = CONFIRM
) -> DriftRow:
    return advance(last, sight, issue, confirm=CONFIRM, now=NOW + at)


def told(last: DriftRow, number: int = 12) -> DriftRow:
    """The row after everything was done on GitHub."""
    for act in acts(last, may_open=True):
        last = opened(last, number) if isinstance(act, OpenIssue) else done(last, act)
    return last


SUSPECT = after(row(), seen(TAG), at=timedelta())
OPEN = told(after(SUSPECT, seen(TAG)))
CLOSED = IssueStands(open=False, reason=CloseReason.NOT_PLANNED, closed_by="ada", by_person=True)
ACKNOWLEDGED = told(after(OPEN, seen(TAG), CLOSED, DAY))
OVER = told(after(OPEN, clear(), STANDS, DAY))


def test_the_first_sight_only_makes_it_suspect() -> None:
    assert SUSPECT.phase is Phase.SUSPECT
    assert SUSPECT.since == NOW
    assert acts(SUSPECT, may_open=True) == ()


def test_without_a_time_to_confirm_the_first_sight_opens_it() -> None:
    assert advance(row(), seen(TAG), None, confirm=timedelta(), now=NOW).phase is Phase.OPEN


@pytest.mark.parametrize(
    ("sight", "at", "phase"),
    [
        pytest.param(seen(TAG), CONFIRM - MINUTE, Phase.SUSPECT, id="too soon"),
        pytest.param(seen(TAG), CONFIRM, Phase.OPEN, id="again"),
        pytest.param(seen(TAG, OTHER), CONFIRM, Phase.OPEN, id="a part of it is the same"),
        pytest.param(seen(OTHER), CONFIRM, Phase.SUSPECT, id="all of it is something else"),
        pytest.param(clear(), CONFIRM, Phase.CLEAN, id="gone"),
        pytest.param(Unseen(), CONFIRM, Phase.SUSPECT, id="not looked at"),
        pytest.param(Removed(), CONFIRM, Phase.ARCHIVED, id="the stack is gone"),
    ],
)
def test_a_suspect_is_opened_only_when_the_same_is_seen_again(
    sight: Sight, at: timedelta, phase: Phase
) -> None:
    found = after(SUSPECT, sight, at=at)
    assert found.phase is phase
    assert found.owed == ()


def test_something_else_starts_the_time_to_confirm_again() -> None:
    assert after(SUSPECT, seen(OTHER)).since == NOW + CONFIRM


def test_an_open_row_opens_one_issue_and_shows_it() -> None:
    found = after(SUSPECT, seen(TAG))
    assert acts(found, may_open=True) == (OpenIssue(),)
    assert acts(found, may_open=False) == ()
    assert acts(opened(found, 12), may_open=True) == (ShowIssue(number=12, reopens=False),)


def test_the_same_sight_again_says_nothing() -> None:
    again = after(OPEN, seen(TAG), STANDS, DAY)
    assert replace(again, seen_at=OPEN.seen_at) == OPEN


def test_a_change_is_told_by_one_comment_with_what_is_new_and_what_is_over() -> None:
    moved = difference(observed="eve")
    both = told(after(OPEN, seen(TAG, OTHER), STANDS, DAY))
    found = after(both, seen(moved, serial=3), STANDS, 2 * DAY)
    (news,) = found.owed
    assert news.kind is NewsKind.CHANGED
    assert [one.observed for one in news.appeared] == ["eve"]
    assert [(one.difference.path, one.how) for one in news.ended] == [("/Tags/team", How.PUT_BACK)]
    assert news.number == 2, "the first one told of /Tags/team"


def test_each_difference_keeps_the_time_at_which_it_was_first_seen() -> None:
    found = after(OPEN, seen(OTHER, TAG), STANDS, DAY)
    assert {one.path: one.since for one in found.differences} == {
        "/Tags/owner": NOW,
        "/Tags/team": NOW + DAY,
    }


@pytest.mark.parametrize(
    ("sight", "how", "reason"),
    [
        pytest.param(clear(serial=3), How.PUT_BACK, CloseReason.COMPLETED, id="in the console"),
        pytest.param(
            clear(serial=5, applied={"bucket"}), How.APPLIED, CloseReason.COMPLETED, id="applied"
        ),
        pytest.param(
            clear(serial=5, adopted={key_of(TAG)}), How.ADOPTED, CloseReason.COMPLETED, id="adopted"
        ),
        pytest.param(
            clear(serial=5, applied={"role"}),
            How.PUT_BACK,
            CloseReason.COMPLETED,
            id="in the console, and an apply of something else",
        ),
        pytest.param(
            clear(serial=5, healed={"bucket"}, applied={"bucket"}),
            How.HEALED,
            CloseReason.COMPLETED,
            id="healed",
        ),
        pytest.param(
            clear(serial=3, ignored={key_of(TAG)}),
            How.IGNORED,
            CloseReason.NOT_PLANNED,
            id="ignored",
        ),
    ],
)
def test_the_end_says_how_it_ended_and_closes_the_issue(
    sight: Sight, how: How, reason: CloseReason
) -> None:
    found = after(OPEN, sight, STANDS, DAY)
    (news,) = found.owed
    assert [one.how for one in news.ended] == [how]
    assert acts(found, may_open=True) == (
        Comment(number=12, news=news),
        CloseIssue(number=12, reason=reason),
    )
    assert acts(told(found), may_open=True) == (), "a row that is over costs no call"


def test_a_stack_that_is_gone_archives_its_issue_once() -> None:
    found = after(OPEN, Removed(), STANDS, DAY)
    assert found.phase is Phase.ARCHIVED
    assert acts(found, may_open=True)[-1] == CloseIssue(number=12, reason=CloseReason.NOT_PLANNED)
    assert after(told(found), Removed(), None, 2 * DAY) == told(found)
    assert after(told(found), clear(), None, 2 * DAY) == told(found)


@pytest.mark.parametrize("reason", [CloseReason.NOT_PLANNED, CloseReason.DUPLICATE])
def test_a_person_who_closes_it_as_not_planned_acknowledges_it(reason: CloseReason) -> None:
    found = after(OPEN, seen(TAG), replace(CLOSED, reason=reason), DAY)
    assert found.phase is Phase.ACKNOWLEDGED
    assert found.until == NOW + DAY + ACKNOWLEDGED_FOR
    (news,) = found.owed
    assert (news.kind, news.by, news.until) == (NewsKind.ACKNOWLEDGED, "ada", found.until)


@pytest.mark.parametrize(
    "closed",
    [
        pytest.param(replace(CLOSED, by_person=False), id="a bot"),
        pytest.param(
            replace(CLOSED, reason=CloseReason.COMPLETED), id="as completed, or by a merge"
        ),
        pytest.param(replace(CLOSED, reason=None), id="without a reason"),
    ],
)
def test_any_other_close_is_no_acknowledgement(closed: IssueStands) -> None:
    found = after(OPEN, seen(TAG), closed, DAY)
    assert found.phase is Phase.OPEN
    assert [news.again for news in found.owed] == [Again.STILL_THERE]
    assert acts(found, may_open=True)[0] == ShowIssue(number=12, reopens=True)
    assert after(told(found), seen(TAG), STANDS, 2 * DAY).owed == ()


def test_a_close_as_completed_of_what_is_over_stays_closed() -> None:
    found = after(OPEN, clear(), replace(CLOSED, reason=CloseReason.COMPLETED), DAY)
    assert found.phase is Phase.CLEAN


def test_an_acknowledged_row_is_silent_until_the_week_is_over() -> None:
    silent = after(ACKNOWLEDGED, seen(TAG), CLOSED, 7 * DAY)
    assert (silent.phase, silent.owed) == (Phase.ACKNOWLEDGED, ())
    found = after(ACKNOWLEDGED, seen(TAG), CLOSED, 8 * DAY)
    assert found.phase is Phase.OPEN
    assert [news.again for news in found.owed] == [Again.TIME_IS_UP]
    assert acts(found, may_open=True)[0] == ShowIssue(number=12, reopens=True)


def test_an_acknowledged_row_that_changes_is_opened_again_with_what_is_new() -> None:
    found = after(ACKNOWLEDGED, seen(TAG, OTHER), CLOSED, 2 * DAY)
    (news,) = found.owed
    assert (news.again, [one.path for one in news.appeared]) == (Again.CHANGED, ["/Tags/team"])


def test_a_person_who_opens_an_acknowledged_issue_again_ends_the_silence() -> None:
    found = after(ACKNOWLEDGED, seen(TAG), STANDS, 2 * DAY)
    assert (found.phase, found.owed) == (Phase.OPEN, ())


def test_an_acknowledged_row_that_is_over_says_so_and_leaves_the_issue_closed() -> None:
    found = after(ACKNOWLEDGED, clear(), CLOSED, 2 * DAY)
    assert [news.kind for news in found.owed] == [NewsKind.ENDED]
    assert [type(act) for act in acts(found, may_open=True)] == [Comment]


def test_a_deleted_issue_acknowledges_once_and_then_a_new_one_links_to_it() -> None:
    gone = after(OPEN, seen(TAG), IssueGone(), DAY)
    assert (gone.phase, gone.issue, gone.former) == (Phase.ACKNOWLEDGED, None, 12)
    assert acts(gone, may_open=True) == ()
    again = after(gone, seen(TAG), None, 9 * DAY)
    assert (again.phase, again.nth, again.owed) == (Phase.OPEN, 2, ())
    second = after(told(again, 30), seen(TAG), IssueGone(), 10 * DAY)
    assert (second.phase, second.former, second.nth) == (Phase.OPEN, 30, 3)
    assert acts(second, may_open=True) == (OpenIssue(),)


def test_drift_that_comes_back_soon_opens_the_same_issue_again() -> None:
    suspect = after(OVER, seen(TAG), None, 3 * DAY)
    found = after(suspect, seen(TAG), None, 3 * DAY + CONFIRM)
    assert (found.phase, found.issue) == (Phase.OPEN, 12)
    assert [news.again for news in found.owed] == [Again.RECURRED]
    assert acts(found, may_open=True)[0] == ShowIssue(number=12, reopens=True)


def test_an_issue_that_is_not_closed_yet_when_drift_comes_back_is_opened_if_somebody_closed_it() -> (
    None
):
    ending = after(OPEN, clear(), STANDS, DAY)
    suspect = after(ending, seen(TAG), STANDS, 2 * DAY)
    found = after(suspect, seen(TAG), replace(CLOSED, by_person=False), 2 * DAY + CONFIRM)
    assert acts(found, may_open=True)[0] == ShowIssue(number=12, reopens=True)


def test_drift_that_comes_back_late_gets_a_new_issue_that_links_to_the_old_one() -> None:
    later = DAY + REOPENED_WITHIN + DAY
    suspect = after(OVER, seen(TAG), None, later)
    found = after(suspect, seen(TAG), None, later + CONFIRM)
    assert (found.phase, found.issue, found.former, found.nth) == (Phase.OPEN, None, 12, 2)
    assert found.owed == ()


def test_a_scan_that_did_not_look_changes_nothing_even_if_somebody_closed_the_issue() -> None:
    assert after(OPEN, Unseen(), CLOSED, DAY) == OPEN


def test_an_issue_that_we_have_not_opened_again_yet_is_not_taken_for_closed_by_a_person() -> None:
    recurring = after(ACKNOWLEDGED, seen(TAG), CLOSED, 8 * DAY)
    again = after(recurring, seen(TAG), CLOSED, 8 * DAY + MINUTE)
    assert again.phase is Phase.OPEN
    assert len(again.owed) == 1


def test_without_an_issue_nothing_is_owed() -> None:
    found = after(after(SUSPECT, seen(TAG)), seen(TAG, OTHER), None, DAY)
    assert (found.phase, found.owed) == (Phase.OPEN, ())
    assert after(found, clear(), None, 2 * DAY).owed == ()


def test_more_rows_than_the_most_share_one_issue() -> None:
    rolled = row(finding=Finding.ROLL_UP, phase=Phase.OPEN)
    rows = [after(SUSPECT, seen(TAG)), OPEN, ACKNOWLEDGED, SUSPECT, rolled]
    assert rolled_up(rows, 2) == ()
    assert rolled_up(rows, 1) == (rows[0], OPEN)


def test_the_fingerprint_is_made_of_meaning() -> None:
    same = replace(TAG, detail="said otherwise", since=NOW, remote_id=RemoteId("b-1"), type="Other")
    assert fingerprint([TAG, OTHER]) == fingerprint([OTHER, same])
    others = [
        replace(TAG, observed="eve"),
        replace(TAG, recorded="eve"),
        replace(TAG, path="/Tags/x"),
        difference("logs"),
    ]
    assert len({fingerprint([one]) for one in [TAG, *others]}) == 5
    assert fingerprint([]) == ""


def test_list_elements_that_were_added_are_told_apart_by_what_they_hold() -> None:
    rules = [difference(path="/Ingress/-", observed={"port": port}) for port in (22, 80)]
    assert len({key_of(one) for one in rules}) == 2


@pytest.mark.parametrize(("adopted", "how"), [(False, How.PUT_BACK), (True, How.ADOPTED)])
def test_an_object_that_no_state_knew_is_a_stacks_only_when_its_state_has_it(
    adopted: bool, how: How
) -> None:
    stray = difference(path="", how=Differs.UNMANAGED)
    ways = Ways(serial=5, applied={"bucket"}, adopted={key_of(stray)} if adopted else ())
    assert ways.of(stray, row(serial=3)) is how
