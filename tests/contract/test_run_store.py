"""What every run store promises; so far there is the SQL one, here on SQLite files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from gitbot.adapters.run_store import DELIVERIES_KEPT, SqlRunStore
from gitbot.model.run import Claim, Command, CommandStatus, Run, RunKind, RunStatus
from sqlalchemy.engine import Engine

from gitbot.adapters import tables
from gitbot.adapters.stores.database import open_database
from gitbot.errors import InvariantError
from gitbot.model.names import Address, EnvironmentKey, Sha, StackId
from gitbot.model.plan import Action, Change, PathChange, Plan, ResourceFailure, WalkResult
from gitbot.model.values import Sensitive, sha256_hex

DEV = EnvironmentKey(repository="7", environment="dev")
STACK = StackId(repository="7", environment="dev", name="trainer", region="eu-west-1")
OTHER = replace(STACK, name="bucket")
NOON = datetime(2026, 5, 1, 12, 0, 0, 123456, tzinfo=UTC)
SECOND = timedelta(seconds=1)
HEAD = Sha("a" * 40)
TIP = Sha("b" * 40)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = open_database(tmp_path / "gitbot.db")
    yield made
    made.dispose()


@pytest.fixture
def store(engine: Engine) -> SqlRunStore:
    return SqlRunStore(engine)


def plan(**more: Any) -> Plan:
    return Plan(
        stack=STACK,
        account="123456789012",
        commit=TIP,
        serial=3,
        lineage="l",
        desired_hash="h",
        digest="d" * 64,
        **{
            "changes": (
                Change(
                    address=Address("bucket"),
                    type="AWS::S3::Bucket",
                    action=Action.CREATE,
                    paths=(PathChange(path="/BucketName", after="b", added=True),),
                ),
            ),
            **more,
        },
    )


def run(id_: str = "run-1", **more: Any) -> Run:
    return Run(
        **{
            "id": id_,
            "kind": RunKind.PLAN,
            "stack": STACK,
            "commit": Sha("c" * 40),
            "head": HEAD,
            "tip": TIP,
            "pull_request": 5,
            "status": RunStatus.RUNNING,
            "digest": None,
            "reviewed_digest": None,
            "actor": "ana",
            "plan": None,
            "result": None,
            "error": None,
            "started_at": NOON,
            "finished_at": None,
            **more,
        }
    )


def command(comment: int = 100, line: int = 0, **more: Any) -> Command:
    return Command(
        **{
            "comment": comment,
            "line": line,
            "repository": "7",
            "pull_request": 5,
            "author": "ana",
            "verb": "apply",
            "environment": "dev",
            "digest": "12345678",
            "written_at": NOON,
            **more,
        }
    )


def claim(stack: StackId = STACK, pull_request: int = 5, **more: Any) -> Claim:
    return Claim(
        stack=stack,
        pull_request=pull_request,
        **{"claimed_by": "ana", "claimed_at": NOON, "head": HEAD, **more},
    )


# --- deliveries ------------------------------------------------------------------------------------


def test_a_delivery_is_new_once(store):
    assert store.hear_delivery("d-1", "push", NOON)
    assert not store.hear_delivery("d-1", "push", NOON + SECOND)
    assert store.hear_delivery("d-2", "push", NOON)


def test_of_many_threads_that_hear_a_delivery_one_acts(store):
    with ThreadPoolExecutor(8) as pool:
        heard = list(pool.map(lambda _: store.hear_delivery("d-1", "push", NOON), range(16)))

    assert heard.count(True) == 1


def test_deliveries_are_kept_for_longer_than_github_sends_them_again(store):
    store.hear_delivery("d-1", "push", NOON)

    assert timedelta(days=7) < DELIVERIES_KEPT
    assert not store.hear_delivery("d-1", "push", NOON + DELIVERIES_KEPT)
    assert store.hear_delivery("d-1", "push", NOON + DELIVERIES_KEPT + SECOND)


# --- runs ------------------------------------------------------------------------------------------


def test_every_field_of_a_run_is_kept(store):
    full = run(
        kind=RunKind.APPLY,
        status=RunStatus.APPLIED,
        digest="d",
        reviewed_digest="r",
        plan=plan(),
        result=WalkResult(
            done=((Address("bucket"), Action.CREATE),),
            failures=(ResourceFailure(address=Address("x"), action=Action.UPDATE, message="no"),),
            outputs={"name": "b"},
            interrupted=True,
        ),
        error="it broke",
        finished_at=NOON + SECOND,
        epoch=4,
        shown_at=NOON,
    )
    assert all(getattr(full, item.name) is not None for item in fields(full))

    store.add_run(full)

    assert store.run("run-1") == full


def test_a_run_may_lack_what_is_not_known_yet(store):
    bare = run(pull_request=None, head=None)
    store.add_run(bare)

    assert store.run("run-1") == bare
    assert store.run("run-2") is None


def test_adding_a_run_again_leaves_it_as_it_is(store):
    store.add_run(run())
    store.update_run("run-1", RunStatus.PLANNED, at=NOON, plan=plan())

    store.add_run(run(actor="bob"))

    found = store.run("run-1")
    assert (found.status, found.actor) == (RunStatus.PLANNED, "ana")
    assert len(store.runs_of_stack(STACK)) == 1


def test_an_update_leaves_what_it_does_not_name(store):
    store.add_run(run(kind=RunKind.APPLY, reviewed_digest="r"))

    store.update_run("run-1", RunStatus.RUNNING, at=NOON, plan=plan(), epoch=3)
    running = store.run("run-1")
    assert (running.plan, running.digest, running.epoch) == (plan(), "d" * 64, 3)
    assert running.finished_at is None

    store.update_run(
        "run-1", RunStatus.FAILED, at=NOON + SECOND, result=WalkResult(), error="denied"
    )
    assert store.run("run-1") == replace(
        running,
        status=RunStatus.FAILED,
        result=WalkResult(),
        error="denied",
        finished_at=NOON + SECOND,
    )


@pytest.mark.parametrize(
    "final", [RunStatus.APPLIED, RunStatus.FAILED, RunStatus.SUPERSEDED, RunStatus.RELEASED]
)
def test_a_final_run_is_left_alone(store, final):
    store.add_run(run(status=final, finished_at=NOON))

    store.update_run("run-1", RunStatus.RUNNING, at=NOON + SECOND, error="late", plan=plan())

    assert store.run("run-1") == run(status=final, finished_at=NOON)


@pytest.mark.parametrize("status", [RunStatus.PLANNED, RunStatus.HELD])
def test_a_planned_or_held_run_can_still_be_superseded(store, status):
    store.add_run(run(status=status, finished_at=NOON))

    store.update_run("run-1", RunStatus.SUPERSEDED, at=NOON + SECOND)

    assert store.run("run-1").status is RunStatus.SUPERSEDED


def test_an_update_of_no_run_is_a_bug(store):
    with pytest.raises(InvariantError, match="run-9"):
        store.update_run("run-9", RunStatus.FAILED, at=NOON)


def test_a_large_plan_is_compressed_and_given_back_whole(store, engine):
    changes = tuple(
        Change(
            address=Address(f"bucket_{number}"),
            type="AWS::S3::Bucket",
            action=Action.CREATE,
            paths=(PathChange(path="/BucketName", after="b" * 100, added=True),),
        )
        for number in range(400)
    )
    large = plan(changes=changes)
    store.add_run(run(plan=large, digest=large.digest))
    store.add_run(run("small", plan=plan()))

    assert store.run("run-1").plan == large
    with engine.connect() as connection:
        packed = connection.scalar(sa.text("SELECT length(plan) FROM runs WHERE id = 'run-1'"))
        raw = connection.scalar(sa.text("SELECT plan FROM runs WHERE id = 'small'"))
    assert packed < 32 * 1024
    assert json.loads(raw)["digest"] == "d" * 64


def test_a_plan_with_a_sensitive_value_is_not_written(store):
    secret = plan(
        changes=(
            Change(
                address=Address("db"),
                type="AWS::RDS::DBInstance",
                action=Action.CREATE,
                paths=(PathChange(path="/Password", after=Sensitive("hunter2"), added=True),),
            ),
        )
    )

    with pytest.raises(TypeError):
        store.add_run(run(plan=secret))
    store.add_run(run())
    with pytest.raises(TypeError):
        store.update_run("run-1", RunStatus.PLANNED, at=NOON, plan=secret)
    assert store.run("run-1") == run()


def test_runs_are_listed_by_pull_request_oldest_first_and_by_stack_newest_first(store):
    for id_, more in {
        "1": {},
        "2": {"stack": OTHER},
        "3": {"pull_request": 6},
        "4": {"stack": replace(STACK, repository="8")},
        "5": {},
    }.items():
        store.add_run(run(id_, **more))

    assert [found.id for found in store.runs_of_pull_request("7", 5)] == ["1", "2", "5"]
    assert [found.id for found in store.runs_of_stack(STACK)] == ["5", "3", "1"]
    assert [found.id for found in store.runs_of_stack(STACK, limit=2)] == ["5", "3"]


def test_times_come_back_in_utc_whatever_their_zone_was(store):
    berlin = NOON.astimezone(timezone(timedelta(hours=2)))
    store.add_run(run(started_at=berlin))

    assert store.run("run-1").started_at == NOON
    assert store.run("run-1").started_at.utcoffset() == timedelta(0)


def test_a_naive_time_is_refused(store):
    with pytest.raises(sa.exc.StatementError, match="naive"):
        store.add_run(run(started_at=NOON.replace(tzinfo=None)))


def test_held_lists_the_environments_held_applies_oldest_first(store):
    apply = {"kind": RunKind.APPLY, "status": RunStatus.HELD}
    store.add_run(run("1", **apply))
    store.add_run(run("2", **apply, stack=OTHER))
    store.add_run(run("3", **{**apply, "status": RunStatus.APPLIED}))
    store.add_run(run("4", **apply, stack=replace(STACK, environment="prod")))
    store.add_run(run("5", status=RunStatus.PLANNED))

    assert [found.id for found in store.held(DEV)] == ["1", "2"]
    store.update_run("1", RunStatus.RELEASED, at=NOON)
    assert [found.id for found in store.held(DEV)] == ["2"]


# --- shown plans -----------------------------------------------------------------------------------


def test_no_plan_is_shown_until_it_is_marked(store):
    store.add_run(run())

    assert store.shown_plan(STACK, 5) is None
    store.mark_shown(["run-1"], NOON)
    assert store.shown_plan(STACK, 5).id == "run-1"


def test_the_shown_plan_is_the_one_shown_last_of_that_stack_on_that_pull_request(store):
    for id_, more in {
        "1": {},
        "2": {},
        "other stack": {"stack": OTHER},
        "other request": {"pull_request": 6},
        "apply": {"kind": RunKind.APPLY},
        "unshown": {},
    }.items():
        store.add_run(run(id_, **more))
        if id_ != "unshown":
            store.mark_shown([id_], NOON)

    assert store.shown_plan(STACK, 5).id == "2"
    assert store.shown_plan(OTHER, 5).id == "other stack"
    assert store.shown_plan(STACK, 6).id == "other request"
    assert store.shown_plan(STACK, 7) is None


def test_of_two_plans_made_side_by_side_the_one_posted_last_is_shown(store):
    store.add_run(run("first"))
    store.add_run(run("second"))
    store.mark_shown(["second"], NOON)
    store.mark_shown(["first"], NOON + SECOND)

    assert store.shown_plan(STACK, 5).id == "first"


def test_the_plan_shown_at_an_instant_is_found_later(store):
    for number, id_ in enumerate(("1", "2", "3")):
        store.add_run(run(id_))
        store.mark_shown([id_], NOON + number * SECOND)

    def shown(at: datetime) -> str | None:
        found = store.shown_plan_before(STACK, 5, at)
        return found and found.id

    moment = timedelta(microseconds=1)
    assert shown(NOON - moment) is None
    assert shown(NOON) == "1"
    assert shown(NOON + SECOND - moment) == "1"
    assert shown(NOON + SECOND) == "2"
    assert shown(NOON + timedelta(days=1)) == "3"


def test_marking_again_does_not_move_the_instant_of_the_first_showing(store):
    store.add_run(run())
    store.mark_shown(["run-1"], NOON)
    store.mark_shown(["run-1", "no such run"], NOON + SECOND)

    assert store.shown_plan_before(STACK, 5, NOON).id == "run-1"


# --- commands --------------------------------------------------------------------------------------


def test_a_line_of_a_comment_is_one_command(store):
    assert store.add_command(command())
    assert not store.add_command(command(verb="unlock"))
    assert store.add_command(command(line=1, verb="help", environment=None, digest=None))

    assert store.commands_of_comment(100) == (
        command(),
        command(line=1, verb="help", environment=None, digest=None),
    )
    assert store.commands_of_comment(101) == ()


def test_open_commands_are_listed_oldest_first_until_they_are_answered(store):
    store.add_command(command(102, written_at=NOON + SECOND))
    store.add_command(command(101, line=1))
    store.add_command(command(101))
    store.add_command(command(103, repository="8"))
    opened = [(found.comment, found.line) for found in store.open_commands("7")]
    assert opened == [(101, 0), (101, 1), (102, 0)]

    store.answer_command(101, 0, CommandStatus.DONE, None)
    store.answer_command(101, 1, CommandStatus.REFUSED, "no right")

    assert [found.comment for found in store.open_commands("7")] == [102]
    assert store.commands_of_comment(101) == (
        command(101, status=CommandStatus.DONE),
        command(101, line=1, status=CommandStatus.REFUSED, answer="no right"),
    )


def test_the_first_answer_stays(store):
    store.add_command(command())
    store.answer_command(100, 0, CommandStatus.REFUSED, "no right")
    store.answer_command(100, 0, CommandStatus.DONE, "done")

    assert store.commands_of_comment(100)[0].answer == "no right"


# --- claims ----------------------------------------------------------------------------------------


def test_claims_are_taken_and_listed(store):
    assert store.claim([claim(), claim(OTHER)]) == {}

    assert store.claims(DEV) == (claim(OTHER), claim())
    assert store.claims_of_pull_request("7", 5) == (claim(OTHER), claim())
    assert store.claims(replace(DEV, environment="prod")) == ()
    assert store.claims_of_pull_request("7", 6) == ()


def test_all_claims_are_taken_or_none(store):
    store.claim([claim(OTHER, 6)])

    assert store.claim([claim(STACK), claim(OTHER)]) == {OTHER: claim(OTHER, 6)}

    assert store.claims(DEV) == (claim(OTHER, 6),)


def test_a_pull_request_may_claim_again_what_it_has(store):
    store.claim([claim()])
    store.close_claims("7", 5)

    again = claim(head=TIP, claimed_by="bob")
    assert store.claim([again, claim(OTHER)]) == {}

    assert store.claims(DEV) == (claim(OTHER), again)


def test_claims_of_a_closed_pull_request_still_stand(store):
    store.claim([claim()])
    store.claim([claim(OTHER, 6)])

    store.close_claims("7", 5)
    store.close_claims("8", 6)

    assert store.claims(DEV) == (claim(OTHER, 6), claim(closed=True))
    assert store.claim([claim(STACK, 6)]) == {STACK: claim(closed=True)}


def test_released_claims_are_free(store):
    store.claim([claim(), claim(OTHER)])

    store.release_claims([STACK])

    assert store.claim([claim(STACK, 6)]) == {}
    assert store.claims(DEV) == (claim(OTHER), claim(STACK, 6))
    store.release_claims([STACK, STACK, OTHER])
    assert store.claims(DEV) == ()


def test_of_pull_requests_that_claim_the_same_stacks_at_once_one_gets_them_all(store):
    stacks = [replace(STACK, name=f"s{number}") for number in range(4)]

    def attempt(number: int) -> bool:
        wanted = stacks if number % 2 else stacks[::-1]
        return not store.claim([claim(stack, number) for stack in wanted])

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(attempt, range(12)))

    assert won.count(True) == 1
    assert {found.pull_request for found in store.claims(DEV)} == {won.index(True)}
    assert len(store.claims(DEV)) == 4


# --- what is known of the forge --------------------------------------------------------------------


def test_the_first_told_pusher_of_a_head_stays(store):
    assert store.pusher("7", HEAD) is None
    store.note_push("7", HEAD, "ana")
    store.note_push("7", HEAD, "bob")
    store.note_push("8", HEAD, "eve")

    assert store.pusher("7", HEAD) == "ana"


def test_a_slot_keeps_an_id_and_the_hash_of_a_body(store):
    assert store.slot("7", 5, "plan") is None
    store.put_slot("7", 5, "plan", 2**40, "text")
    store.put_slot("7", 5, "apply:run-1", 2, "other")
    assert store.slot("7", 5, "plan") == (2**40, sha256_hex("text"))

    store.put_slot("7", 5, "plan", 3, "new")

    assert store.slot("7", 5, "plan") == (3, sha256_hex("new"))
    assert store.slot("7", 6, "plan") is None
    assert store.slot("8", 5, "plan") is None


def test_marks_of_pull_requests_and_tips_of_environments_are_the_last_ones(store):
    assert store.pull_request_mark("7", 5) is None
    assert store.applied_tip(DEV) is None
    for mark, tip in (("one", HEAD), ("two", TIP)):
        store.put_pull_request_mark("7", 5, mark)
        store.put_applied_tip(DEV, tip)

    assert store.pull_request_mark("7", 5) == "two"
    assert store.pull_request_mark("7", 6) is None
    assert store.applied_tip(DEV) == TIP
    assert store.applied_tip(replace(DEV, environment="prod")) is None


def test_a_repository_is_found_by_its_name_of_now(store):
    store.note_repository("7", "Acme/Cloud")
    assert store.repository_id("acme/cloud") == "7"

    store.note_repository("7", "acme/sky")
    assert store.repository_id("acme/cloud") is None
    assert store.repository_id("acme/sky") == "7"

    store.note_repository("8", "acme/sky")
    assert store.repository_id("acme/sky") == "8"


def test_audit_rows_are_only_ever_added(store, engine):
    for actor in ("ana", "ana", "bob"):
        store.audit(
            at=NOON, actor=actor, action="apply", subject="dev/trainer", detail={"run": "1"}
        )

    with engine.connect() as connection:
        found = connection.execute(sa.select(tables.audit).order_by("sequence")).all()
    assert [(row.actor, row.action, row.subject) for row in found] == [
        ("ana", "apply", "dev/trainer"),
        ("ana", "apply", "dev/trainer"),
        ("bob", "apply", "dev/trainer"),
    ]
    assert json.loads(found[0].detail) == {"run": "1"}
    assert found[0].at == NOON


@pytest.mark.parametrize(
    "ask",
    [
        lambda store: store.runs_of_pull_request("7", 5),
        lambda store: store.runs_of_stack(STACK),
        lambda store: store.shown_plan(STACK, 5),
        lambda store: store.held(DEV),
        lambda store: store.open_commands("7"),
        lambda store: store.commands_of_comment(100),
        lambda store: store.claims(DEV),
        lambda store: store.claims_of_pull_request("7", 5),
        lambda store: store.repository_id("acme/cloud"),
    ],
)
def test_no_query_reads_a_whole_table(store, engine, ask):
    seen: list[tuple[str, Any]] = []
    sa.event.listen(
        engine,
        "before_cursor_execute",
        lambda _c, _cursor, statement, parameters, *_: seen.append((statement, parameters)),
    )
    ask(store)
    selects = [item for item in seen if item[0].startswith("SELECT")]
    assert selects
    with engine.connect() as connection:
        for statement, parameters in selects:
            steps = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
            assert all("SCAN" not in step.detail for step in steps), steps


def test_a_held_run_is_released_once_and_by_a_named_person(store: SqlRunStore) -> None:
    store.add_run(run("apply:1", kind=RunKind.APPLY, status=RunStatus.HELD))
    store.release_run("apply:1", "ada", NOON)
    store.release_run("apply:1", "eve", NOON)
    released = store.run("apply:1")
    assert released is not None
    assert (released.status, released.actor) == (RunStatus.RELEASED, "ada")
    assert store.held(DEV) == ()
