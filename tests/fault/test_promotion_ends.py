"""What becomes of promotions: grouped, decided, held, reverted, deleted, and closed when nothing is left."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from gitbot.decisions.promotion.merge_gate import LATE
from gitbot.errors import TransientError, UserError
from gitbot.jobs.steps.lease import hold
from gitbot.jobs.steps.look import look
from gitbot.jobs.steps.proposals import propose
from gitbot.model.drift import DriftRow, Finding, Phase
from gitbot.model.expiry import Expiry, Stage
from gitbot.model.keys import AnswerComment, PlanPullRequest
from gitbot.model.names import Sha, StackId
from gitbot.model.proposals import Proposal
from gitbot.model.runs import Claim, RunKind, RunStatus
from gitbot_sandbox.github import Fault
from gitbot_sandbox.sandbox import ADMIN, WRITER
from tests.e2e.conftest import environment
from tests.e2e.drift_world import drift_world
from tests.e2e.drift_world import web as bucket
from tests.e2e.promotion_world import Edge
from tests.e2e.specs import group

# These are many applies and merges in one repository: too long for every run of the suite.
pytestmark = pytest.mark.full

STACKS = (
    "left",
    "one",
    "two",
    "revert",
    "close",
    "both",
    "draft",
    "pairs",
    "commits",
    "resumed",
    "person",
    "gone",
    "whole",
    "adopt",
    "three",
    "four",
)


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    """One repository for all tests; each takes stacks of its own."""
    root: Path = tmp_path_factory.mktemp("promotion")
    with drift_world(root) as made:
        stacks = {name: web(name) for name in STACKS}
        stacks["gone"] = with_second(stacks["gone"])
        stacks["soaks"] = bucket("soaks")
        yield Edge(made, stacks, ", how: merge, titlePrefix: 'ops: '")


def web(name: str, port: int = 22, words: str = "SSH from one address only") -> str:
    text = group(name).replace("FromPort: 22, ToPort: 22", f"FromPort: {port}, ToPort: {port}")
    return text.replace("SSH from one address only", words)


def with_second(text: str) -> str:
    """The stack with one more resource."""
    more = "    second:\n      type: AWS::EC2::SecurityGroup\n      properties: {GroupDescription: Second}\n"
    return text.replace("  outputs:", more + "  outputs:")


def staging(name: str) -> str:
    return f"specs/staging/{name}.yaml"


def test_nothing_is_left_when_the_source_takes_its_change_back(edge: Edge) -> None:
    assert edge.open_numbers("left") == []
    edge.dev({"left.yaml": web("left", 2222)})
    (number,) = edge.open_numbers("left")
    edge.promote()
    assert edge.open_numbers("left") == [number]
    edge.dev({"left.yaml": web("left")})
    assert edge.open_numbers("left") == []
    assert edge.promotion("left").hold is None
    assert "left: staging has everything that dev changed" in edge.said(number)[-1]


def test_a_source_that_cannot_be_read_closes_nothing(edge: Edge) -> None:
    edge.dev({"left.yaml": web("left", 3333)})
    (number,) = edge.open_numbers("left")
    edge.push({"specs/dev/left.yaml": "kind: ["})
    edge.promote()
    assert edge.open_numbers("left") == [number]
    gates = edge.gates(number)
    assert (gates.conclusion, "specs of dev have errors" in (gates.summary or "")) == (None, True)
    edge.push({"specs/dev/left.yaml": web("left", 3333)})
    edge.promote()
    assert "3333" in edge.file(number, staging("left"))


def test_what_one_merge_changed_goes_together(edge: Edge) -> None:
    edge.dev({"one.yaml": web("one", 2222), "two.yaml": web("two", 2222)})
    (number,) = edge.open_numbers("one")
    assert edge.told(number).title == "ops: Promote one, two from dev to staging"
    assert "2222" in edge.file(number, staging("one"))
    assert "2222" in edge.file(number, staging("two"))
    # Who takes its change back leaves, and the other goes on.
    edge.dev({"one.yaml": web("one")})
    assert edge.told(number).title == "ops: Promote two from dev to staging"
    assert edge.file(number, staging("one")) == web("one")
    assert edge.promotion("one").live is None
    edge.merge(number, "staging")
    edge.promote()
    assert edge.promotion("one").hold is None


def test_what_was_opened_before_another_merge_brings_nothing_of_it(edge: Edge) -> None:
    """GitHub's base of a pull request does not move with the branch."""
    opened = edge.open({"specs/dev/three.yaml": web("three", 2222)})
    changed = edge.dev({"four.yaml": web("four", 2222)})
    edge.merge(opened, "dev")
    edge.promote()
    for stack, origin in (("three", opened), ("four", changed)):
        assert edge.origins(stack) == (origin,)
    assert edge.open_numbers("three") != edge.open_numbers("four")


