"""GitHub and AWS may fail for a while, and webhooks may be forged or senseless."""

from __future__ import annotations

import http.client
import json
import urllib.parse
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from gitbot_sandbox.aws import Fault, FaultKind
from gitbot_sandbox.github.courier import sign
from gitbot_sandbox.github.faults import Fault as GitHubFault
from gitbot_sandbox.sandbox import ADMIN, WRITER, Sandbox, eventually
from gitbot_sandbox.stage import ANSWER, PLAN
from tests.e2e.specs import bucket, group
from tests.fault.server_world import APPLIED, Bench, Stages, benches_here, serving, slow

pytestmark = pytest.mark.story

COMMENTS = "*/comments"


@pytest.fixture(scope="module")
def stages(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stages]:
    needed = benches_here(request)
    with serving(tmp_path_factory.mktemp("faults"), "fault", needed, {}) as sandbox:
        yield Stages(sandbox)


@pytest.fixture
def bench(stages: Stages) -> Iterator[Bench]:
    bench = stages.next()
    yield bench
    bench.sandbox.aws.clear_faults()
    bench.github.faults.clear()


# --- GitHub


def test_a_plan_is_shown_in_one_comment_however_github_fails(bench: Bench) -> None:
    for name, fault in {
        "a": GitHubFault(kind="server_error", method="POST", path=COMMENTS, times=3, status=502),
        "b": GitHubFault(kind="server_error", method="POST", path=COMMENTS, times=1, status=503),
        "c": GitHubFault(kind="rate_limit", method="POST", path=COMMENTS, times=2, retry_after_s=1),
        "d": GitHubFault(kind="lost_reply", method="POST", path=COMMENTS, times=1),
        "e": GitHubFault(kind="lost_request", method="POST", path=COMMENTS, times=1),
    }.items():
        bench.github.faults.add(fault)
        number = bench.planned(name, {f"specs/dev/{name}.yaml": group(name)})
        assert bench.check(number, "gitbot/dev").conclusion == "success", fault
        bench.quiet()
        assert len(bench.said(number)) == 1, fault
        assert bench.github.faults.active() == (), fault


def test_a_deployment_that_github_makes_late_does_not_stay_beside_the_one_that_ends(
    bench: Bench,
) -> None:
    number = bench.planned("b", {"specs/dev/b.yaml": bucket()})
    slow(bench.sandbox, "CreateBucket", 4)
    late = GitHubFault(kind="late", method="POST", path="*/deployments", delay_s=2)
    bench.github.faults.add(late)
    bench.merge(number)
    assert "✓ Applied" in bench.comment(number, APPLIED).body
    bench.quiet()
    assert bench.github.faults.active() == ()
    assert bench.deployments() == {("dev", "success"): 1}


@pytest.mark.full
def test_a_plan_that_could_not_be_posted_for_longer_than_a_call_waits_is_posted_later(
    bench: Bench,
) -> None:
    limited = GitHubFault(
        kind="secondary_rate_limit", method="POST", path=COMMENTS, times=1, retry_after_s=17
    )
    bench.github.faults.add(limited)
    number = bench.planned("g", {"specs/dev/g.yaml": group("g")})
    bench.quiet()
    assert len(bench.said(number)) == 1
    assert "must wait" in bench.sandbox.log_text()


def test_an_apply_is_reported_once_and_deployed_once_however_github_fails(bench: Bench) -> None:
    number = bench.planned("b", {"specs/dev/b.yaml": bucket()})
    for path in (COMMENTS, "*/deployments", "*/deployments/*/statuses", "*/check-runs"):
        bench.github.faults.add(GitHubFault(kind="lost_reply", method="POST", path=path))
        bench.github.faults.add(GitHubFault(kind="server_error", method="POST", path=path))
    bench.merge(number)
    assert "✓ Applied" in bench.comment(number, APPLIED).body
    bench.quiet()
    assert len(bench.said(number, APPLIED)) == 1
    assert bench.deployments() == {("dev", "success"): 1}
    assert len(bench.applies()) == 1
    bench.assert_whole(1)


def _answers_elsewhere(bench: Bench, number: int) -> list[str]:
    """The two answers to commands on a locked conversation; none while there are fewer."""
    title = f"gitbot: answers to commands on #{number}"
    issues = bench.github.repository(bench.name).issues.values()
    told = [each.body for one in issues if one.title == title for each in bench.said(one.number)]
    return told if len(told) == 2 else []


