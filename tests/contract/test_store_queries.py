"""Every query of a store reads only the rows that it returns, however long the history is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gitbot.adapters.processes import LocalProcesses
from gitbot.adapters.stores.records import sql_records
from gitbot.adapters.stores.state import SqlStateStore
from gitbot.model.asked_plans import PlanAnswer
from gitbot.model.commands import Accepted, AppliesWhat, CommandStatus, Source
from gitbot.model.drift import DriftRow, Finding
from gitbot.model.expiry import Expiry, Stage
from gitbot.model.freeze import FrozenApply, HandFreeze
from gitbot.model.logins import PendingLogin
from gitbot.model.names import RemoteId
from gitbot.model.runs import RunKind, RunStatus
from gitbot.model.said import PlannedMark, SaidComment, Showing, ShownDigest, Topic, TopicKind
from gitbot.model.time import At, Firing, Missed, Schedule, Work
from gitbot.ports.records import Records
from gitbot.ports.state import StateStore
from tests.contract.empty_database import open_empty
from tests.contract.records_world import (
    DAY,
    DEV,
    DIGEST,
    HEAD,
    NOON,
    STACK,
    TIP,
    apply,
    claim,
    command,
    plan,
    ref,
    run,
)
from tests.contract.state_world import ManualClock, resource, sql_world

PLAN = Topic(kind=TopicKind.PLAN)
SHOWING = Showing(pages=("h",), runs=("plan",))
MARK = PlannedMark(head=HEAD, tip=TIP, base_ref="main", environments={}, stacks={})

EXPIRY = Expiry(
    stack=STACK,
    stage=Stage.ACTIVE,
    born_at=NOON,
    nominal=NOON + DAY,
    expires_at=NOON + DAY,
    source="ttl: 24h",
    stage_at=NOON,
    pull_request=5,
)

FREEZE = HandFreeze(environment=DEV, by="ada", since=NOON, because="é", command="comment:1:2:0")
WAITS = FrozenApply(stack=STACK, since=NOON, why="the window `weekend`", until=NOON + DAY)
SCAN = Schedule(
    name="scan",
    environment=DEV,
    work=Work.DRIFT,
    when=At(instant=NOON),
    why="look for drift",
    missed=Missed.ONCE,
)

LOGIN = PendingLogin(device_code="c", interval_s=5, expires_at=NOON)


@dataclass(frozen=True)
class Stores:
    """All stores of one database."""

    records: Records
    state: StateStore


def expiry_of(s: Stores) -> Expiry:
    return s.records.expiries.of_stack(STACK) or EXPIRY


Ask = Callable[[Stores], Any]

# Each question and what it is expected to find. Deletes and updates look their rows up too.
ASKS: dict[str, Ask] = {
    "runs.get": lambda s: s.records.runs.get("plan"),
    "runs.plan": lambda s: s.records.runs.plan("plan"),
    "runs.result": lambda s: s.records.runs.result("plan"),
    "runs.move": lambda s: s.records.runs.move("plan", RunStatus.SUPERSEDED, at=NOON),
    "runs.release": lambda s: s.records.runs.release("apply", "ana", NOON),
    "runs.mark_shown": lambda s: s.records.runs.mark_shown(["plan", "apply"], NOON),
    "runs.of_stack": lambda s: s.records.runs.of_stack(STACK, RunKind.PLAN),
    "runs.of_stack, of statuses": lambda s: s.records.runs.of_stack(
        STACK, RunKind.APPLY, [RunStatus.APPLIED, RunStatus.FAILED], limit=1
    ),
    "runs.of_command": lambda s: s.records.runs.of_command(ref()),
    "runs.held": lambda s: s.records.runs.held(DEV),
    "runs.running": lambda s: s.records.runs.running(DEV),
    "runs.untold": lambda s: s.records.runs.untold(DEV),
    "runs.applied_by": lambda s: s.records.runs.applied_by("7", 5),
    "runs.environments_of": lambda s: s.records.runs.environments_of("7", 5),
    "runs.shown_plan": lambda s: s.records.runs.shown_plan(STACK, 5),
    "runs.shown_plan, at": lambda s: s.records.runs.shown_plan(STACK, 5, NOON),
    "runs.shown_with_digest": lambda s: s.records.runs.shown_with_digest(STACK, 5, DIGEST),
    "runs.prune": lambda s: s.records.runs.prune(DAY, NOON),
    "commands.get": lambda s: s.records.commands.get(ref()),
    "commands.of_comment": lambda s: s.records.commands.of_comment(Source.COMMENT, 100),
    "commands.first_account": lambda s: s.records.commands.first_account("7", "ana"),
    "commands.done": lambda s: s.records.commands.done("7", 7, "apply"),
    "commands.open": lambda s: s.records.commands.open("7"),
    "commands.accept": lambda s: s.records.commands.accept(
        ref(), Accepted(what=AppliesWhat.TIP, environment="dev")
    ),
    "commands.close": lambda s: s.records.commands.close(ref(), CommandStatus.DONE, None),
    "claims.of_environment": lambda s: s.records.claims.of_environment(DEV),
    "claims.of_repository": lambda s: s.records.claims.of_repository("7"),
    "claims.of_pull_request": lambda s: s.records.claims.of_pull_request("7", 5),
    "claims.close": lambda s: s.records.claims.close("7", 5),
    "claims.reopen": lambda s: s.records.claims.reopen("7", 5),
    "claims.release": lambda s: s.records.claims.release([STACK]),
    "claims.claim, twice": lambda s: [s.records.claims.claim([claim()]) for _ in "12"],
    "said.comment": lambda s: s.records.said.comment("7", 5, PLAN),
    "said.waiting_issue": lambda s: s.records.said.waiting_issue("7"),
    "said.checks": lambda s: s.records.said.checks("7", HEAD),
    "said.forget_checks": lambda s: s.records.said.forget_checks("7", HEAD, ["gitbot"]),
    "said.told": lambda s: s.records.said.told("7", "dev", "tip"),
    "said.body": lambda s: s.records.said.body("7", 5, PLAN),
    "said.comments": lambda s: s.records.said.comments("7", 5, TopicKind.PLAN),
    "said.topic_of": lambda s: s.records.said.topic_of("7", 1),
    "said.doubt": lambda s: s.records.said.doubt("7", 1),
    "pull_requests.pushers": lambda s: s.records.pull_requests.pushers("7", [HEAD]),
    "pull_requests.shown_digests": lambda s: s.records.pull_requests.shown_digests("7", 5),
    "pull_requests.give_leave": lambda s: s.records.pull_requests.give_leave("7", 5, HEAD, "c"),
    "pull_requests.fork_head": lambda s: s.records.pull_requests.fork_head("7", 5, HEAD),
    "pull_requests.showings": lambda s: s.records.pull_requests.showings("7"),
    "pull_requests.end_showing": lambda s: s.records.pull_requests.end_showing("7", 5, SHOWING),
    "pull_requests.planned": lambda s: s.records.pull_requests.planned("7", [5, 6]),
    "inbox.waiting": lambda s: s.records.inbox.waiting(9),
    "inbox.backlog": lambda s: s.records.inbox.backlog(),
    "journal.environments_of": lambda s: s.records.journal.environments_of("7"),
    "inbox.woke_since": lambda s: s.records.inbox.woke_since(NOON),
    "inbox.settle": lambda s: s.records.inbox.settle(["d"], woke_at=NOON),
    "inbox.prune": lambda s: s.records.inbox.prune(NOON),
    "journal.applied_tip": lambda s: s.records.journal.applied_tip(DEV),
    "journal.applied_times": lambda s: s.records.journal.applied_times(DEV),
    "journal.repository_id": lambda s: s.records.journal.repository_id("acme/cloud"),
    "journal.note_repository": lambda s: s.records.journal.note_repository("7", "acme/cloud"),
    "drift.of_environment": lambda s: s.records.drift.of_environment(DEV),
    "drift.of_stack": lambda s: s.records.drift.of_stack(STACK, Finding.DRIFT),
    "drift.heals": lambda s: s.records.drift.heals(STACK),
    "drift.note_heal": lambda s: s.records.drift.note_heal(STACK, NOON),
    "drift.of_issue": lambda s: s.records.drift.of_issue("7", 12),
    "expiries.of_environment": lambda s: s.records.expiries.of_environment(DEV),
    "expiries.of_stack": lambda s: s.records.expiries.of_stack(STACK),
    "expiries.of_conversation": lambda s: s.records.expiries.of_conversation("7", 5),
    "expiries.put": lambda s: s.records.expiries.put(expiry_of(s), "it expires", NOON),
    "expiries.rename": lambda s: s.records.expiries.rename(expiry_of(s), STACK, NOON),
    "expiries.deliveries": lambda s: s.records.expiries.deliveries(DEV),
    "expiries.history": lambda s: s.records.expiries.history(STACK),
    "expiries.remove": lambda s: s.records.expiries.remove(expiry_of(s), "over", NOON),
    "hours.of_environment": lambda s: s.records.hours.of_environment(DEV),
    "hours.put_machines": lambda s: s.records.hours.put_machines(STACK, {}),
    "promotions.of_target": lambda s: s.records.promotions.of_target(DEV),
    "promotions.of_pull_request": lambda s: s.records.promotions.of_pull_request("7", 5),
    "causes.of_stack": lambda s: s.records.causes.of_stack(STACK),
    "freezes.freeze, twice": lambda s: [s.records.freezes.freeze(FREEZE) for _ in "12"],
    "freezes.frozen": lambda s: s.records.freezes.frozen(DEV),
    "freezes.of_issue": lambda s: s.records.freezes.of_issue("7", 9),
    "freezes.note_issue": lambda s: s.records.freezes.note_issue(DEV, 9),
    "freezes.unfreeze": lambda s: s.records.freezes.unfreeze(DEV),
    "freezes.wait": lambda s: s.records.freezes.wait([WAITS]),
    "freezes.waiting": lambda s: s.records.freezes.waiting(DEV),
    "freezes.end_waiting": lambda s: s.records.freezes.end_waiting([STACK]),
    "freezes.withdrawn": lambda s: s.records.freezes.withdrawn(DEV),
    "freezes.end_withdrawal": lambda s: s.records.freezes.end_withdrawal([STACK]),
    "proposals.of_branch": lambda s: s.records.proposals.of_branch("7", "gitbot/a"),
    "proposals.makers": lambda s: s.records.proposals.makers("7", 5),
    "proposals.of_pull_request": lambda s: s.records.proposals.of_pull_request("7", 5),
    "schedules.replace": lambda s: s.records.schedules.replace(DEV, Work.DRIFT, [SCAN], at=NOON),
    "schedules.owners": lambda s: s.records.schedules.owners("7"),
    "schedules.of_repository": lambda s: s.records.schedules.of_repository("7"),
    "schedules.due": lambda s: s.records.schedules.due(["7", "8"], NOON),
    "schedules.fired": lambda s: s.records.schedules.fired(
        Firing(schedule=SCAN, instant=NOON), now=NOON
    ),
    "asked_plans.get": lambda s: s.records.asked_plans.get("p"),
    "asked_plans.answer": lambda s: s.records.asked_plans.answer("p"),
    "asked_plans.begin": lambda s: s.records.asked_plans.begin("p"),
    "asked_plans.end": lambda s: s.records.asked_plans.end("p", PlanAnswer()),
    "asked_plans.prune": lambda s: s.records.asked_plans.prune(DAY, NOON),
    "logins.begin": lambda s: s.records.logins.begin("h", LOGIN, NOON),
    "logins.open_until": lambda s: s.records.logins.open_until(NOON),
    "logins.find": lambda s: s.records.logins.find("h"),
    "logins.take_turn": lambda s: s.records.logins.take_turn("h", NOON),
    "logins.slow_down": lambda s: s.records.logins.slow_down("h", 10),
    "logins.end": lambda s: s.records.logins.end("h"),
    "tokens.find": lambda s: s.records.tokens.find("d"),
    "tokens.note_use": lambda s: s.records.tokens.note_use("d", NOON),
    "tokens.void": lambda s: s.records.tokens.void("d"),
    "tokens.forget_expired": lambda s: s.records.tokens.forget_expired(NOON),
    "state.lease": lambda s: s.state.lease(DEV),
    "state.read": lambda s: s.state.read(STACK),
    "state.read_all": lambda s: s.state.read_all(DEV),
    "state.headers": lambda s: s.state.headers("7"),
    "state.headers, of one environment": lambda s: s.state.headers("7", "dev"),
    "state.holders": lambda s: s.state.holders([("AWS::S3::Bucket", RemoteId("b"))]),
    "state.stacks": lambda s: s.state.stacks(DEV),
    "state.environments": lambda s: s.state.environments("7"),
}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A SQLite file with one of everything: it can tell how it looks for rows."""
    engine = open_empty(tmp_path_factory.mktemp("queries") / "gitbot.db")
    records = sql_records(engine)
    records.runs.add(run("plan", shown_at=NOON), plan())
    records.runs.add(apply("apply", RunStatus.HELD, command=ref()), plan())
    records.commands.hear(command())
    records.claims.claim([claim()])
    records.said.put_comment("7", 5, PLAN, SaidComment(comment=1, body_hash="h"), "body")
    records.said.put_check("7", HEAD, "gitbot/plan", "h")
    records.said.put_told("7", 5, "dev", "tip")
    records.pull_requests.note_push("7", [HEAD], ["ana"])
    records.proposals.note_makers("7", 5, ["ana"])
    records.pull_requests.note_shown(5, [ShownDigest(stack=STACK, digest="d", shown_at=NOON)])
    records.pull_requests.tell_fork_head("7", 5, HEAD, NOON)
    records.pull_requests.put_planned("7", 5, MARK)
    records.pull_requests.put_showing("7", 5, SHOWING)
    records.drift.put(DriftRow(stack=STACK, finding=Finding.DRIFT, issue=12))
    records.expiries.put(EXPIRY, "it expires", NOON)
    records.journal.put_applied_tip(DEV, TIP)
    records.journal.note_repository("7", "acme/cloud")
    world = sql_world(engine)
    world.store.put(world.lease(), STACK, "l", resource())
    yield engine
    engine.dispose()