def test_nobody_waives_the_soak_of_what_nobody_is_known_to_have_made(edge: Edge) -> None:
    opened = edge.dev({"three.yaml": web("three", 3333)})
    (number,) = edge.open_numbers("three")
    assert "Not everybody who made it is known" in edge.told(number).body
    assert "nobody can waive its soak" in edge.answer(number, "/promote approve")
    origins = {opened, *edge.origins("three")}
    heads = {Sha(edge.github.pull_request(edge.name, one).head_sha) for one in origins}
    edge.world.ports.records.pull_requests.note_push(edge.id, heads, {"dora"})
    assert "needs no verification" in edge.answer(number, "/promote approve")
    live = edge.promotion("three").live
    assert live is not None
    assert (live.doubt, live.authors) == ("", (WRITER, "dora"))


def test_two_groups_become_one_and_stay_one_on_the_next_edge(edge: Edge) -> None:
    rules = "  promotesFrom: {environment: staging}\n"
    edge.push({"specs/prod/environment.yaml": environment(edge.project, "prod", rules)})
    edge.merge_files({f"specs/prod/{name}.yaml": web(name) for name in ("three", "four")}, "prod")
    edge.promote(environment="prod")
    for name in ("three", "four"):
        edge.dev({f"{name}.yaml": web(name, 4440)})
    before = {*edge.open_numbers("three"), *edge.open_numbers("four")}
    assert len(before) == 2
    edge.dev({"three.yaml": web("three", 4444), "four.yaml": web("four", 4444)})
    (number,) = {*edge.open_numbers("three"), *edge.open_numbers("four")}
    assert number == min(before)
    assert "goes on in another pull request" in edge.said(max(before))[-1]
    plan = PlanPullRequest(repository=edge.id, number=number, reason=edge.reason())
    edge.world.ports.queue.enqueue(plan)
    edge.world.run(PlanPullRequest)
    edge.merge(number, "staging")
    edge.promote(environment="prod")
    after = edge.promotion("four", "prod").live
    assert after is not None
    assert edge.told(after.number).title == "Promote four, three from staging to prod"


def test_a_revert_holds_until_somebody_resumes(edge: Edge) -> None:
    edge.dev({"revert.yaml": web("revert", 2222)})
    (first,) = edge.open_numbers("revert")
    edge.merge(first, "staging")
    edge.promote()
    revert = edge.merge_files({staging("revert"): web("revert")}, "staging")
    edge.promote()
    hold = edge.promotion("revert").hold
    assert hold is not None
    assert (hold.actor, hold.reason) == (WRITER, f"#{revert} reverted #{first}")
    edge.dev({"revert.yaml": web("revert", 3333)})
    assert edge.open_numbers("revert") == []
    assert "goes on" in edge.answer(first, "/promote resume")
    (second,) = edge.open_numbers("revert")
    assert "3333" in edge.file(second, staging("revert"))


