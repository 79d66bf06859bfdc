"""The webhook door understands real, signed deliveries of the local GitHub over HTTP. Shell."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from gitbot.model.commands import Source
from gitbot.model.events import (
    CheckRerequested,
    Event,
    PullRequestChanged,
    Pushed,
    ReviewSubmitted,
    TextWritten,
)
from gitbot.model.forge import Check, CheckState
from gitbot.model.names import Sha
from tests.contract.github.github_world import REPOSITORY, ForgeWorld
from tests.contract.webhook_door_world import PREVIOUS, SECRET, Door


@pytest.fixture
def door(world: ForgeWorld) -> Iterator[Door]:
    served = Door(max_body_bytes=1_000_000)
    app = world.credentials.app_id
    hooks = [world.hub.set_app_webhook(app, f"{served.url}/webhook", SECRET)]
    yield served
    for hook in hooks:
        world.hub.remove_webhook(hook)
    served.close()


def heard(world: ForgeWorld, door: Door, act: Callable[[], object]) -> list[Event]:
    """The events of the deliveries that an act leads to."""
    assert world.hub.courier.wait_idle()
    door.heard.clear()
    act()
    assert world.hub.courier.wait_idle()
    return [delivery.event for delivery in door.heard]


def test_every_event_of_a_pull_request_is_heard(world: ForgeWorld, door: Door) -> None:
    id_ = str(world.hub.repository(REPOSITORY).id)
    number = 0

    def open_() -> None:
        nonlocal number
        number = world.pull_request("heard")

    def head() -> Sha:
        return Sha(world.hub.pull_request(REPOSITORY, number).head_sha)

    def changed(action: str) -> PullRequestChanged:
        return PullRequestChanged(repository=id_, number=number, head=head(), action=action)

    def pushed(after: Sha, by: str) -> Pushed:
        return Pushed(
            repository=id_,
            ref="refs/heads/heard",
            default_branch="main",
            after=after,
            commits=(after,),
            pushers=(by,),
        )

    events = heard(world, door, open_)
    assert changed("opened") in events
    assert pushed(head(), "ada") in events

    events = heard(world, door, lambda: world.push("heard", "y: 2\n", "mia"))
    assert changed("synchronize") in events
    assert pushed(head(), "mia") in events

    events = heard(world, door, lambda: world.hub.approve(REPOSITORY, number, "bob"))
    (review,) = events
    assert isinstance(review, ReviewSubmitted)
    assert (review.repository, review.number) == (id_, number)
    assert review.text is not None
    assert (review.text.source, review.text.author) == (Source.REVIEW, "bob")

    made: list[int] = []
    events = heard(
        world,
        door,
        lambda: made.append(world.hub.comment(REPOSITORY, number, "ada", "/apply dev")),
    )
    (comment,) = events
    assert isinstance(comment, TextWritten)
    assert (comment.number, comment.id, comment.author) == (number, made[0], "ada")
    assert (comment.body, comment.on_pull_request) == ("/apply dev", True)

    assert changed("closed") in heard(
        world, door, lambda: world.hub.close(REPOSITORY, number, "ada")
    )
    assert changed("reopened") in heard(
        world, door, lambda: world.hub.reopen(REPOSITORY, number, "ada")
    )
    events = heard(world, door, lambda: world.hub.merge(REPOSITORY, number, "bob"))
    tip = Sha(world.hub.git(REPOSITORY).resolve("refs/heads/main") or "")
    assert changed("closed") in events
    (merge,) = [event for event in events if isinstance(event, Pushed)]
    assert (merge.ref, merge.after, merge.pushers) == ("refs/heads/main", tip, ("bob",))
    assert head() in merge.commits


def test_a_rerun_of_our_check_is_heard(world: ForgeWorld, door: Door) -> None:
    number = world.pull_request("rerun")
    commit = Sha(world.hub.pull_request(REPOSITORY, number).head_sha)
    world.forge().set_check(commit, Check(name="gitbot/dev", state=CheckState.FAILURE, title="T"))
    (run,) = [r for r in world.hub.repository(REPOSITORY).check_runs.values() if r.sha == commit]
    events = heard(world, door, lambda: world.hub.rerequest_check(REPOSITORY, run.id, "ada"))
    id_ = str(world.hub.repository(REPOSITORY).id)
    assert events == [
        CheckRerequested(repository=id_, head=commit, by="ada", check="gitbot/dev", branch="rerun")
    ]


def test_a_webhook_with_a_wrong_secret_is_refused(world: ForgeWorld, door: Door) -> None:
    hook = world.hub.set_webhook(REPOSITORY, f"{door.url}/webhook", "quite another")
    try:
        world.hub.courier.wait_idle()
        door.heard.clear()
        world.push("unheard")
        world.hub.courier.wait_idle()
        assert len(door.heard) == 1  # by the App's webhook
    finally:
        world.hub.remove_webhook(hook)
    hook = world.hub.set_webhook(REPOSITORY, f"{door.url}/webhook", PREVIOUS)
    try:
        assert len(heard(world, door, lambda: world.push("unheard", "z: 1\n"))) == 2
    finally:
        world.hub.remove_webhook(hook)
