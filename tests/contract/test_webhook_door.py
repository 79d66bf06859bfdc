"""Tests for the webhook door over real HTTP, with waitress as in production. Shell."""

from __future__ import annotations

import json
import socket
import time
import urllib.parse
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from flask import request

from gitbot.errors import TransientError, UserError
from gitbot.model.events import Delivery, Pushed
from gitbot.model.names import Sha
from gitbot.ports.telemetry import Metric
from gitbot.webhooks import create_app
from gitbot.webhooks.app import Health
from tests.contract.telemetry_world import hearing
from tests.contract.webhook_door_world import PREVIOUS, SECRET, Door, signature

PUSH = {
    "ref": "refs/heads/main",
    "after": "ab" * 20,
    "pusher": {"name": "ada"},
    "sender": {"login": "ada"},
    "deleted": False,
    "repository": {"id": 42},
}


@pytest.fixture
def door() -> Iterator[Door]:
    made = Door()
    yield made
    made.close()


def push() -> bytes:
    return json.dumps(PUSH).encode()


def test_a_signed_delivery_is_heard_once_and_answered_202(door: Door) -> None:
    answer = door.post(push())
    assert (answer.status_code, answer.json()) == (
        202,
        {"status": "heard", "delivery": "0b1c-d1"},
    )
    after = Sha("ab" * 20)
    event = Pushed(
        repository="42", ref="refs/heads/main", after=after, commits=(after,), pushers=("ada",)
    )
    assert door.heard == [Delivery(id="0b1c-d1", event_name="push", event=event)]


def test_the_previous_secret_is_still_accepted(door: Door) -> None:
    assert door.post(push(), secret=PREVIOUS).status_code == 202


def test_a_form_encoded_delivery_is_heard(door: Door) -> None:
    body = urllib.parse.urlencode({"payload": json.dumps(PUSH)}).encode()
    answer = door.post(body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 202
    assert len(door.heard) == 1


def test_ping_is_answered_and_enqueues_nothing(door: Door) -> None:
    answer = door.post(b'{"zen": "x"}', event="ping")
    assert (answer.status_code, answer.json()) == (200, {"status": "pong"})
    assert door.heard == []


@pytest.mark.parametrize("event", ["star", "projects_v2_item"])
def test_unknown_events_are_accepted_and_the_answer_says_why_they_are_ignored(
    door: Door, event: str
) -> None:
    answer = door.post(b"{}", event=event)
    assert answer.status_code == 202
    assert f"'{event}'" in answer.json()["why"]
    assert door.heard == []


@pytest.mark.parametrize(
    "headers",
    [
        {"X_Hub_Signature_256": "sha256=" + "0" * 64},
        {"X_Hub_Signature_256": "sha1=" + "0" * 40},
        {"X_Hub_Signature_256": ""},
        {"X_Hub_Signature_256": signature("another secret", push())},
        {"X_Hub_Signature_256": signature(SECRET, push() + b" ")},
        {"X_Hub_Signature_256": signature(SECRET, push()).removeprefix("sha256=")},
        {"X_Hub_Signature_256": signature(SECRET, push()).upper()},
        {"X_Hub_Signature": signature(SECRET, push())},
    ],
)
def test_without_the_right_signature_nothing_is_read(door: Door, headers: dict[str, str]) -> None:
    answer = door.post(push(), secret=None, **headers)
    assert answer.status_code == 401
    assert "secret" in answer.json()["error"]
    assert door.heard == []


def test_a_signature_is_checked_before_the_body_is_parsed(door: Door) -> None:
    assert door.post(b"{", secret="wrong").status_code == 401
    assert door.post(b"{", secret="wrong", event=None).status_code == 401


@pytest.mark.parametrize(
    ("body", "given", "status", "part"),
    [
        (b"{", {}, 400, "not JSON"),
        (b"\xff\xfe", {}, 400, "not JSON"),
        (b"[" * 9_000, {}, 400, "not JSON"),
        (b"payload", {"content_type": "application/x-www-form-urlencoded"}, 400, "not JSON"),
        (b"a=b", {"content_type": "application/x-www-form-urlencoded"}, 400, "not JSON"),
        (b"{}", {"content_type": "text/plain"}, 415, "application/json"),
        (b"{}", {"event": None}, 400, "X-GitHub-Event"),
        (b"{}", {"X_GitHub_Delivery": ""}, 400, "X-GitHub-Delivery"),
        (b"{}", {"X_GitHub_Delivery": "../../x"}, 400, "X-GitHub-Delivery"),
        (b"{}", {}, 400, "ref is missing"),
        (b"[]", {}, 400, "JSON object"),
        (b"x" * 10_001, {}, 413, ""),
    ],
)
def test_bad_deliveries_get_a_clear_answer_and_enqueue_nothing(
    door: Door, body: bytes, given: dict[str, Any], status: int, part: str
) -> None:
    answer = door.post(body, **given)
    assert answer.status_code == status
    assert part in answer.json()["error"]
    assert door.heard == []


def test_a_chunked_body_over_the_limit_is_refused(door: Door) -> None:
    host, port = "127.0.0.1", int(door.url.rpartition(":")[2])
    head = "POST /webhook HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"2000\r\n" + b"x" * 0x2000 + b"\r\n"
    with socket.create_connection((host, port), timeout=60) as connection:
        connection.sendall(head.encode() + chunk * 2 + b"0\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 413")


def test_when_the_queue_fails_github_sees_a_failed_delivery(door: Door) -> None:
    door.raises = TransientError("the database is locked at /srv/secret", retry_after_s=7)
    answer = door.post(push())
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "7")
    assert "/srv/secret" not in answer.text