def test_a_close_holds_and_opening_it_again_goes_on(edge: Edge) -> None:
    edge.dev({"close.yaml": web("close", 2222)})
    (number,) = edge.open_numbers("close")
    edge.github.close(edge.name, number, ADMIN)
    edge.dev({"close.yaml": web("close", 3333)})
    hold = edge.promotion("close").hold
    assert hold is not None
    assert (hold.actor, hold.reason) == (ADMIN, f"#{number} was closed without a merge")
    assert edge.open_numbers("close") == []
    assert (
        f"is held: {ADMIN} did it (#{number} was closed without a merge)" in edge.said(number)[-1]
    )
    assert "`/promote resume staging/close`" in edge.said(number)[-1]
    edge.github.reopen(edge.name, number, ADMIN)
    edge.promote()
    assert edge.open_numbers("close") == [number]
    assert "3333" in edge.file(number, staging("close"))


def test_a_conflict_is_a_draft_that_a_person_decides(edge: Edge) -> None:
    edge.merge_files({staging("both"): web("both", words="Ours")}, "staging")
    edge.dev({"both.yaml": web("both", words="Theirs")})
    (number,) = edge.open_numbers("both")
    assert edge.github.pull_request(edge.name, number).draft
    assert re.search(r"dev has `Theirs` \(specs/dev/both.yaml:\d+\)", edge.told(number).body)
    assert re.search(r"staging has `Ours` \(specs/staging/both.yaml:\d+\)", edge.told(number).body)
    text = edge.file(number, staging("both"))
    assert "# Both changed /spec/resources/ssh/properties/GroupDescription: dev has" in text
    edge.planned("both")
    assert edge.gates(number).conclusion == "failure"
    edge.github.mark_ready(edge.name, number, ADMIN)
    edge.planned("both")
    assert edge.gates(number).conclusion == "success"
    assert edge.open_numbers("both") == [number], "a person merges what a person decided"


def test_a_draft_is_made_ready_when_its_reason_is_gone_and_a_draft_again_for_a_new_one(
    edge: Edge,
) -> None:
    def bring(words: str) -> bool:
        edge.dev({"draft.yaml": web("draft", 2222, words)})
        (number,) = edge.open_numbers("draft")
        return edge.github.pull_request(edge.name, number).draft

    edge.merge_files({staging("draft"): web("draft", words="Ours")}, "staging")
    assert bring("Theirs")
    assert not bring("Ours")
    assert bring("Theirs once more")
    (number,) = edge.open_numbers("draft")
    edge.github.mark_ready(edge.name, number, ADMIN)
    edge.promote()
    assert not edge.github.pull_request(edge.name, number).draft, "a person has decided"
    edge.github.allow_drafts(edge.name, allowed=False)
    assert not bring("Something new")
    assert edge.told(number).labels == ["needs decision"]
    assert edge.gates(number).conclusion == "failure"
    assert not bring("Ours")
    assert edge.told(number).labels == []


@contextmanager
def frozen_by_a_window(edge: Edge, number: int) -> Iterator[None]:
    window = "{name: pairs, deny: [promote], from: 2020-01-01T00:00:00, until: 2120-01-01T00:00:00}"
    rules = "  promotesFrom: {environment: dev, how: merge, titlePrefix: 'ops: '}\n"
    for freeze in (f"  freeze: [{window}]\n", ""):
        text = environment(edge.project, "staging", rules + freeze)
        edge.push({"specs/staging/environment.yaml": text})
        if freeze:
            yield


@contextmanager
def frozen_by_hand(edge: Edge, number: int) -> Iterator[None]:
    edge.answer(number, "/freeze staging because of a demo")
    yield
    edge.hear(number, "/unfreeze staging", ADMIN, on_pull_request=True)
    edge.world.run(AnswerComment)


@contextmanager
def claimed(edge: Edge, number: int) -> Iterator[None]:
    claims, stack = edge.world.ports.records.claims, pairs(edge, "staging")
    at = edge.world.calendar.at
    claim = Claim(
        stack=stack, pull_request=999, claimed_by=WRITER, claimed_at=at, head=Sha("a" * 40)
    )
    claims.claim([claim])
    yield
    claims.release([stack])


