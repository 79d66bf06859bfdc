"""Webhooks may come twice, in any order, or not at all."""

from __future__ import annotations

import random
import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from gitbot.model.runs import RunStatus
from gitbot.model.said import Topic, TopicKind
from gitbot_sandbox.aws import Fault, FaultKind
from gitbot_sandbox.github import Fault as GitHubFault
from gitbot_sandbox.github.entities import Comment
from gitbot_sandbox.sandbox import ADMIN, READER, WRITER, eventually
from gitbot_sandbox.stage import ANSWER
from tests.e2e.specs import bucket, group
from tests.fault.server_world import (
    APPLIED,
    Bench,
    Stages,
    benches_here,
    serving,
    stores,
    trainer,
)

pytestmark = pytest.mark.story

Act = Callable[[Bench], None]
MANY = 10**6
DIGEST = re.compile(r" [0-9a-f]{16}$")


@pytest.fixture(scope="module")
def stages(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stages]:
    needed = 2 + benches_here(request)  # one test takes two others
    with serving(tmp_path_factory.mktemp("deliveries"), "post", needed, {}) as sandbox:
        yield Stages(sandbox)


@pytest.fixture
def bench(stages: Stages) -> Bench:
    return stages.next()


# --- the story: acts between which everything comes to rest


def open_three(bench: Bench) -> None:
    for name, text in (("a", group("a")), ("b", bucket("b")), ("c", group("c"))):
        bench.open(name, name, {f"specs/dev/{name}.yaml": text})
    more = {"specs/dev/a.yaml": group("a", "198.51.100.1/32")}
    bench.github.push_files(bench.name, "a", more, WRITER, message="Another address")
    bench.github.approve(bench.name, bench.pulls["a"], ADMIN)


def talk(bench: Bench) -> None:
    say(bench, "a", WRITER, "/help")
    say(bench, "b", WRITER, "A word.\n/plan\n/aply dev")
    say(bench, "b", READER, "/apply dev")
    say(bench, "c", WRITER, "/apply dev")
    bench.github.review(bench.name, bench.pulls["b"], ADMIN, "COMMENT", "Fine")


def merge_three(bench: Bench) -> None:
    for name in "abc":
        bench.github.merge(bench.name, bench.pulls[name], ADMIN, method="squash")


def propose_an_end(bench: Bench) -> None:
    say(bench, "b", ADMIN, "/apply dev")
    bench.open("d", "Remove a", {"specs/dev/a.yaml": None})
    bench.open("e", "Never merged", {"specs/dev/e.yaml": group("e")})


def claim_for_nothing(bench: Bench) -> None:
    say(bench, "e", WRITER, "/apply dev")


def end(bench: Bench) -> None:
    bench.merge(bench.pulls["d"])
    bench.github.close(bench.name, bench.pulls["e"], WRITER)


def release(bench: Bench) -> None:
    held = bench.said(bench.pulls["e"], APPLIED)[-1].body
    (digest,) = set(re.findall(r"/apply dev ([0-9a-f]{16})", held))
    say(bench, "e", ADMIN, f"/apply dev {digest}")


STORY: tuple[Act, ...] = (
    open_three,
    talk,
    merge_three,
    propose_an_end,
    claim_for_nothing,
    end,
    release,
)


def say(bench: Bench, branch: str, author: str, text: str) -> int:
    return bench.github.comment(bench.name, bench.pulls[branch], author, text)


# --- what came of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """Everything that a story brought about, without what differs from repository to repository."""

    objects: list[str]
    said: Counter[tuple[int, str]]
    reactions: Counter[tuple[int, str, str]]
    deployments: Counter[tuple[str, str]]
    applies: Counter[tuple[str, str, int | None]]
    checks: Counter[str]


