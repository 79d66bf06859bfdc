"""A plan that somebody asked for is kept with its answer, for a while."""

from __future__ import annotations

from dataclasses import replace

from gitbot.model.asked_plans import AskedPlan, AskedStatus, PlanAnswer
from gitbot.ports.records import Records
from tests.contract.records_world import DAY, HEAD, NOON

ASKED = AskedPlan(
    id="f00d",
    repository="7",
    environment="dev",
    commit=HEAD,
    stacks=("web", "db"),
    asked_by="ada",
    account=12,
    asked_at=NOON,
)
ANSWER = PlanAnswer(
    text="dev/web\né",
    styles=("bold", ""),
    plan={"plans": [{"digest": "d"}]},
    changes=True,
    unread={"db": "no"},
    pull_request=3,
    digests={"dev/web": "d"},
)


def test_a_plan_is_asked_for_begun_and_answered_once(records: Records) -> None:
    plans = records.asked_plans
    assert plans.get("f00d") is None
    plans.ask(ASKED)
    plans.ask(replace(ASKED, asked_by="eve"))
    assert plans.get("f00d") == ASKED
    assert plans.answer("f00d") is None
    plans.begin("f00d")
    assert plans.get("f00d") == replace(ASKED, status=AskedStatus.RUNNING)
    plans.end("f00d", ANSWER)
    assert plans.answer("f00d") == ANSWER
    # A job that runs again after a crash changes no answer that was given.
    plans.begin("f00d")
    plans.end("f00d", PlanAnswer(error="late"))
    assert plans.get("f00d") == replace(ASKED, status=AskedStatus.DONE)
    assert plans.answer("f00d") == ANSWER


def test_an_error_is_an_answer_and_old_ones_go(records: Records) -> None:
    plans = records.asked_plans
    plans.ask(ASKED)
    plans.end("f00d", PlanAnswer(error="it conflicts", diagnostics=({"code": "x"},)))
    found = plans.get("f00d")
    assert found is not None
    assert found.status is AskedStatus.FAILED
    plans.ask(replace(ASKED, id="new", asked_at=NOON + DAY))
    assert plans.prune(DAY, NOON + DAY) == 0
    assert plans.prune(DAY, NOON + DAY + DAY) == 1
    assert plans.get("f00d") is None
    assert plans.get("new") is not None