def steps_of(engine: Engine, ask: Ask) -> list[str]:
    """How SQLite looks for the rows of each statement that the question makes."""
    seen: list[tuple[str, Any]] = []

    def note(_c: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        seen.append((statement, parameters))

    sa.event.listen(engine, "before_cursor_execute", note)
    ask(Stores(sql_records(engine), SqlStateStore(engine, ManualClock(), LocalProcesses())))
    sa.event.remove(engine, "before_cursor_execute", note)
    made = [each for each in seen if each[0].startswith(("SELECT", "UPDATE", "DELETE"))]
    assert made
    with engine.connect() as connection:
        return [
            step.detail
            for statement, parameters in made
            for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]


@pytest.mark.parametrize("name", ASKS)
def test_no_query_reads_a_whole_table_or_sorts_the_history(filled: Engine, name: str) -> None:
    steps = steps_of(filled, ASKS[name])

    # An index of the rows that wait alone is read whole.
    scans = [step for step in steps if "SCAN" in step and "ix_deliveries_waiting" not in step]
    assert scans == []
    # What state sorts are the rows that it returns.
    sorted_ = [step for step in steps if "TEMP B-TREE" in step]
    assert name.startswith("state.") or sorted_ == []


def test_every_query_of_the_ports_is_covered() -> None:
    """A new method is either asked here, or only inserts, or its answer is a whole small table."""
    whole = {"journal.repositories"}
    inserts = {
        "runs.add",
        "commands.hear",
        "said.put_comment",
        "said.put_waiting_issue",
        "said.put_check",
        "said.put_told",
        "pull_requests.note_push",
        "pull_requests.note_shown",
        "pull_requests.tell_fork_head",
        "pull_requests.put_planned",
        "pull_requests.put_showing",
        "inbox.put",
        "journal.put_applied_tip",
        "journal.audit",
        "drift.put",
        "expiries.deliver",
        "causes.put",
        "freezes.withdraw",
        "hours.put_command",
        "promotions.put",
        "proposals.note_makers",
        "proposals.put",
        "tokens.put",
        "asked_plans.ask",
    }
    methods = {
        f"{port}.{method}"
        for port, type_ in Records.__annotations__.items()
        for method in vars(_port(type_))
        if not method.startswith("_")
    }
    asked = {name.split(",")[0] for name in ASKS if not name.startswith("state.")}

    assert asked | inserts | whole == methods


def _port(name: str) -> type:
    from gitbot.ports import records

    found = getattr(records, name)
    assert isinstance(found, type)
    return found


@pytest.mark.parametrize(
    "statement",
    ["SELECT * FROM runs WHERE error = 'x'", "SELECT * FROM runs WHERE id > '' ORDER BY error"],
)
def test_the_check_finds_a_query_without_an_index(filled: Engine, statement: str) -> None:
    def ask(_: Stores) -> None:
        with filled.connect() as connection:
            connection.exec_driver_sql(statement)

    steps = steps_of(filled, ask)

    assert any("SCAN" in step or "TEMP B-TREE" in step for step in steps)