def effects(bench: Bench) -> Effects:
    # A deployment gets its end a moment after the comment that tells of it.
    with suppress(TimeoutError):
        eventually(lambda: ("dev", "in_progress") not in bench.deployments())
    numbers = bench.pulls.values()
    comments = [c for n in numbers for c in bench.github.comments(bench.name, n)]
    mine = [c for c in comments if c.author == bench.sandbox.app.login]
    clients = bench.sandbox.aws.client("ec2"), bench.sandbox.aws.client("s3")
    names = [g["GroupName"] for g in clients[0].describe_security_groups()["SecurityGroups"]]
    names += [b["Name"] for b in clients[1].list_buckets()["Buckets"]]
    prefix = f"{bench.project}-"
    return Effects(
        objects=sorted(n.removeprefix(prefix) for n in names if n.startswith(prefix)),
        said=Counter((c.number, gist(c)) for c in mine),
        reactions=Counter(
            (c.number, DIGEST.sub("", c.body), r.content) for c in comments for r in c.reactions
        ),
        deployments=bench.deployments(),
        applies=Counter((r.stack.name, r.status.value, r.pull_request) for r in bench.applies()),
        checks=Counter(
            f"{run.name} {run.conclusion}"
            for run in bench.github.repository(bench.name).check_runs.values()
        ),
    )


def gist(comment: Comment) -> str:
    """Of which kind a comment is, and the outcomes that it tells of."""
    kind = next(kind for kind in TopicKind if Topic(kind=kind).opening in comment.body)
    outcomes = re.findall(r"✓ Applied|✓ Nothing to do|⏸ Held|✗ Failed|⚠ Not applied", comment.body)
    return " ".join([kind, *outcomes])


def deliver_in_order(bench: Bench) -> None:
    bench.github.courier.release()


class Storm:
    """Sends what was held back in any order, and around it some of what had been sent before."""

    def __init__(self) -> None:
        self._random = random.Random(20261123)

    def __call__(self, bench: Bench) -> None:
        courier = bench.github.courier
        repository = bench.github.repository(bench.name).id
        old = {d.guid: d.id for d in courier.deliveries() if d.repository_id == repository}
        again = self._random.sample(sorted(old.values()), min(len(old), 12))
        for number in again[::2]:
            courier.redeliver(number)
        courier.release(shuffle_seed=self._random.randrange(MANY), copies=2)
        for number in again[1::2]:
            courier.redeliver(number)


def play(bench: Bench, deliver: Callable[[Bench], None]) -> Effects:
    for act in STORY:
        bench.github.courier.hold()
        act(bench)
        deliver(bench)
        bench.quiet()
    return effects(bench)


@pytest.mark.full
def test_duplicate_and_shuffled_deliveries_have_the_effects_of_one_ordered_delivery_each(
    stages: Stages,
) -> None:
    calm, stormy = stages.next(), stages.next()
    wanted = play(calm, deliver_in_order)
    assert wanted.objects == ["dev-b", "dev-c"], wanted
    stormy.github.courier.duplicate(3)
    try:
        got = play(stormy, Storm())
    finally:
        stormy.github.courier.duplicate(1)
    repository = stormy.github.repository(stormy.name).id
    sent = [d for d in stormy.github.courier.deliveries() if d.repository_id == repository]
    assert len(sent) >= 200
    assert min(Counter(d.guid for d in sent).values()) >= 3
    # 0: the machine was too busy to answer within GitHub's ten seconds. It was heard all the same.
    assert {202} <= {d.status_code for d in sent} <= {202, 0}
    assert got == wanted
    stormy.assert_whole(2)


# --- lost webhooks


def test_a_starting_server_finds_what_happened_while_none_ran(bench: Bench) -> None:
    merged = bench.planned("merged", {"specs/dev/m.yaml": group("m")})
    commented = bench.planned("commented", {"specs/dev/c.yaml": group("c")})
    bench.quiet()
    bench.sandbox.stop_server()
    bench.github.comment(bench.name, commented, READER, "/apply dev")
    helped = bench.github.comment(bench.name, commented, WRITER, "/help")
    bench.merge(merged)
    opened = bench.open("opened", "Opened", {"specs/dev/o.yaml": bucket("o")})
    assert bench.github.courier.wait_idle()
    bench.sandbox.start_server()
    assert "1 to create" in bench.plan_comment(opened).body
    assert "✓ Applied" in bench.comment(merged, APPLIED).body
    bench.answer(commented, helped)
    bench.quiet()
    assert len(bench.said(commented, ANSWER)) == 2
    bench.assert_whole(1)


