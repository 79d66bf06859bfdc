"""Everything that the local GitHub sends matches GitHub's own descriptions."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gitbot_sandbox.github.courier import by_event
from tests.contract.sandbox_github.house import REPO, house, listener
from tests.openapi.schemas import Api, Exchange, Webhooks
from tests.openapi.tour import recording, untouched, walk

pytestmark = pytest.mark.full

# Where GitHub's description lacks what PyGithub sends or what GitHub answers: a repository by its
# id; statuses by their old address; labels added as a bare list; an installation's account, which
# one place describes as a user and an enterprise at once; and, only in lists of pull requests, a
# label without a description.
UNDESCRIBED = re.compile(
    r"GET /repositories/|GET /repos/[^/]+/[^/]+/statuses/"
    r"|POST .*/labels -> 200: request |GET /app/installations -> 200: answer at 0/account:"
    r"|GET /repos/[^/]+/[^/]+/pulls -> 200: answer at \d+/labels/\d+/description: null "
)

# The description of the ping lists the events of a webhook, and knows no merge_group.
UNDESCRIBED_PING = re.compile(r"ping\$event at hook/events: .*merge_group")

DELIVERED = {
    "check_run.completed",
    "check_run.created",
    "check_run.rerequested",
    "deployment.created",
    "deployment_status.created",
    "issue_comment.created",
    "issue_comment.deleted",
    "issue_comment.edited",
    "issues.assigned",
    "issues.closed",
    "issues.deleted",
    "issues.edited",
    "issues.labeled",
    "issues.locked",
    "issues.opened",
    "issues.reopened",
    "issues.unassigned",
    "issues.unlabeled",
    "issues.unlocked",
    "ping",
    "pull_request.assigned",
    "pull_request.closed",
    "pull_request.edited",
    "pull_request.labeled",
    "pull_request.locked",
    "pull_request.opened",
    "pull_request.ready_for_review",
    "pull_request.reopened",
    "pull_request.synchronize",
    "pull_request.unassigned",
    "pull_request.unlabeled",
    "pull_request_review.dismissed",
    "pull_request_review.edited",
    "pull_request_review.submitted",
    "push",
}


def test_calls_and_deliveries_match_githubs_description(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with house(tmp_path / "github") as world, listener() as heard:
        world.local.set_webhook(REPO, heard.url, "s")
        world.local.set_app_webhook(world.app.app_id, heard.url, "s")
        with recording(monkeypatch) as exchanges:
            walk(world)
        unused = untouched(world.local.hub, exchanges)
        assert not unused, "\n".join(sorted(unused))
        assert world.local.courier.wait_idle()
        deliveries = world.local.courier.deliveries()
    api, webhooks = Api.load(), Webhooks.load()
    wrong = [
        problem
        for exchange in exchanges
        for problem in api.problems(exchange)
        if not UNDESCRIBED.match(problem)
    ]
    assert not wrong, "\n".join(dict.fromkeys(wrong))
    assert set(by_event(deliveries)) == DELIVERED
    found = [p for d in deliveries for p in webhooks.problems(d.event, d.json())]
    wrong = [problem for problem in found if not UNDESCRIBED_PING.match(problem)]
    assert not wrong, "\n".join(dict.fromkeys(wrong))


def test_the_gate_finds_a_wrong_answer() -> None:
    api, webhooks = Api.load(), Webhooks.load()
    comment = Exchange(
        method="POST",
        path="/repos/a/b/issues/1/comments",
        sent={"body": 5},
        status=201,
        answer={"id": "x"},
    )
    found = "\n".join(api.problems(comment))
    assert "request at body" in found
    assert "answer at id" in found
    assert '"user" is a required property' in found
    assert api.problems(Exchange(method="GET", path="/no", sent=None, status=200, answer={}))
    assert webhooks.problems("pull_request", {"action": "opened"})
    assert webhooks.problems("pull_request", {"action": "danced"})