@contextmanager
def held(edge: Edge, number: int) -> Iterator[None]:
    runs, stack = edge.world.ports.records.runs, pairs(edge, "staging")
    (newest,) = runs.of_stack(stack, RunKind.APPLY, limit=1)
    at = newest.started_at + timedelta(seconds=1)
    waits = replace(newest, id="held", status=RunStatus.HELD, started_at=at, finished_at=None)
    runs.add(waits, runs.plan(newest.id))
    yield
    runs.move("held", RunStatus.SUPERSEDED, at=at)


@contextmanager
def entombed(edge: Edge, number: int) -> Iterator[None]:
    expiries, at = edge.world.ports.records.expiries, edge.world.calendar.at
    seen = look(edge.world.ports, edge.id)
    row = Expiry(
        stack=pairs(edge, "staging"),
        stage=Stage.DESTROYED,
        born_at=at,
        nominal=at,
        expires_at=at,
        source="`ttl`",
        stage_at=at,
        mark=seen.wanted("staging").stacks["pairs"].hash,
    )
    kept = expiries.put(row, "it has expired", at)
    yield
    expiries.remove(kept, "it is wanted again", at)


@contextmanager
def drifted(edge: Edge, number: int) -> Iterator[None]:
    drift, stack = edge.world.ports.records.drift, pairs(edge, "dev")
    row = DriftRow(stack=stack, finding=Finding.DRIFT, phase=Phase.OPEN)
    drift.put(row)
    yield
    drift.put(replace(row, phase=Phase.CLEAN))


@contextmanager
def rules_hidden(edge: Edge, number: int) -> Iterator[None]:
    path = "*/rules/branches/*"
    edge.github.faults.add(Fault(kind="server_error", path=path, status=403, times=None))
    yield
    edge.github.faults.clear()


@contextmanager
def review_wanted(edge: Edge, number: int) -> Iterator[None]:
    edge.github.require_approvals(edge.name, 1)
    yield
    edge.github.require_approvals(edge.name, 0)


@contextmanager
def changes_requested(edge: Edge, number: int) -> Iterator[None]:
    edge.github.request_changes(edge.name, number, WRITER, "Not today")
    yield
    edge.github.approve(edge.name, number, WRITER)


@contextmanager
def check_missing(edge: Edge, number: int) -> Iterator[None]:
    edge.github.require_checks(edge.name, "build")
    edge.world.calendar.at += LATE
    yield
    edge.github.require_checks(edge.name)


def pairs(edge: Edge, name: str) -> StackId:
    seen = look(edge.world.ports, edge.id)
    return seen.stack_id(seen.at_tip.environments[name], "pairs")


def test_nothing_that_forbids_a_promotion_lets_it_be_merged(edge: Edge) -> None:
    obstacles = {
        drifted: "`dev/pairs` has drift",
        frozen_by_a_window: "`pairs`",
        frozen_by_hand: "froze staging",
        claimed: "#999 holds it",
        held: "an apply of it waits for consent",
        entombed: "only its file is left",
        rules_hidden: "gitbot cannot read the rules of the branch",
        review_wanted: "ruleset `protect the default branch`",
        changes_requested: f"{WRITER} requested changes",
        check_missing: "`build` has not come for 30m",
    }
    with drifted(edge, 0):
        edge.dev({"pairs.yaml": web("pairs", 2222)})
        edge.planned("pairs")
    (number,) = edge.open_numbers("pairs")
    for obstacle, words in obstacles.items():
        with obstacle(edge, number):
            edge.promote()
            assert edge.open_numbers("pairs") == [number], words
            summary = edge.gates(number).summary or ""
            assert words in summary
            assert summary in edge.told(number).body
    ports, key = edge.world.ports, pairs(edge, "staging").environment_key
    holder, ttl = ports.engine.processes.name("apply of staging"), ports.engine.lease_ttl
    with (
        hold(ports.engine.state, key, holder, ttl=ttl, clock=ports.clock),
        pytest.raises(TransientError, match="apply of staging"),
    ):
        edge.promote()
    assert edge.open_numbers("pairs") == [number]
    edge.promote()
    assert edge.open_numbers("pairs") == [], "nothing forbids it now"