def test_without_any_webhook_the_sweep_finds_every_step_of_a_story(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    root = tmp_path_factory.mktemp("sweep")
    with serving(root, "swept", 1, {"GITBOT_SWEEP_S": "1"}) as sandbox:
        bench = Stages(sandbox).next()
        sandbox.github.courier.drop(MANY)
        number = bench.planned("g", {"specs/dev/g.yaml": group("g")})
        bench.github.comment(bench.name, number, WRITER, "/apply dev")
        assert "✓ Applied" in bench.comment(number, APPLIED, "before the merge").body
        bench.github.close(bench.name, number, WRITER)
        held = bench.comment(number, APPLIED, "closed unmerged").body
        (digest,) = set(re.findall(r"/apply dev ([0-9a-f]{16})", held))
        bench.github.comment(bench.name, number, ADMIN, f"/apply dev {digest}")
        eventually(lambda: bench.live() == [], what="the way back")
        bench.comment(number, APPLIED, "1 deleted")
        other = bench.planned("b", {"specs/dev/b.yaml": bucket("b")})
        bench.merge(other)
        assert "✓ Applied" in bench.comment(other, APPLIED).body
        lost = sandbox.github.courier.deliveries()
        assert lost
        assert all(d.error for d in lost)
        assert len(bench.said(number, APPLIED)) == 3
        assert len(bench.said(other, APPLIED)) == 1
        bench.assert_whole(1)


def test_the_sweep_deletes_what_github_made_late_and_twice(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    root = tmp_path_factory.mktemp("late")
    with serving(root, "late", 1, {"GITBOT_SWEEP_S": "1"}) as sandbox:
        bench = Stages(sandbox).next()
        number = bench.planned("b", {"specs/dev/b.yaml": bucket("b")})
        faults = sandbox.github.faults
        paths = ("*/deployments", "*/comments")
        for path in paths:  # made long after the apply is over
            faults.add(GitHubFault(kind="late", method="POST", path=path, delay_s=6))
        bench.merge(number)
        told = bench.comment(number, APPLIED)
        for path in paths:
            eventually(
                lambda path=path: any(each.fault == "late" for each in faults.calls("POST", path)),
                what=path,
            )
        eventually(lambda: len(faults.calls("DELETE")) == 2, what="the sweep")
        bench.quiet()
        assert bench.said(number, APPLIED) == [told]
        assert bench.deployments() == {("dev", "success"): 1}
        assert len(faults.calls("DELETE")) == 2


# --- lost jobs


def write(path: Path, statement: str, *values: object) -> int:
    """Change rows behind the server's back; how many."""
    connection = sqlite3.connect(path, timeout=10)
    try:
        with connection:
            return connection.execute(statement, values).rowcount
    finally:
        connection.close()


def lose(bench: Bench, job: str) -> None:
    """The job has been put off and is not tried again, as after its last attempt."""
    statement = (
        "UPDATE workflow_status SET status = 'CANCELLED', queue_name = NULL"
        " WHERE workflow_uuid LIKE ? AND status = 'DELAYED'"
    )
    path = bench.sandbox.data / "jobs.db"
    eventually(lambda: write(path, statement, f"{job}:%{bench.key()}%"), what="a job put off")


def grow_old(bench: Bench) -> None:
    """All that was shown and said was so a quarter of an hour earlier."""
    path = bench.sandbox.data / "gitbot.db"
    shown = "strftime('%Y-%m-%d %H:%M:%f000', shown_at, '-15 minutes')"
    write(path, f"UPDATE runs SET shown_at = {shown} WHERE shown_at IS NOT NULL")
    written = "strftime('%Y-%m-%d %H:%M:%f000', written_at, '-15 minutes')"
    write(path, f"UPDATE commands SET written_at = {written}")


@pytest.mark.full
def test_the_sweep_finishes_an_accepted_apply_whose_job_gave_up_and_reports_it_once(
    bench: Bench,
) -> None:
    number = bench.planned("g", {"specs/dev/g.yaml": group("g")})
    bench.quiet()
    with stores(bench.sandbox) as (records, state):
        lease = state.acquire(bench.key(), "elsewhere", timedelta(minutes=5))
        say(bench, "g", WRITER, "/apply dev")
        lose(bench, "apply-pr")
        (command,) = records.commands.open(bench.key().repository)
        state.release(lease)
        grow_old(bench)
        bench.sandbox.stop_server()
        bench.sandbox.start_server()
        assert "✓ Applied" in bench.comment(number, APPLIED, "before the merge").body
        bench.quiet()
        assert records.commands.open(bench.key().repository) == ()
        assert records.commands.get(command.ref).answer is None
    bench.sandbox.stop_server()
    bench.sandbox.start_server()
    bench.quiet()
    assert len(bench.said(number, APPLIED)) == 1
    bench.assert_whole(1)


@pytest.mark.full
def test_the_sweep_finishes_a_release_whose_job_gave_up_and_reports_it_once(bench: Bench) -> None:
    for branch, text in (("b", bucket("b")), ("gone", None)):
        number = bench.planned(branch, {"specs/dev/b.yaml": text})
        bench.merge(number)
        body = bench.comment(number, APPLIED).body
    bench.quiet()
    (digest,) = set(re.findall(r"/apply dev ([0-9a-f]{16})", body))
    with stores(bench.sandbox) as (records, state):
        lease = state.acquire(bench.key(), "elsewhere", timedelta(minutes=5))
        say(bench, "gone", ADMIN, f"/apply dev {digest}")
        lose(bench, "apply-for")
        state.release(lease)
        grow_old(bench)
        bench.sandbox.stop_server()
        bench.sandbox.start_server()
        bench.comment(number, APPLIED, "1 deleted")
        bench.quiet()
        assert records.commands.open(bench.key().repository) == ()
    bench.sandbox.stop_server()
    bench.sandbox.start_server()
    bench.quiet()
    assert len(bench.said(number, APPLIED)) == 2
    bench.assert_whole(0)


# --- what dead processes left


@pytest.mark.full
def test_runs_left_running_on_an_up_to_date_stack_are_closed_as_state_says(
    bench: Bench,
) -> None:
    for branch, text in (("first", bucket("b")), ("second", bucket("b", "Suspended"))):
        number = bench.planned(branch, {"specs/dev/b.yaml": text})
        bench.merge(number)
        bench.comment(number, APPLIED)
    bench.quiet()
    bench.sandbox.kill_server()
    path, ours = bench.sandbox.data / "gitbot.db", "WHERE repository = ?"
    repository = bench.key().repository
    undone = "status = 'running', finished_at = NULL, shown_at = NULL"
    assert write(path, f"UPDATE runs SET {undone} {ours} AND kind = 'apply'", repository) == 2
    write(path, f"DELETE FROM applied_tips {ours}", repository)
    bench.sandbox.start_server()
    eventually(
        lambda: [run.status for run in bench.applies()] == [RunStatus.FAILED, RunStatus.APPLIED],
        what="the end of both runs",
    )
    bench.quiet()
    earlier, newest = bench.applies()
    with stores(bench.sandbox) as (records, _):
        result = records.runs.result(newest.id)
    assert result is not None
    assert result.done
    assert None not in (earlier.shown_at, newest.shown_at)
    bench.assert_whole(1)


@pytest.mark.full
def test_the_deployment_of_a_crashed_apply_ends_although_the_tip_has_moved(
    bench: Bench,
) -> None:
    died = bench.planned("t", {"specs/dev/t.yaml": trainer()})
    other = bench.planned("o", {"specs/dev/o.yaml": group("o")})
    lost = Fault(kind=FaultKind.LOST_REPLY, operation="RunInstances", count=None)
    bench.sandbox.aws.inject(lost)
    bench.merge(died)
    eventually(bench.machines, what="the instance whose start nobody heard of")
    bench.sandbox.kill_server()
    bench.sandbox.aws.clear_faults()
    bench.merge(other)
    bench.sandbox.start_server()
    for number in (died, other):
        bench.comment(number, APPLIED)
    bench.quiet()
    assert bench.deployments() == {("dev", "failure"): 1, ("dev", "success"): 1}
    bench.assert_whole(3)
