"""What the issues about drift say, in words and within GitHub's limits."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gitbot.model.causes import Cause, CauseKind
from gitbot.model.conditions import ConditionKind, OpenCondition
from gitbot.model.drift import (
    Again,
    Difference,
    Differs,
    DriftRow,
    Ended,
    Finding,
    How,
    News,
    NewsKind,
    Phase,
)
from gitbot.model.forge import CheckState
from gitbot.model.names import Address, RemoteId
from gitbot.render.drift import LONGEST_BODY, DriftView, drift_body, drift_title
from gitbot.render.drift_checks import checks_in_words, drift_check, drift_note, remarks_on
from gitbot.render.drift_comments import drift_comment
from gitbot.render.views import EnvironmentPlanView, StackPlanView
from tests.unit.decisions.drift.drift_by_hand import DAY, NOW, difference, row
from tests.unit.render.plans_by_hand import plan_text, plan_view

TAG = difference(since=NOW)
ADDED = difference(
    "ssh",
    "/SecurityGroupIngress/-",
    how=Differs.ADDED,
    type="AWS::EC2::SecurityGroup",
    recorded=None,
    observed={"CidrIp": "0.0.0.0/0", "FromPort": 22},
)
GONE = difference("logs", "", how=Differs.GONE, recorded=None, observed=None)
STOPPED = difference("machine", "", how=Differs.STOPPED, type="AWS::EC2::Instance")
STRAY = difference(
    "bucket", "", how=Differs.UNMANAGED, remote_id=RemoteId("b-1"), detail="made on Monday"
)
REFUSED = difference("", "", how=Differs.ERROR, type="", detail="AccessDenied: s3:GetBucketTagging")


def shown(*differences: Difference, **fields: Any) -> DriftRow:
    return row(phase=Phase.OPEN, differences=differences, **fields)


@pytest.mark.parametrize(
    ("differences", "finding", "parts"),
    [
        pytest.param(
            [TAG],
            Finding.DRIFT,
            ['! Tags.owner: "ada" → "bob"', "1 difference, seen since 2026-11-28 12:00 UTC"],
            id="changed",
        ),
        pytest.param(
            [ADDED],
            Finding.DRIFT,
            ["AWS::EC2::SecurityGroup: 1 difference", "+ SecurityGroupIngress[…]", "0.0.0.0/0"],
            id="added",
        ),
        pytest.param(
            [replace(TAG, how=Differs.MISSING, observed=None)],
            Finding.DRIFT,
            ['- Tags.owner: "ada"'],
            id="missing",
        ),
        pytest.param([GONE], Finding.DRIFT, ["it does not exist any more"], id="gone"),
        pytest.param(
            [STOPPED], Finding.DRIFT, ["an apply stopped it and could not start it"], id="stopped"
        ),
        pytest.param(
            [replace(STOPPED, path="/Tags/a"), STOPPED],
            Finding.DRIFT,
            ["AWS::EC2::Instance: 2 differences"],
            id="stopped and changed",
        ),
        pytest.param(
            [STRAY], Finding.UNMANAGED, ["b-1", "made on Monday", "lifecycle.import"], id="stray"
        ),
        pytest.param(
            [REFUSED],
            Finding.ERROR,
            ["the whole stack", "AccessDenied: s3:GetBucketTagging", "roles.plan"],
            id="refused",
        ),
    ],
)
def test_the_body_says_what_differs_and_what_to_do(
    differences: list[Difference], finding: Finding, parts: list[str]
) -> None:
    body = drift_body(DriftView(row=shown(*differences, finding=finding)))
    for part in [*parts, "What you can do"]:
        assert part in body
    assert "dev/web" in drift_title(shown(finding=finding))


def test_the_cause_stands_with_its_resource_and_the_commands_with_what_they_do() -> None:
    cause = Cause(kind=CauseKind.FROM_INSIDE, since=NOW, looked_at=NOW)
    view = DriftView(
        row=shown(TAG, former=9),
        causes={Address("bucket"): cause},
        offers=[("/drift apply", "puts it back")],
    )
    body = drift_body(view)
    assert "shut down from inside" in body
    assert "`/drift apply`: puts it back" in body
    assert "The issue before this one: #9." in body


def test_the_body_says_whether_gitbot_puts_something_back_by_itself() -> None:
    given = shown(TAG)
    assert "gitbot changes nothing because of this issue" in drift_body(DriftView(row=given))
    assert "`drift.heal` names" in drift_body(DriftView(row=given, heals=True))
    often = drift_body(DriftView(row=given, heals=True, reports_until=NOW))
    assert "three times within a day" in often
    assert "until 2026-11-28 12:00 UTC gitbot only reports it" in often


def test_a_body_that_is_too_long_is_shortened_resource_by_resource() -> None:
    many = [
        replace(TAG, address=Address(f"bucket{at}"), path=f"/Tags/{tag}", observed="x" * 100)
        for at in range(60)
        for tag in range(40)
    ]
    body = drift_body(DriftView(row=shown(*many)))
    assert len(body) <= LONGEST_BODY
    assert all(f"bucket{at}<" in body for at in range(60))
    assert "more lines found no room here" in body


def test_not_even_the_names_of_very_many_resources_break_the_limit() -> None:
    many = [replace(TAG, address=Address(f"{at:04}{'x' * 400}")) for at in range(400)]
    body = drift_body(DriftView(row=shown(*many)))
    assert len(body) <= LONGEST_BODY
    few = [replace(TAG, address=Address(f"{at:04}")) for at in range(250)]
    assert "And 50 more resources." in drift_body(DriftView(row=shown(*few)))


def test_a_roll_up_lists_the_stacks_with_the_issues_that_they_have() -> None:
    given = row(finding=Finding.ROLL_UP, phase=Phase.OPEN)
    body = drift_body(DriftView(row=given, listed={"dev/a": None, "dev/b": 12}, most=1))
    assert "More than 1 stacks" in body
    assert "- `dev/a`\n- `dev/b`: #12" in body
    assert (
        drift_title(given) == "Drift: many stacks of dev differ in the cloud from what was applied"
    )


def test_a_body_of_what_is_over_says_so() -> None:
    body = drift_body(DriftView(row=row(ended_at=NOW)))
    assert "any more since 2026-11-28 12:00 UTC" in body
    assert "any more:" in drift_body(DriftView(row=row(phase=Phase.ARCHIVED)))


def news(kind: NewsKind, **fields: Any) -> str:
    return drift_comment(News(number=1, kind=kind, at=NOW, **fields))


def over(given: Difference, how: How) -> tuple[Ended, ...]:
    return (Ended(difference=given, how=how),)


@pytest.mark.parametrize(
    ("given", "how", "words"),
    [
        (TAG, How.APPLIED, "`bucket` `Tags.owner`: an apply put it back"),
        (TAG, How.PUT_BACK, "put back in the cloud, not by gitbot"),
        (TAG, How.ADOPTED, "the specs want it as the cloud has it"),
        (TAG, How.IGNORED, "`drift.ignore` names it now"),
        (TAG, How.HEALED, "gitbot put it back by itself"),
        (GONE, How.APPLIED, "`logs`: an apply put it back"),
        (TAG, How.REMOVED, "the stack is gone"),
        (TAG, How.SWITCHED_OFF, "nobody looks for drift here any more"),
        (STRAY, How.PUT_BACK, "`bucket`: it is deleted"),
        (STRAY, How.ADOPTED, "a stack has it now"),
        (REFUSED, How.PUT_BACK, "`the whole stack`: looking works again"),
        (replace(GONE, how=Differs.ROLLED_UP), How.PUT_BACK, "it has an issue of its own"),
    ],
)
def test_the_end_says_how_it_ended(given: Difference, how: How, words: str) -> None:
    assert words in news(NewsKind.ENDED, ended=over(given, how))


def test_a_change_says_what_is_new_and_what_is_over() -> None:
    text = news(NewsKind.CHANGED, appeared=(ADDED,), ended=over(TAG, How.PUT_BACK))
    assert "New, or different from before" in text
    assert "0.0.0.0/0" in text
    assert "**Over:**" in text
    assert "New" not in news(NewsKind.CHANGED, ended=over(TAG, How.PUT_BACK))


def test_an_acknowledgement_says_by_whom_until_when_and_how_to_end_it() -> None:
    text = news(NewsKind.ACKNOWLEDGED, by="ada", until=NOW + 7 * DAY)
    assert "`ada` closed this as not planned" in text
    assert "until 2026-12-05 12:00 UTC" in text
    assert "until" not in news(NewsKind.ACKNOWLEDGED, by="ada")


@pytest.mark.parametrize(
    ("again", "words"),
    [
        (Again.RECURRED, "It is back."),
        (Again.CHANGED, "Something else differs"),
        (Again.TIME_IS_UP, "Seven days are over"),
        (Again.STILL_THERE, "closed by `stale[bot]`, but gitbot has looked again"),
    ],
)
def test_an_issue_that_is_opened_again_says_why(again: Again, words: str) -> None:
    text = news(NewsKind.REOPENED, again=again, by="stale[bot]", appeared=(TAG,))
    assert words in text
    assert ("Tags.owner" in text) == (again is not Again.STILL_THERE)
    assert "closed, but" in news(NewsKind.REOPENED, again=Again.STILL_THERE)


def test_a_comment_stays_within_the_limit() -> None:
    many = tuple(replace(TAG, address=Address(f"b{at}"), observed="x" * 1000) for at in range(300))
    ended = tuple(Ended(difference=one, how=How.PUT_BACK) for one in many)
    text = news(NewsKind.CHANGED, appeared=many, ended=ended)
    assert len(text) < LONGEST_BODY + 1
    assert "and 200 more" in text
    wide = tuple(replace(one, address=Address(f"{one.address}{'y' * 700}")) for one in many)
    assert len(news(NewsKind.CHANGED, appeared=wide)) <= LONGEST_BODY
    assert "This is over." in news(NewsKind.ENDED)


def test_the_check_of_the_tip_lists_what_differs_and_never_fails() -> None:
    rows = [
        shown(TAG, issue=12),
        shown(REFUSED, finding=Finding.ERROR),
        row(finding=Finding.ROLL_UP, phase=Phase.OPEN, issue=9),
    ]
    check = drift_check("dev", rows, remarks_on("issues are off", "AccessDenied"))
    assert (check.name, check.state, check.title) == (
        "gitbot/dev/drift",
        CheckState.NEUTRAL,
        "Drift: dev/web",
    )
    assert "differs in the cloud from what was applied (#12)" in check.summary
    assert "cannot be compared" in check.summary
    assert "GitHub takes none: issues are off" in check.summary
    assert "no state knows are not looked for: AccessDenied" in check.summary
    many = [replace(rows[0], stack=replace(rows[0].stack, name=f"s{at}")) for at in range(120)]
    assert drift_check("dev", many, ()).title == "Drift: dev/s0, dev/s1, dev/s10 and 117 more"
    assert "And 20 more." in drift_check("dev", many, ()).summary
    fine = drift_check("dev", [], remarks_on("", ""))
    assert (fine.state, "Nothing differs" in fine.summary) == (CheckState.SUCCESS, True)


def test_a_plan_of_the_stack_says_that_it_differs() -> None:
    assert drift_note(shown(TAG, issue=12)) == (
        "This stack differs in the cloud from what was applied (#12)."
    )
    known = row(phase=Phase.ACKNOWLEDGED, until=NOW + timedelta(days=1))
    assert "and somebody has acknowledged it" in drift_note(known)


def test_a_pull_request_that_touches_the_stack_says_that_it_differs() -> None:
    note = drift_note(shown(TAG, issue=12))
    stack = StackPlanView(name="web", drift=(note,))
    page = plan_text(plan_view(EnvironmentPlanView(name="dev", stacks=(stack,))))
    assert "`dev/web`\n\nThis stack differs in the cloud from what was applied (#12)." in page


def test_the_check_of_the_tip_tells_of_checks_that_do_not_hold() -> None:
    one = OpenCondition(
        kind=ConditionKind.CHECK, address="checks.size", says="it is small", holds=False
    )
    words = checks_in_words([(row().stack, [one])])
    assert words == (f"A check of {row().stack.label} does not hold, checks.size: it is small.",)
    check = drift_check("dev", [], (), words)
    assert (check.title, check.state) == ("A check does not hold", CheckState.NEUTRAL)
    assert "it is small" in check.summary
    assert drift_check("dev", [], (), words * 2).title == "2 checks do not hold"