def test_a_bug_is_answered_without_a_traceback(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    door.raises = RuntimeError("inner detail")
    answer = door.post(push())
    assert answer.status_code == 500
    assert "inner detail" not in answer.text
    assert "inner detail" in caplog.text


def test_each_delivery_is_told_with_its_event_and_what_became_of_it(door: Door) -> None:
    with hearing() as heard:
        door.post(push())
        door.post(b'{"zen": "x"}', event="ping")
        door.post(b"{}", event="star")
        door.post(push(), secret="wrong")
        door.post(b"{", secret=SECRET)
        door.raises = TransientError("away", retry_after_s=1)
        door.post(push())
        door.raises = RuntimeError("a bug")
        door.post(push())
        requests.get(f"{door.url}/webhook", timeout=60)
    assert heard.of(Metric.DELIVERIES) == {
        ("push", "heard"): 1,
        ("ping", "pong"): 1,
        ("other", "ignored"): 1,
        ("push", "refused"): 1,
        ("push", "malformed"): 1,
        ("push", "put_off"): 1,
        ("push", "failed"): 1,
    }


def test_health_and_readiness_are_served(door: Door) -> None:
    assert requests.get(f"{door.url}/healthz", timeout=60).status_code == 200
    door.health = Health(checks={"clock": "it is wrong", "aws": ""}, clock_ahead_s=181.26)
    answer = requests.get(f"{door.url}/readyz", timeout=60)
    checks = {"clock": "it is wrong", "aws": "ok"}
    told = {"status": "ready", "checks": checks, "clock_ahead_of_github_s": 181.3}
    assert (answer.status_code, answer.json()) == (200, told)
    door.health = Health(ready=False, checks={"draining": "the server is stopping"})
    answer = requests.get(f"{door.url}/readyz", timeout=60)
    told = {"status": "not ready", "checks": {"draining": "the server is stopping"}}
    assert (answer.status_code, answer.json()) == (503, told)


def test_other_methods_and_paths_are_answered_in_json(door: Door) -> None:
    assert requests.get(f"{door.url}/webhook", timeout=60).status_code == 405
    assert "error" in requests.get(f"{door.url}/nowhere", timeout=60).json()


@pytest.mark.parametrize("secrets", [[], [""], ["  "], [SECRET, ""], "letters"])
def test_without_a_secret_no_webhook_is_served(secrets: Any) -> None:
    with pytest.raises(UserError, match="no secret"):
        create_app(secrets=secrets, hear=lambda delivery: None)


# --- connections of strangers ------------------------------------------------------------------


def connected(door: Door, number: int, sent: bytes = b"") -> list[socket.socket]:
    """That many connections to the door, each with these bytes sent."""
    port = int(door.url.rpartition(":")[2])
    made = [socket.create_connection(("127.0.0.1", port), timeout=60) for _ in range(number)]
    for one in made:
        one.sendall(sent)
    return made


@pytest.mark.parametrize("sent", [b"", b"POST /webhook HTTP/1.1\r\nHost: x\r\n"])
def test_more_idle_connections_than_the_door_has_places_keep_no_delivery_out(sent: bytes) -> None:
    """The kind: something limited that strangers can hold without giving anything."""
    door = Door(most_connections=30, idle_s=100)
    idle: list[socket.socket] = []
    try:
        for _ in range(4):
            idle += connected(door, 40, sent)
            began = time.monotonic()
            assert door.post(push()).status_code == 202
            assert time.monotonic() - began < 50, "it waited for strangers"
        assert len(door.sockets) <= 35
    finally:
        for one in idle:
            one.close()
        door.close()


def drip(connection: socket.socket, seconds: int) -> None:
    for _ in range(10 * seconds):
        connection.sendall(b"a")
        time.sleep(0.1)


def test_a_request_that_arrives_byte_by_byte_is_ended() -> None:
    """The kind: a timeout that every byte starts again."""
    door = Door(idle_s=5, request_s=1)
    (slow,) = connected(door, 1, b"POST /webhook HTTP/1.1\r\nHost: x\r\nX: ")
    try:
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            drip(slow, seconds=100)
        assert door.post(push()).status_code == 202
    finally:
        slow.close()
        door.close()


def test_an_idle_connection_is_closed_and_one_between_two_deliveries_is_not() -> None:
    door = Door(idle_s=2, request_s=1)
    (idle,) = connected(door, 1)
    try:
        with requests.Session() as proxy:
            for _ in range(3):
                assert proxy.get(f"{door.url}/healthz", timeout=60).status_code == 200
                time.sleep(0.7)
            assert len(proxy.adapters["http://"].poolmanager.pools) == 1  # type: ignore[attr-defined]
        idle.settimeout(60)
        assert idle.recv(1) == b""
    finally:
        idle.close()
        door.close()


@pytest.mark.parametrize(
    ("proxies", "told", "seen"),
    [
        (0, "203.0.113.9", "127.0.0.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (2, "198.51.100.1, 203.0.113.9, 10.0.0.1", "203.0.113.9"),
    ],
)
def test_only_the_proxies_in_front_say_who_calls(proxies: int, told: str, seen: str) -> None:
    """The kind: a caller who gives themselves another address with each request."""
    door = Door(proxies=proxies)
    found: list[str | None] = []

    @door.app.before_request
    def note() -> None:
        found.append(request.remote_addr)

    try:
        requests.get(
            f"{door.url}/healthz",
            headers={"X-Forwarded-For": told, "Connection": "close"},
            timeout=60,
        )
    finally:
        door.close()
    assert found == [seen]
