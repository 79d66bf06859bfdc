"""Tests for what can be switched in the local GitHub: faults, deliveries, the control API."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from github import GithubException, RateLimitExceededException

from gitbot.adapters.clock import MovedCalendar, SystemClock
from gitbot_sandbox.github import Fault
from gitbot_sandbox.sandbox import eventually
from tests.contract.sandbox_github.house import REPO, House, house, listener


@pytest.fixture
def world(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path / "github") as made:
        yield made


def _comment_events(world: House) -> list[str]:
    sent = world.local.courier.deliveries("issue_comment")
    return [d.json()["comment"]["body"] for d in sent]


def test_deliveries_can_be_held_shuffled_and_duplicated(world: House) -> None:
    number = world.pull_request()
    with listener() as heard:
        world.local.set_webhook(REPO, heard.url, "s", events=["issue_comment"])
        world.local.courier.hold()
        for at in range(6):
            world.local.comment(REPO, number, "bob", str(at))
        assert world.local.courier.wait_idle()
        assert _comment_events(world) == []
        assert world.local.courier.release(shuffle_seed=7, copies=2) == 12
        assert world.local.courier.wait_idle()
    assert _comment_events(world) != sorted(_comment_events(world))
    assert sorted(_comment_events(world)) == sorted("012345" * 2)
    guids = {headers["X-GitHub-Delivery"] for headers, _ in heard.heard[1:]}
    assert len(guids) == 6


def test_a_dropped_delivery_is_in_the_log_and_can_be_sent_again(world: House) -> None:
    number = world.pull_request()
    with listener() as heard:
        world.local.set_webhook(REPO, heard.url, "s", events=["issue_comment"])
        world.local.courier.drop(1)
        world.local.comment(REPO, number, "bob", "/plan")
        assert world.local.courier.wait_idle()
        assert [h["X-GitHub-Event"] for h, _ in heard.heard] == ["ping"]
        (lost,) = world.local.courier.deliveries("issue_comment")
        world.local.courier.redeliver(lost.id)
        assert world.local.courier.wait_idle()
        headers, body = heard.heard[-1]
    assert headers["X-GitHub-Delivery"] == lost.guid
    assert body == lost.payload


def test_a_receiver_that_is_down_or_fails_is_logged_and_not_tried_again(world: House) -> None:
    number = world.pull_request()
    with listener() as heard:
        heard.status = 500
        world.local.set_webhook(REPO, heard.url, "s")
        world.local.comment(REPO, number, "bob", "one")
        assert world.local.courier.wait_idle()
        assert len(heard.heard) == 2
    world.local.comment(REPO, number, "bob", "two")
    assert world.local.courier.wait_idle()
    assert [d.status_code for d in world.local.courier.deliveries()] == [500, 500, 0]
    assert "Refused" in world.local.courier.deliveries()[-1].error


@pytest.mark.parametrize("status", [403, 429])
def test_rate_limits_say_when_to_come_back(world: House, status: int) -> None:
    world.local.faults.add(Fault(kind="rate_limit", status=status, retry_after_s=7))
    with pytest.raises(GithubException) as refused:
        world.repo("bob")
    assert refused.value.status == status
    assert (refused.value.headers or {})["retry-after"] == "7"
    assert world.repo("bob").full_name == REPO


def test_a_fault_hits_only_matching_calls_and_only_so_many_times(world: House) -> None:
    repo = world.repo("bob")
    number = world.pull_request()
    fault = Fault(kind="secondary_rate_limit", method="POST", path="*/comments", times=2, skip=1)
    world.local.faults.add(fault)
    issue = repo.get_issue(number)
    issue.create_comment("goes through")
    for _ in range(2):
        with pytest.raises(RateLimitExceededException):
            issue.create_comment("is refused")
    issue.create_comment("goes through again")
    assert [c.body for c in issue.get_comments()] == ["goes through", "goes through again"]
    statuses = [c.status for c in world.local.faults.calls("POST", "*/comments")]
    assert statuses == [201, 403, 403, 201]


def test_a_lost_reply_takes_effect_and_a_lost_request_does_not(world: House) -> None:
    number = world.pull_request()
    issue = world.repo("bob").get_issue(number)
    for kind in ("lost_reply", "lost_request"):
        world.local.faults.add(Fault(kind=kind, method="POST"))
        with pytest.raises(requests.ConnectionError):
            issue.create_comment(kind)
    assert [c.body for c in issue.get_comments()] == ["lost_reply"]


def test_a_late_call_takes_effect_after_its_connection_was_cut(world: House) -> None:
    issue = world.repo("bob").get_issue(world.pull_request())
    world.local.faults.add(Fault(kind="late", method="POST", delay_s=0.5))
    with pytest.raises(requests.ConnectionError):
        issue.create_comment("late")
    assert list(issue.get_comments()) == []
    eventually(lambda: [c.body for c in issue.get_comments()] == ["late"], what="the effect")


def test_server_errors_and_delays_can_be_injected(world: House) -> None:
    world.local.faults.add(Fault(kind="server_error", status=503, times=None))
    with pytest.raises(GithubException) as refused:
        world.repo("bob")
    assert refused.value.status == 503
    world.local.faults.clear()
    world.local.faults.add(Fault(kind="delay", delay_s=0.2))
    world.repo("bob")
    assert world.local.faults.calls()[-1].duration_s >= 0.2


def test_errors_have_githubs_form(world: House) -> None:
    root, headers = world.local.api_url, {"Authorization": f"Bearer {world.tokens['bob']}"}

    def call(method: str, path: str, **options: Any) -> tuple[int, Any]:
        answer = requests.request(method, root + path, timeout=60, **options)
        assert answer.headers["X-GitHub-Request-Id"]
        assert int(answer.headers["X-RateLimit-Remaining"]) > 0
        return answer.status_code, answer.json()

    status, body = call("GET", "/user", headers={"Authorization": "token wrong"})
    assert (status, body["message"]) == (401, "Bad credentials")
    status, body = call("GET", f"/repos/{REPO}")
    assert (status, body["message"], body["status"]) == (404, "Not Found", "404")
    assert call("GET", "/nothing/here", headers=headers)[0] == 404
    status, body = call("POST", f"/repos/{REPO}/pulls", json={"title": "x"}, headers=headers)
    assert (status, body["message"]) == (422, "Validation Failed")
    assert {e["field"] for e in body["errors"]} == {"head", "base"}
    status, body = call("POST", f"/repos/{REPO}/issues", data=b"{", headers=headers)
    assert (status, body["message"]) == (400, "Problems parsing JSON")


def test_another_process_can_do_the_same_over_http(tmp_path: Path) -> None:
    program = [sys.executable, "-m", "gitbot_sandbox.github", f"--root={tmp_path / 'root'}"]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        url = server.stdout.readline().split()[1]

        def do(action: str, **fields: object) -> Any:
            answer = requests.post(f"{url}/_sandbox/do/{action}", json=fields, timeout=60)
            assert answer.status_code == 200, answer.text
            return answer.json()["result"]

        token = do("create_user", login="ann")
        do("create_repository", owner="ann", name="infra", files={"a.txt": "a"})
        do("push_files", full_name="ann/infra", branch="b", files={"a.txt": None}, author="ann")
        number = do("open_pull_request", full_name="ann/infra", author="ann", head="b", title="T")
        auth = {"Authorization": f"token {token}"}
        pull = requests.get(
            f"{url}/api/v3/repos/ann/infra/pulls/{number}", headers=auth, timeout=60
        )
        assert (pull.json()["mergeable"], pull.json()["deletions"]) == (True, 1)
        wrong = requests.post(f"{url}/_sandbox/do/merge", json={"what": 1}, timeout=60)
        assert wrong.status_code == 422
        fault = {"kind": "server_error", "path": "/user"}
        assert requests.post(f"{url}/_sandbox/faults", json=fault, timeout=60).status_code == 201
        assert requests.get(f"{url}/api/v3/user", headers=auth, timeout=60).status_code == 502
        calls = requests.get(f"{url}/_sandbox/log/calls?path=/user", timeout=60).json()
        assert [c["fault"] for c in calls] == ["server_error"]
        server.send_signal(signal.SIGTERM)
        assert server.wait(10) == 0
    assert json.loads(json.dumps(calls))[0]["login"] is None


@pytest.mark.parametrize(
    "path", ["/", "/_sandbox/log/calls", "/api/v3/user", f"/{REPO}.git/info/refs"]
)
def test_a_site_that_gives_its_name_our_address_is_refused(world: House, path: str) -> None:
    """The kind: a service on loopback that a web page reaches by DNS rebinding."""
    url = f"{world.local.url}{path}"
    for host in ("evil.example", f"evil.example:{world.local.port}", "127.0.0.1.evil.example"):
        answer = requests.get(url, headers={"Host": host}, timeout=60)
        assert answer.status_code == 403
    answer = requests.get(url, headers={"Host": f"localhost:{world.local.port}"}, timeout=60)
    assert answer.status_code != 403


def test_the_time_of_schedules_moves_on_and_never_back(world: House) -> None:
    url = f"{world.local.url}/_sandbox/clock"
    calendar, real = MovedCalendar(world.local.clock.file), SystemClock()
    assert requests.get(url, timeout=60).json()["ahead_s"] == 0
    for sent, ahead in (
        ({"advance": "3h"}, timedelta(hours=3)),
        ({"advance": "1d30m"}, timedelta(days=1, hours=3, minutes=30)),
        ({"to": (real.now() + timedelta(days=9)).isoformat(timespec="seconds")}, timedelta(days=9)),
    ):
        answer = requests.post(url, json=sent, timeout=60)
        assert abs(answer.json()["ahead_s"] - ahead.total_seconds()) < 30
        assert abs(calendar.now() - real.now() - ahead) < timedelta(seconds=30)
    for wrong in (
        {"advance": "3 hours"},
        {"to": "tomorrow"},
        {"to": "2026-01-01T00:00:00Z"},
        {"by": "3h"},
        {"advance": "1h", "to": "2126-01-01T00:00:00Z"},
        {},
        *(
            {"advance": far}
            for far in ("99999999d", "65000d", "99999999d99999999h", "-1h", 3, None)
        ),
        *(
            {"to": far}
            for far in ("9998-12-31T00:00:00Z", "2200-01-01T00:00:00Z", "9999-12-31", [])
        ),
    ):
        answer = requests.post(url, json=wrong, timeout=60)
        assert answer.status_code == 422, wrong
        assert answer.json()["message"]
    page = f"{world.local.url}/_sandbox/time"
    shown = requests.post(page, data={"by": "7d"}, timeout=60)
    assert f"{calendar.now():%Y-%m-%d %H:}" in shown.text
    for by in ("soon", "99999999d", "9998-12-31T00:00:00Z", "-1h", ""):
        assert requests.post(page, data={"by": by}, timeout=60).status_code == 422, by
    assert abs(calendar.now() - real.now() - timedelta(days=16)) < timedelta(seconds=30)
