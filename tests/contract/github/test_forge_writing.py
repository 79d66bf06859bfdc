"""The forge writes once, whichever answer is lost. Shell."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from gitbot.errors import StaleError
from gitbot.model.forge import Annotation, Check, CheckState, DeploymentState
from gitbot.model.names import Sha
from gitbot_sandbox.github import Fault
from gitbot_sandbox.github.entities import CheckRun
from gitbot_sandbox.github.shapes.checks import suite_result
from gitbot_sandbox.sandbox import eventually
from tests.contract.github.github_world import REPOSITORY, ForgeWorld

ABSENT = Sha("1" * 40)


def runs(world: ForgeWorld, commit: Sha) -> list[CheckRun]:
    found = world.hub.repository(REPOSITORY).check_runs.values()
    return [run for run in found if run.sha == commit]


def suites(world: ForgeWorld, commit: Sha) -> list[tuple[str, str | None]]:
    found = world.hub.repository(REPOSITORY).check_suites.values()
    here = [suite for suite in found if suite.sha == commit]
    return [suite_result(suite, runs(world, commit)) for suite in here]


def check(state: CheckState = CheckState.SUCCESS, annotations: int = 0, title: str = "T") -> Check:
    return Check(
        name="gitbot/dev",
        state=state,
        title=title,
        summary="S",
        annotations=tuple(
            Annotation(file="specs/dev/a.yaml", line=line, title="t", message="m")
            for line in range(1, annotations + 1)
        ),
        details_url="https://gitbot.example.com/runs/1",
    )


def bodies(world: ForgeWorld, number: int) -> list[str]:
    return [comment.body for comment in world.hub.comments(REPOSITORY, number)]


def test_a_comment_is_written_found_and_edited(world: ForgeWorld, way: str) -> None:
    number = world.pull_request(f"comment-{way}")
    forge = world.forge(way)
    world.hub.comment(REPOSITORY, number, "eve", "<!-- gitbot:plan --> forged")
    assert forge.find_own_comment(number, "<!-- gitbot:plan -->") is None
    made = forge.create_comment(number, "<!-- gitbot:plan -->\nfirst")
    assert forge.find_own_comment(number, "<!-- gitbot:plan -->") == made.id
    shown = forge.comment(made.id)
    assert shown is not None
    assert (shown.body, shown.text_at) == ("<!-- gitbot:plan -->\nfirst", made.at)
    time.sleep(1.1)  # GitHub's times are whole seconds
    edited = forge.edit_comment(made.id, "<!-- gitbot:plan -->\nsecond")
    assert edited is not None
    assert edited.at > made.at
    assert bodies(world, number)[1:] == ["<!-- gitbot:plan -->\nsecond"]
    assert world.hub.comments(REPOSITORY, number)[1].author == forge.login


def test_a_deleted_comment_is_neither_edited_nor_read(world: ForgeWorld, way: str) -> None:
    assert world.forge(way).edit_comment(987_654, "x") is None
    assert world.forge(way).comment(987_654) is None
    world.forge(way).react(987_654, "eyes")


def test_a_comment_whose_answer_is_lost_is_written_once(world: ForgeWorld, way: str) -> None:
    number = world.pull_request(f"lost-{way}")
    world.hub.faults.add(Fault(kind="lost_reply", method="POST", path="*/comments"))
    made = world.forge(way).create_comment(number, "<!-- gitbot:apply:1 -->\nbody")
    assert [comment.id for comment in world.hub.comments(REPOSITORY, number)] == [made.id]


@pytest.mark.parametrize("kind", ["lost_request", "server_error"])
def test_a_comment_whose_request_is_lost_is_written_again(world: ForgeWorld, kind: str) -> None:
    number = world.pull_request(f"again-{kind}")
    fault = Fault(kind=kind, method="POST", path="*/comments")  # type: ignore[arg-type]
    world.hub.faults.add(fault)
    world.forge().create_comment(number, "<!-- gitbot:apply:1 -->\nbody")
    assert len(bodies(world, number)) == 1


def test_a_reaction_is_added_once(world: ForgeWorld, way: str) -> None:
    number = world.pull_request(f"react-{way}")
    comment = world.hub.comment(REPOSITORY, number, "ada", "/plan")
    forge = world.forge(way)
    forge.react(comment, "eyes")
    forge.react(comment, "eyes")
    (found,) = world.hub.comments(REPOSITORY, number)
    assert [(each.login, each.content) for each in found.reactions] == [(forge.login, "eyes")]


@pytest.mark.parametrize(
    ("state", "status", "conclusion"),
    [
        (CheckState.PENDING, "in_progress", None),
        (CheckState.SUCCESS, "completed", "success"),
        (CheckState.FAILURE, "completed", "failure"),
        (CheckState.ACTION_REQUIRED, "completed", "action_required"),
        (CheckState.NEUTRAL, "completed", "neutral"),
    ],
)
def test_an_app_makes_a_check_run(
    world: ForgeWorld, state: CheckState, status: str, conclusion: str | None
) -> None:
    commit = Sha(world.push(f"run-{state.value.replace('_', '-')}"))
    world.forge().set_check(commit, check(state, annotations=2))
    (run,) = runs(world, commit)
    assert (run.name, run.status, run.conclusion) == ("gitbot/dev", status, conclusion)
    assert (run.title, run.summary, len(run.annotations)) == ("T", "S", 2)
    assert run.details_url == "https://gitbot.example.com/runs/1"
    assert run.annotations[1]["start_line"] == 2


def test_a_check_run_is_updated_in_place(world: ForgeWorld) -> None:
    commit = Sha(world.push("in-place"))
    forge = world.forge()
    forge.set_check(commit, check(CheckState.PENDING))
    forge.set_check(commit, check(CheckState.FAILURE, annotations=1))
    (run,) = runs(world, commit)
    assert (run.conclusion, len(run.annotations)) == ("failure", 1)


def test_repeating_a_status_writes_nothing(world: ForgeWorld) -> None:
    commit = Sha(world.push("same-status"))
    forge = world.forge("token")
    forge.set_check(commit, check())
    world.hub.faults.forget_calls()
    forge.set_check(commit, check())
    assert {call.method for call in world.hub.faults.calls()} == {"GET"}


def test_repeating_a_check_run_ends_a_requested_re_run(world: ForgeWorld) -> None:
    """A re-run leaves the suite queued until the App writes, also where nothing changed."""
    commit = Sha(world.push("same-check"))
    forge = world.forge()
    forge.set_check(commit, check())
    (run,) = runs(world, commit)
    world.hub.rerequest_check(REPOSITORY, run.id, "ada")
    assert suites(world, commit) == [("queued", None)]
    forge.set_check(commit, check())
    assert len(runs(world, commit)) == 1
    assert suites(world, commit) == [("completed", "success")]


def test_a_check_run_of_no_app_is_somebody_elses(world: ForgeWorld) -> None:
    commit = Sha(world.push("no-app"))
    forge = world.forge()
    forge.set_check(commit, check())
    (run,) = runs(world, commit)
    run.app_id = 0  # an App that was deleted
    forge.set_check(commit, check(CheckState.FAILURE))
    assert [each.conclusion for each in runs(world, commit)] == ["success", "failure"]


def test_old_annotations_do_not_stay_beside_new_ones(world: ForgeWorld) -> None:
    commit = Sha(world.push("annotations"))
    forge = world.forge()
    forge.set_check(commit, check(CheckState.FAILURE, annotations=3))
    forge.set_check(commit, check(CheckState.FAILURE, annotations=1))
    assert len(runs(world, commit)[-1].annotations) == 1
    forge.set_check(commit, check(CheckState.SUCCESS))
    newest = runs(world, commit)[-1]
    assert (newest.conclusion, len(newest.annotations)) == ("success", 0)


def test_many_annotations_are_sent_in_batches_and_an_incomplete_run_is_made_again(
    world: ForgeWorld,
) -> None:
    commit = Sha(world.push("batches"))
    world.hub.faults.add(Fault(kind="server_error", method="PATCH", path="*", status=422))
    with pytest.raises(Exception, match="422"):
        world.forge().set_check(commit, check(CheckState.FAILURE, annotations=120))
    world.forge().set_check(commit, check(CheckState.FAILURE, annotations=120))
    newest = runs(world, commit)[-1]
    assert [each["start_line"] for each in newest.annotations] == list(range(1, 121))


def test_a_check_run_whose_answer_is_lost_is_made_once(world: ForgeWorld) -> None:
    commit = Sha(world.push("lost-check"))
    world.hub.faults.add(Fault(kind="lost_reply", method="POST", path="*/check-runs"))
    world.forge().set_check(commit, check())
    assert len(runs(world, commit)) == 1


def test_texts_that_are_too_long_for_github_are_cut(world: ForgeWorld, way: str) -> None:
    commit = Sha(world.push(f"long-{way}"))
    long = Check(
        name="gitbot/dev",
        state=CheckState.FAILURE,
        title="t" * 1000,
        summary="s" * 100_000,
        annotations=(
            Annotation(file="specs/dev/a.yaml", line=0, title="x" * 999, message="y" * 99_999),
        ),
    )
    world.forge(way).set_check(commit, long)


def test_with_a_token_a_status_is_set(world: ForgeWorld) -> None:
    commit = Sha(world.push("status"))
    forge = world.forge("token")
    forge.set_check(commit, check(CheckState.ACTION_REQUIRED))
    forge.set_check(commit, check(CheckState.FAILURE, annotations=2, title="t" * 200))
    found = [s for s in world.hub.repository(REPOSITORY).statuses if s.sha == commit]
    assert [(s.context, s.state) for s in found] == [
        ("gitbot/dev", "pending"),
        ("gitbot/dev", "failure"),
    ]
    assert len(found[1].description or "") == 140
    assert runs(world, commit) == []


@pytest.mark.parametrize(
    "write",
    [
        lambda forge: forge.set_check(ABSENT, check()),
        lambda forge: forge.deployment(ABSENT, "dev", "d", "k"),
        lambda forge: forge.other_checks(ABSENT),
    ],
)
def test_a_commit_that_github_does_not_have_is_stale(
    world: ForgeWorld, way: str, write: Callable[[object], object]
) -> None:
    with pytest.raises(StaleError):
        write(world.forge(way))


def test_the_same_key_gives_the_same_deployment(world: ForgeWorld, way: str) -> None:
    commit = Sha(world.push(f"deploy-{way}"))
    forge = world.forge(way)
    world.hub.faults.add(Fault(kind="lost_reply", method="POST", path="*/deployments"))
    first = forge.deployment(commit, "dev", "d" * 300, f"run-1-{way}")
    assert world.forge(way).deployment(commit, "dev", "apply", f"run-1-{way}") == first
    assert forge.deployment(commit, "dev", "apply", f"run-2-{way}") != first
    found = world.hub.repository(REPOSITORY).deployments.values()
    assert len([each for each in found if each.sha == commit]) == 2


def test_a_deployment_that_github_makes_late_is_deleted_and_the_first_one_stays(
    world: ForgeWorld, way: str
) -> None:
    commit, forge = Sha(world.push(f"late-{way}")), world.forge(way)
    deployments = world.hub.repository(REPOSITORY).deployments

    def made() -> list[int]:
        return [each.id for each in deployments.values() if each.sha == commit]

    def late(key: str) -> int:
        """The deployment that stands when GitHub has made another one as well."""
        before = len(made())
        world.hub.faults.add(Fault(kind="late", method="POST", path="*/deployments", delay_s=1.5))
        first = forge.deployment(commit, "dev", "apply", key)
        forge.set_deployment(first, DeploymentState.IN_PROGRESS, "at work", None)
        eventually(lambda: len(made()) == before + 2, what="GitHub to make it")
        return first

    looked = late(f"late-1-{way}")
    assert forge.deployment(commit, "dev", "apply", f"late-1-{way}") == looked
    assert made() == [looked]
    swept = late(f"late-2-{way}")
    by_hand = world.hub.repository(REPOSITORY)
    forge.drop_doubled_deployments()
    forge.drop_doubled_deployments()
    assert made() == [looked, swept]
    assert by_hand.deployments[swept].statuses[-1].state == "in_progress"


def test_a_deployment_of_somebody_else_is_never_deleted(world: ForgeWorld, way: str) -> None:
    commit, forge = Sha(world.push(f"forged-{way}")), world.forge(way)
    other = world.forge("token" if way == "app" else "app")
    theirs = {other.deployment(commit, "dev", "apply", f"same-{way}")}
    own = forge.deployment(commit, "dev", "apply", f"same-{way}")
    forge.drop_doubled_deployments()
    assert forge.deployment(commit, "dev", "apply", f"same-{way}") == own
    assert theirs | {own} <= world.hub.repository(REPOSITORY).deployments.keys()


def test_a_deployments_states_are_added_once_each(world: ForgeWorld, way: str) -> None:
    commit = Sha(world.push(f"states-{way}"))
    forge = world.forge(way)
    made = forge.deployment(commit, "dev", "apply", f"run-3-{way}")
    for _ in range(2):
        forge.set_deployment(made, DeploymentState.IN_PROGRESS, "at work", "https://x.example.com")
    for _ in range(2):
        forge.set_deployment(made, DeploymentState.SUCCESS, "done " * 60, None)
    found = world.hub.repository(REPOSITORY).deployments[made]
    assert [status.state for status in found.statuses] == ["in_progress", "success"]