def test_time_in_which_drift_was_there_and_no_scan_saw_it_is_not_soaked(edge: Edge) -> None:
    def after(hours: float) -> tuple[list[int], str]:
        edge.world.calendar.at += timedelta(hours=hours)
        edge.promote()
        return edge.open_numbers("soaks"), edge.gates(number).summary or ""

    rules = "  promotesFrom: {environment: dev, how: merge, titlePrefix: 'ops: '}\n"
    soak = environment(edge.project, "staging", rules.replace("merge", "merge, soak: 2h"))
    edge.push({"specs/staging/environment.yaml": soak})
    edge.dev({"soaks.yaml": bucket("soaks", owner="others")})
    edge.planned("soaks")
    (number,) = edge.open_numbers("soaks")
    edge.tag("somebody", "soaks")
    assert "the time stands still until dev is well" in after(2.1)[1]
    edge.tag("others", "soaks")
    assert "it must be well for 2h; gitbot looks every 1h" in after(0)[1]
    assert after(0.2)[0] == [number]
    assert after(0.8)[0] == [number]
    assert after(1)[0] == [], "it was well for two hours"
    edge.push({"specs/staging/environment.yaml": environment(edge.project, "staging", rules)})


def test_commits_of_others_are_not_overwritten_before_somebody_says_so(edge: Edge) -> None:
    edge.dev({"commits.yaml": web("commits", 2222)})
    (number,) = edge.open_numbers("commits")
    branch = edge.github.pull_request(edge.name, number).head_ref
    edge.github.push_files(edge.name, branch, {staging("mine"): web("mine")}, WRITER)
    edge.dev({"commits.yaml": web("commits", 3333)})
    assert "2222" in edge.file(number, staging("commits"))
    assert f"`{WRITER}` committed to the branch `{branch}`" in edge.said(number)[-1]
    assert "`/promote rebuild` makes the branch anew" in edge.said(number)[-1]
    assert "gets its branch anew" in edge.answer(number, "/promote rebuild")
    assert "3333" in edge.file(number, staging("commits"))
    assert ADMIN in edge.makers(number)
    text = edge.told(number).body
    assert re.search(rf"^- `{ADMIN}` .*commanded `/promote rebuild`$", text, re.MULTILINE)
    with pytest.raises(KeyError):
        edge.file(number, staging("mine"))


def test_what_is_resumed_comes_at_once_also_when_others_committed_to_its_branch(edge: Edge) -> None:
    edge.dev({"resumed.yaml": web("resumed", 3333)})
    first = edge.promotion("resumed").live
    assert first is not None
    edge.github.push_files(edge.name, first.branch, {staging("mine"): web("mine")}, WRITER)
    edge.github.close(edge.name, first.number, ADMIN)
    edge.promote()
    said = edge.answer(first.number, "/promote resume")
    assert "goes on: its pull request comes now" in said
    second = edge.promotion("resumed").live
    assert second is not None
    assert (second.branch, second.number > first.number) == (f"{first.branch}_2", True)
    text = edge.told(second.number).body
    assert f"in the place of #{first.number}" in text
    assert f"Others have committed to the branch `{first.branch}`" in text
    # While the source is not applied, a rebuild says what it waits for, and nothing is merged.
    edge.push({"specs/dev/resumed.yaml": web("resumed", 4444)})
    said = edge.answer(second.number, "/promote rebuild")
    assert "It waits: dev is not applied with exactly this text yet" in said
    assert "3333" in edge.file(second.number, staging("resumed"))


