"""A shown plan is woken again by what it depends on, and by nothing of other environments; so is what shows it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gitbot.decisions.freshness import NEVER, Touched, mark
from gitbot.errors import RefusedError
from gitbot.jobs.steps.hear import hear_again
from gitbot.jobs.steps.look import Ports, look
from gitbot.jobs.steps.publish import text_hash
from gitbot.jobs.steps.standing import require_plan_standing
from gitbot.jobs.steps.wake import read_tip_facts, wake_stale
from gitbot.model.expiry import Life
from gitbot.model.keys import PlanPullRequest, RestoreComment
from gitbot.model.names import EnvironmentKey, StackId
from gitbot.model.said import PLAN, SaidComment
from tests.contract.github.github_world import REPOSITORY, ForgeWorld
from tests.e2e.conftest import environment
from tests.e2e.drift_world import Waiting
from tests.e2e.specs import bucket

WEB = "specs/dev/web.yaml"


def test_a_plan_is_stale_by_its_own_environment_and_by_no_other(
    world: ForgeWorld, ports: Ports
) -> None:
    files: dict[str, str | None] = {WEB: bucket("web"), "specs/prod/web.yaml": bucket("web")} | {
        f"specs/{name}/environment.yaml": environment("fresh", name) for name in ("dev", "prod")
    }
    world.hub.push_files(REPOSITORY, "main", files, "ada")
    repository = ports.forges.open(REPOSITORY).repository().id
    world.hub.push_files(REPOSITORY, "change", {WEB: bucket("web", "Suspended")}, "ada")
    number = world.hub.open_pull_request(REPOSITORY, author="ada", head="change", title="Change")

    def show() -> None:
        seen = look(ports, repository)
        touched = [Touched(environment="dev", stacks=["web"], shared=False)]
        shown = mark(
            seen.forge.pull_request(number), read_tip_facts(ports, seen), touched, leave=False
        )
        ports.records.pull_requests.put_planned(repository, number, shown)

    def apply(place: str) -> None:
        state, key = ports.engine.state, EnvironmentKey(repository=repository, environment=place)
        lease = state.acquire(key, "test", timedelta(minutes=1))
        stack = StackId(repository=repository, environment=place, name="web", region="us-east-1")
        state.complete(lease, stack, "lineage", {}, "hash", None, Life(at=ports.clock.now()))
        state.release(lease)

    ids = set[str]()

    def woken() -> bool:
        assert isinstance(ports.queue, Waiting)
        ports.queue.keys.clear()
        wake_stale(ports, look(ports, repository))
        plans = [key for key in ports.queue.keys if isinstance(key, PlanPullRequest)]
        ids.update(key.id for key in plans if key.number == number)
        return number in [key.number for key in plans]

    assert woken(), "it was never planned"
    # What was shown since is stale in the same way: that wakes another job, within a minute too.
    ports.records.pull_requests.put_planned(repository, number, NEVER)
    assert woken()
    assert len(ids) == 2
    show()
    assert not woken()
    apply("prod")
    world.hub.push_files(REPOSITORY, "main", {"specs/prod/web.yaml": None}, "ada")
    assert not woken(), "only prod moved"
    apply("dev")
    assert woken(), "its stack was applied"
    show()
    world.hub.push_files(REPOSITORY, "main", {WEB: bucket("web", "Suspended")}, "ada")
    assert woken(), "its stack changed at the tip"
    show()
    rules = environment("other", "dev")
    world.hub.push_files(REPOSITORY, "main", {"specs/dev/environment.yaml": rules}, "ada")
    assert woken(), "the rules changed"


@pytest.mark.parametrize("by", ["a command", "a sweep"])
def test_each_change_of_a_comment_within_a_second_is_mended(
    world: ForgeWorld, ports: Ports, by: str
) -> None:
    """The kind: two wakes with one name are one job, and what came second stays as somebody left it."""
    repository = ports.forges.open(REPOSITORY).repository().id
    number = world.pull_request(by.replace(" ", "-"))
    seen, text = look(ports, repository), f"{PLAN.marker}\nthe plan"
    comment = seen.forge.create_comment(number, text).id
    records = ports.records.said
    assert isinstance(ports.queue, Waiting)

    def woken() -> list[str]:
        world.hub.edit_comment(REPOSITORY, comment, "ada", "something else")
        world.hub.repository(REPOSITORY).comments[comment].updated_at = ports.clock.now().replace(
            microsecond=0, second=0
        )
        assert isinstance(ports.queue, Waiting)
        ports.queue.keys.clear()
        if by == "a sweep":
            hear_again(ports, look(ports, repository), ports.clock.now() - timedelta(minutes=10))
        else:
            with pytest.raises(RefusedError, match="changed or deleted by somebody"):
                require_plan_standing(ports, seen, number, ports.clock.now())
        return [key.id for key in ports.queue.keys if isinstance(key, RestoreComment)]

    ids = list[str]()
    for _ in range(2):
        said = SaidComment(comment=comment, body_hash=text_hash(text))
        records.put_comment(repository, number, PLAN, said, text)
        seen.forge.edit_comment(comment, text)
        ids += woken()
    assert len(ids) == len(set(ids)) == 2