def test_what_cannot_be_told_stops_neither_an_apply_nor_the_news_of_others(bench: Bench) -> None:
    """Telling before doing: a locked conversation, a refused deployment, a refused reaction."""
    locked = bench.planned("a", {"specs/dev/a.yaml": group("a")})
    other = bench.planned("b", {"specs/dev/b.yaml": group("b")})
    bench.github.lock(bench.name, locked, ADMIN)
    for path in ("*/deployments", "*/reactions"):
        refused = GitHubFault(kind="server_error", path=path, method="POST", times=None, status=422)
        bench.github.faults.add(refused)
    # Bob may write there, gitbot's App may not: the command is carried out all the same.
    bench.github.comment(bench.name, locked, WRITER, "/apply dev")
    eventually(bench.live, what="the group of the locked pull request")
    assert bench.check(locked, "gitbot/dev/apply").conclusion == "success"
    for line in ("/unlock dev/none", "/help"):
        bench.github.comment(bench.name, locked, WRITER, line)
    answers = eventually(lambda: _answers_elsewhere(bench, locked), what="the answers in an issue")
    assert ["was not done" in each for each in answers] == [True, False]
    bench.merge(locked)
    tip = bench.merge(other)
    assert "✓ Applied" in bench.comment(other, APPLIED).body
    bench.quiet()
    assert (bench.said(locked, APPLIED), bench.applied_tip()) == ([], tip)
    bench.assert_whole(2)


@pytest.mark.full
def test_a_retried_job_does_not_change_a_reported_result(
    bench: Bench,
) -> None:
    number = bench.planned("g", {"specs/dev/g.yaml": group("g")})
    bench.quiet()
    # What comes after the telling fails until the job gives way and is tried again.
    down = GitHubFault(
        kind="secondary_rate_limit", method="GET", path="*/pulls", times=1, retry_after_s=16
    )
    bench.github.faults.add(down)
    bench.github.comment(bench.name, number, WRITER, "/apply dev")
    body = bench.comment(number, APPLIED).body
    assert "✓ Applied" in body
    eventually(lambda: "must wait" in since(bench.sandbox, "apply-pr:"), what="the job's retry")
    bench.quiet()
    assert [each.body for each in bench.said(number, APPLIED)] == [body]
    assert bench.deployments() == {("dev", "success"): 1}


def since(sandbox: Sandbox, word: str) -> str:
    """The server's log from the first line with that word on."""
    return sandbox.log_text().partition(word)[2]


@pytest.mark.full
def test_an_answer_that_is_posted_late_is_posted_once_and_unchanged(
    bench: Bench,
) -> None:
    number = bench.planned("g", {"specs/dev/g.yaml": group("g")})
    bench.github.comment(bench.name, number, WRITER, "/apply dev")
    bench.comment(number, APPLIED)
    bench.quiet()
    limited = GitHubFault(
        kind="secondary_rate_limit", method="POST", path=COMMENTS, times=1, retry_after_s=16
    )
    bench.github.faults.add(limited)
    unlock = bench.github.comment(bench.name, number, WRITER, "/unlock")
    # By the time that it can be said, there is no claim any more: the answer stays what it was.
    assert "eleased" in bench.answer(number, unlock).body
    bench.quiet()
    assert len(bench.said(number, ANSWER)) == 1


# --- AWS


def test_throttling_makes_plans_and_applies_slower_and_nothing_else(bench: Bench) -> None:
    throttle(bench.sandbox)
    files: dict[str, str | None] = {"specs/dev/b.yaml": bucket(), "specs/dev/g.yaml": group("g")}
    number = bench.planned("both", files)
    assert "could not be planned" not in bench.plan_comment(number).body
    throttle(bench.sandbox)
    bench.merge(number)
    body = bench.comment(number, APPLIED).body
    assert body.count("✓ Applied") == 2, body
    assert any(call.fault == "throttle" for call in bench.sandbox.aws.calls)
    bench.quiet()
    bench.assert_whole(2)


def throttle(sandbox: Sandbox) -> None:
    for service in ("ec2", "s3"):
        sandbox.aws.inject(Fault(kind=FaultKind.THROTTLE, service=service, count=1))


