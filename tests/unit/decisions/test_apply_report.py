"""Who is told what of an apply, and how its deployments end."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gitbot.decisions.apply_report import (
    DeploymentEnd,
    ReportedRun,
    ReportFacts,
    apply_report,
    runs_to_report,
    told_whole,
)
from gitbot.model.forge import DeploymentState
from gitbot.model.names import Sha
from gitbot.model.runs import Run, RunStatus
from tests.unit.decisions.facts_by_hand import EARLIER_TIP, HEAD, TIP, a_run, stack_id

APPLIED, FAILED, HELD = RunStatus.APPLIED, RunStatus.FAILED, RunStatus.HELD
FACTS = ReportFacts(environment="dev", tip=TIP, occasion="tip")


def says(reported: tuple[ReportedRun, ...]) -> list[str]:
    """Each one in short: the run, the run whose plan is shown if another, and ``whole``."""
    return [
        one.run.id
        + (f" with the plan of {one.plan_of}" if one.plan_of != one.run.id else "")
        + (", whole" if one.whole else "")
        for one in reported
    ]


@pytest.mark.parametrize(
    ("untold", "reported"),
    [
        pytest.param([], [], id="nobody speaks where nothing was done"),
        pytest.param([a_run("a")], ["a"], id="an apply speaks for itself"),
        pytest.param([a_run("a", FAILED)], ["a"], id="a failed apply speaks too"),
        pytest.param(
            [a_run("a"), a_run("b", HELD, stack=stack_id("db"))],
            ["a", "b"],
            id="every stack speaks, oldest run first",
        ),
        pytest.param(
            [a_run("died", FAILED), a_run("rest")],
            ["rest with the plan of died, whole"],
            id="an apply that died and was finished is told with the plan it began with",
        ),
        pytest.param(
            [a_run("first", FAILED), a_run("second", FAILED), a_run("rest")],
            ["rest with the plan of first, whole"],
            id="an apply that died twice is told with its first plan",
        ),
        pytest.param(
            [a_run("died", FAILED), a_run("again", FAILED)],
            ["again"],
            id="an apply that fails again is told with the plan that failed last",
        ),
        pytest.param(
            [a_run("died", FAILED), a_run("rest", HELD)],
            ["died", "rest"],
            id="an apply that died and whose rest is held is told beside what is held",
        ),
        pytest.param(
            [a_run("done"), a_run("next", HELD)],
            ["done", "next"],
            id="what was applied is told beside what is held of the same commit since",
        ),
        pytest.param(
            [a_run("early", tip=EARLIER_TIP), a_run("late")],
            ["early", "late"],
            id="what was applied of an earlier tip is told beside the newest",
        ),
        pytest.param(
            [a_run("died", FAILED, tip=EARLIER_TIP), a_run("rest")],
            ["rest"],
            id="the apply of a later tip speaks for an earlier one that died",
        ),
        pytest.param(
            [a_run("died", FAILED, tip=EARLIER_TIP), a_run("held", HELD)],
            ["died", "held"],
            id="an earlier tip's failure is told beside the later tip's held apply",
        ),
        pytest.param(
            [a_run("held", HELD, tip=EARLIER_TIP), a_run("late")],
            ["late"],
            id="a hold that a later apply has overtaken is not told",
        ),
        pytest.param(
            [
                a_run("died", FAILED, tip=EARLIER_TIP, head=HEAD),
                a_run("rest", tip=TIP, head=HEAD, does=False),
            ],
            ["rest with the plan of died, whole"],
            id="an apply before the merge is told whole though the tip moved before it went on",
        ),
    ],
)
def test_the_runs_that_are_reported(untold: list[Run], reported: list[str]) -> None:
    assert says(runs_to_report(untold)) == reported


@pytest.mark.parametrize(
    ("facts", "numbers"),
    [
        pytest.param(
            replace(FACTS, merged=[9, 8, 7], concerned={7, 8}, problems=True),
            (7, 8),
            id="merged pull requests with a plan here are told",
        ),
        pytest.param(
            replace(FACTS, untold=[a_run(pull_request=5)], merged=[9], concerned={9}),
            (5, 9),
            id="a run is told on the pull request that it was for",
        ),
        pytest.param(
            replace(
                FACTS,
                untold=[a_run(pull_request=None)],
                merged=[9, 8],
                touching={8},
                unplanned={9, 8},
            ),
            (8,),
            id="who changed the folder and was never planned is told, and not who merged last",
        ),
        pytest.param(
            replace(FACTS, merged=[9, 8], touching={9, 8}, unplanned={8}),
            (8,),
            id="who was never planned is told also that there is nothing to do",
        ),
        pytest.param(
            replace(FACTS, merged=[9, 8], touching={9}, problems=True),
            (9,),
            id="who brought specs with errors is told of them",
        ),
        pytest.param(
            replace(FACTS, merged=[9], touching={9}, unplanned={9}, told={9}, problems=True),
            (),
            id="who was never planned is told once of an occasion",
        ),
        pytest.param(
            replace(FACTS, untold=[a_run(pull_request=None)]),
            (),
            id="a push without a pull request is told on the tip alone",
        ),
        pytest.param(
            replace(FACTS, merged=[9]),
            (),
            id="a merge that concerns nothing here is not told that there is nothing to do",
        ),
        pytest.param(
            replace(FACTS, merged=[9, 7], concerned={7, 9}, told={7}),
            (9,),
            id="who was told of this occasion is not told again",
        ),
        pytest.param(
            replace(FACTS, untold=[a_run()], told={7}),
            (7,),
            id="who was told of this occasion is still told of a run that is new",
        ),
        pytest.param(
            replace(FACTS, touched=[a_run("h", HELD)], merged=[9, 7], concerned={7, 9}),
            (9,),
            id="who was told of a held run is not told again, others are",
        ),
        pytest.param(
            replace(FACTS, touched=[a_run("h", HELD)], merged=[9]),
            (),
            id="a hold that was told before is no news for the last merge",
        ),
        pytest.param(
            replace(
                FACTS, touched=[a_run("h", HELD, pull_request=None)], merged=[9], concerned=[9]
            ),
            (9,),
            id="a hold of no pull request keeps nobody from being told",
        ),
        pytest.param(
            replace(FACTS, asked_on={4}, problems=True), (4,), id="who asked for the apply is told"
        ),
        pytest.param(
            replace(FACTS, also=4, problems=True), (4,), id="a closed pull request is told"
        ),
        pytest.param(
            replace(FACTS, also=7, touched=[a_run("h", HELD)], problems=True),
            (),
            id="a closed pull request is not told twice of one hold",
        ),
        pytest.param(
            replace(FACTS, asked_on={4}, told={4}, problems=True),
            (),
            id="who asked for the apply is told once",
        ),
        pytest.param(
            replace(FACTS, asked_on={4}, told={4}, untold=[a_run(pull_request=None)]),
            (4,),
            id="who released what a sweep applied is told, also where this tip was told as held",
        ),
        pytest.param(
            replace(FACTS, asked_on={7}, touched=[a_run("h", HELD)], problems=True),
            (7,),
            id="who asked for the apply is told though another stack is still held there",
        ),
    ],
)
def test_the_pull_requests_that_are_told(facts: ReportFacts, numbers: tuple[int, ...]) -> None:
    assert apply_report(facts).numbers == numbers


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param(FACTS, False, id="nothing done"),
        pytest.param(replace(FACTS, untold=[a_run()]), True, id="something done"),
        pytest.param(replace(FACTS, touched=[a_run("h", HELD)]), True, id="still held"),
        pytest.param(replace(FACTS, touched=[a_run()]), False, id="told already"),
        pytest.param(replace(FACTS, problems=True), True, id="something could not be tried"),
        pytest.param(replace(FACTS, recheck=True), True, id="somebody asked to run it again"),
    ],
)
def test_whether_the_check_of_the_tip_has_something_to_say(
    facts: ReportFacts, expected: bool
) -> None:
    assert apply_report(facts).sets_check is expected


def test_a_held_run_that_is_told_now_is_not_told_again_in_the_same_comment() -> None:
    held = a_run("h", HELD)
    told = apply_report(replace(FACTS, untold=[held], touched=[held]))
    assert (says(told.reported), told.again) == (["h"], ())


def test_a_result_is_named_after_its_oldest_run_so_that_a_second_try_edits_the_same_comment() -> (
    None
):
    untold = [a_run("a", FAILED), a_run("b")]
    assert apply_report(replace(FACTS, untold=untold)).subject == "a"
    assert apply_report(FACTS).subject == "tip"


def test_all_untold_runs_count_as_told_afterwards_also_those_that_others_speak_for() -> None:
    untold = [a_run("died", FAILED, tip=EARLIER_TIP), a_run("rest")]
    assert apply_report(replace(FACTS, untold=untold)).done == ("died", "rest")


def ended(*untold: Run) -> dict[Sha, DeploymentState]:
    ends = apply_report(replace(FACTS, untold=untold)).deployments
    assert len({end.tip for end in ends}) == len(ends)
    return {end.tip: end.state for end in ends}


SUCCESS, FAILURE = DeploymentState.SUCCESS, DeploymentState.FAILURE


@pytest.mark.parametrize(
    ("untold", "deployments"),
    [
        pytest.param([a_run()], {TIP: SUCCESS}, id="an apply that did something"),
        pytest.param([a_run(does=False)], {}, id="an apply with nothing to do has no deployment"),
        pytest.param([a_run(status=HELD)], {}, id="a held apply has begun none"),
        pytest.param([a_run(status=FAILED)], {TIP: FAILURE}, id="an apply that failed"),
        pytest.param(
            [a_run("a"), a_run("b", FAILED, stack=stack_id("db"))],
            {TIP: FAILURE},
            id="one failed stack fails the deployment of all",
        ),
        pytest.param(
            [a_run("died", FAILED), a_run("rest", does=False)],
            {TIP: SUCCESS},
            id="a rest with nothing left to do ends the deployment of what was done",
        ),
        pytest.param(
            [a_run("died", FAILED), a_run("rest", HELD)],
            {TIP: FAILURE},
            id="an apply that died and whose rest is held does not stay in progress",
        ),
        pytest.param(
            [a_run("a", tip=EARLIER_TIP), a_run("b")],
            {EARLIER_TIP: SUCCESS, TIP: SUCCESS},
            id="each tip that was applied",
        ),
        pytest.param(
            [a_run("died", FAILED, tip=EARLIER_TIP), a_run("rest")],
            {TIP: SUCCESS, EARLIER_TIP: FAILURE},
            id="an earlier tip's apply that died and was finished by a later tip",
        ),
        pytest.param(
            [a_run("died", FAILED, tip=EARLIER_TIP, does=False), a_run("rest")],
            {TIP: SUCCESS},
            id="an earlier tip's apply that died with nothing to do",
        ),
        pytest.param(
            [a_run("held", HELD, tip=EARLIER_TIP), a_run("rest")],
            {TIP: SUCCESS},
            id="an earlier tip's held apply has begun none",
        ),
    ],
)
def test_how_deployments_end(untold: list[Run], deployments: dict[Sha, DeploymentState]) -> None:
    assert ended(*untold) == deployments


@pytest.mark.parametrize(
    ("facts", "state", "words"),
    [
        pytest.param({}, SUCCESS, "dev is as the commit says", id="the whole environment"),
        pytest.param(
            {"waiting": {"db", "cache"}},
            FAILURE,
            "dev is not as the commit says yet; waiting: cache, db",
            id="other stacks are held or blocked",
        ),
        pytest.param(
            {"problems": True},
            FAILURE,
            "dev is not as the commit says: its specs have errors",
            id="a spec could not be read",
        ),
    ],
)
def test_a_deployment_is_a_success_only_when_the_whole_environment_is_as_the_commit_says(
    facts: dict[str, Any], state: DeploymentState, words: str
) -> None:
    """False green: a word about the environment that was computed from what was applied alone."""
    (end,) = apply_report(replace(FACTS, untold=[a_run()], **facts)).deployments
    assert (end.state, end.words) == (state, words)


def test_a_deployment_says_how_it_ended_and_what_to_do() -> None:
    untold = [a_run("died", FAILED, tip=EARLIER_TIP), a_run("rest")]
    done, superseded = apply_report(replace(FACTS, untold=untold)).deployments
    assert done.words == "dev is as the commit says"
    assert superseded.words.startswith("superseded by 11111111")
    early, _ = apply_report(
        replace(FACTS, untold=[a_run("a", tip=EARLIER_TIP), a_run("b")], waiting={"db"})
    ).deployments
    assert (early.state, early.words) == (SUCCESS, "applied to dev; 11111111 came after it")
    (failed,) = apply_report(replace(FACTS, untold=[a_run(status=FAILED)])).deployments
    assert failed == DeploymentEnd(
        tip=TIP,
        state=FAILURE,
        words="dev failed; `/apply dev` on the merged pull request tries again",
    )


def test_a_pull_request_is_told_whole_only_what_is_its_own_or_nobodys() -> None:
    """The kind: a comment in which one's own result is lost among those of other pull requests."""
    runs = [
        a_run("mine", pull_request=7),
        a_run("other", HELD, stack=stack_id("db"), pull_request=8),
        a_run("nobodys", stack=stack_id("dns"), pull_request=None),
    ]
    said = apply_report(replace(FACTS, untold=runs))
    assert says(told_whole(said, 7, (), asked=False)) == ["mine", "nobodys"]
    assert says(told_whole(said, 8, (), asked=False)) == ["other", "nobodys"]
    # Two were merged within seconds: what their plans do together is told on both.
    assert says(told_whole(said, 7, [stack_id("db")], asked=False)) == ["mine", "other", "nobodys"]
    assert says(told_whole(said, 7, (), asked=True)) == ["mine", "other", "nobodys"]