def test_a_persons_pull_request_for_the_same_stack_comes_first(edge: Edge) -> None:
    theirs = edge.open({staging("person"): web("person", words="Ours")})
    edge.github.lock(edge.name, theirs, WRITER)
    with pytest.raises(UserError, match=f"the word on #{theirs} failed"):
        edge.dev({"person.yaml": web("person", 2222)})
    edge.github.lock(edge.name, theirs, WRITER, locked=False)
    edge.promote()
    assert edge.open_numbers("person") == []
    assert "the promotion waits until it is merged or closed" in edge.said(theirs)[-1]
    edge.github.close(edge.name, theirs, WRITER)
    edge.promote()
    assert len(edge.open_numbers("person")) == 1


def test_deletions_come_apart_and_only_a_person_merges_them(edge: Edge) -> None:
    edge.dev({"gone.yaml": web("gone", 2222)})
    (changes,) = edge.open_numbers("gone")
    assert "second:" in edge.file(changes, staging("gone"))
    assert "`second` is not in dev any more" in edge.told(changes).body
    edge.planned("gone")
    assert edge.open_numbers("gone") == [], "every gate is open, so that gitbot has merged it"
    edge.promote()
    (deletions,) = edge.open_numbers("gone")
    assert edge.told(deletions).labels == ["destroy"]
    assert edge.file(deletions, staging("gone")) == web("gone", 2222)
    edge.planned("gone")
    assert edge.gates(deletions).conclusion == "success"
    assert edge.open_numbers("gone") == [deletions]


def test_a_stack_that_is_gone_is_deleted_by_a_pull_request_of_its_own(edge: Edge) -> None:
    edge.dev({"whole.yaml": None})
    (gone,) = edge.open_numbers("whole")
    assert edge.told(gone).title == "ops: Delete what is gone: whole from dev to staging"
    with pytest.raises(KeyError):
        edge.file(gone, staging("whole"))


def test_an_experiment_is_not_promoted(edge: Edge) -> None:
    edge.dev({"lab.yaml": web("lab").replace("spec:\n", "spec:\n  promote: false\n")})
    assert edge.open_numbers("lab") == []
    edge.dev({"lab.yaml": web("lab")})
    (number,) = edge.open_numbers("lab")
    assert edge.file(number, staging("lab")) == web("lab")


def test_who_commanded_what_gitbot_brought_to_the_source_does_not_approve_its_promotion(
    edge: Edge,
) -> None:
    ports = edge.world.ports
    seen = look(ports, edge.id)
    asked = Proposal(
        branch="gitbot/adopt/dev/adopt",
        base=seen.tip,
        files={"specs/dev/adopt.yaml": web("adopt", 2222)},
        message="Adopt",
        title="Adopt",
        body="Asked for.",
        labels=("asked",),
        makers=frozenset({ADMIN}),
    )
    number = propose(ports, seen, asked).number
    own = ports.records.proposals.of_branch(edge.id, asked.branch)
    assert own is not None
    # As if the process had died before it labelled it.
    seen.forge.label(number, remove=["asked"])
    ports.records.proposals.put(replace(own, number=None))
    assert propose(ports, seen, asked).number == number
    assert edge.told(number).labels == ["asked"]
    ports.queue.enqueue(PlanPullRequest(repository=edge.id, number=number, reason=edge.reason()))
    edge.world.run(PlanPullRequest)
    edge.merge(number, "dev")
    pull = edge.github.pull_request(edge.name, number)
    assert pull.merge_commit is not None
    # The push of the merge is heard, too: it is the same person's.
    heard = {Sha(pull.head_sha), Sha(pull.merge_commit)}
    ports.records.pull_requests.note_push(edge.id, heard, {ADMIN})
    edge.promote()
    (promoted,) = edge.open_numbers("adopt")
    live = edge.promotion("adopt").live
    assert live is not None
    assert live.authors == (ADMIN,)
    text = edge.told(promoted).body
    assert re.search(rf"^- `{ADMIN}` .*\bmade or commanded #{number}", text, re.MULTILINE)
    assert "you are an author" in edge.answer(promoted, "/promote approve")
    assert edge.promotion("adopt").waived == ""