def test_a_plan_without_an_answer_from_aws_says_so_and_a_later_one_works(bench: Bench) -> None:
    # A name of one's own makes the plan look whether the bucket is there.
    number = bench.planned("b", {"specs/dev/b.yaml": bucket()})
    bench.merge(number)
    bench.comment(number, APPLIED)
    bench.sandbox.aws.inject(Fault(kind=FaultKind.ERROR, service="*", count=None, status=503))
    other = bench.open("off", "Off", {"specs/dev/b.yaml": bucket(versioning="Suspended")})
    body = bench.comment(other, PLAN).body
    assert "could not be planned" in body, body
    assert bench.check(other, "gitbot/dev").conclusion == "action_required"
    bench.sandbox.aws.clear_faults()
    bench.github.comment(bench.name, other, WRITER, "/plan")
    bench.comment(other, PLAN, "1 to update")


# --- webhooks that GitHub did not send


def post(sandbox: Sandbox, body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
    target = urllib.parse.urlsplit(sandbox.server_url)
    connection = http.client.HTTPConnection(target.hostname or "", target.port, timeout=20)
    try:
        connection.request("POST", "/webhook", body=body, headers=dict(headers))
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def signed(sandbox: Sandbox, body: bytes, event: str = "push", **more: str) -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": str(uuid.uuid4()),
        "X-Hub-Signature-256": sign(sandbox.app.webhook_secret, body),
        **more,
    }


def a_merge(bench: Bench) -> bytes:
    """A real push to the tracked branch that was never delivered."""
    number = bench.planned("g", {"specs/dev/g.yaml": group("g")})
    bench.github.courier.hold()
    bench.merge(number)
    (push,) = [
        d
        for d in bench.github.courier.held()
        if d.event == "push" and d.json()["ref"] == "refs/heads/main"
    ]
    return push.payload


def test_a_webhook_that_github_did_not_sign_changes_nothing(bench: Bench) -> None:
    body = a_merge(bench)
    sandbox, fits = bench.sandbox, signed(bench.sandbox, body)
    before = sandbox.log_text()
    unsigned = {name: value for name, value in fits.items() if "Signature" not in name}
    for headers in (
        unsigned,
        {**fits, "X-Hub-Signature-256": sign("another secret", body)},
        {**fits, "X-Hub-Signature-256": fits["X-Hub-Signature-256"].replace("256=", "1=")},
        {**unsigned, "X-Hub-Signature": fits["X-Hub-Signature-256"]},
        {**fits, "X-Hub-Signature-256": ""},
    ):
        status, text = post(sandbox, body, headers)
        assert (status, "signature" in text.lower()) == (401, True), text
    assert post(sandbox, body + b" ", fits)[0] == 401
    assert "Traceback" not in sandbox.log_text()[len(before) :]
    assert bench.live() == []
    assert post(sandbox, body, fits)[0] == 202
    eventually(bench.live, what="what the signed one brings")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"", 400),
        (b"\xff\xfe\x00", 400),
        (b"[" * 100_000, 400),
        (b"[]", 400),
        (b'{"repository": "acme", "ref": 7}', 400),
        (b'{"ref": "refs/heads/main"}', 400),
    ],
)
def test_a_signed_webhook_without_sense_is_refused_with_a_reason(
    stages: Stages, body: bytes, status: int
) -> None:
    sandbox = stages.sandbox
    before = sandbox.log_text()
    got, text = post(sandbox, body, signed(sandbox, body))
    assert got == status, text
    assert json.loads(text)["error"]
    assert "Traceback" not in sandbox.log_text()[len(before) :]


def test_a_body_above_githubs_limit_is_refused_and_later_deliveries_are_heard(
    stages: Stages,
) -> None:
    sandbox = stages.sandbox
    before = sandbox.log_text()
    body = b" " * (26 * 1024 * 1024)
    try:
        status, _ = post(sandbox, body, signed(sandbox, body))
        assert status == 413
    except (BrokenPipeError, ConnectionResetError):
        pass  # it hung up without reading all of it
    assert post(sandbox, b"{}", signed(sandbox, b"{}", event="ping"))[0] == 200
    assert "Traceback" not in sandbox.log_text()[len(before) :]


def test_an_unknown_repository_is_not_served(bench: Bench) -> None:
    sandbox = bench.sandbox
    payload: dict[str, Any] = json.loads(a_merge(bench))
    payload["repository"]["id"] = 987654321
    payload["repository"]["full_name"] = "mallory/cloud"
    body = json.dumps(payload).encode()
    before = sandbox.log_text()
    status, _ = post(sandbox, body, signed(sandbox, body))
    assert status == 202
    bench.github.courier.drop(10**6)
    assert bench.live() == []
    assert "mallory" not in sandbox.log_text()[len(before) :]
    assert "Traceback" not in sandbox.log_text()[len(before) :]
