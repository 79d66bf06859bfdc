"""Deliver webhooks in order from a background thread, once each, and keep a log. Shell."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import itertools
import json
import random
import threading
import time
import urllib.parse
import uuid
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from gitbot_sandbox.github.entities import Hook
from gitbot_sandbox.github.store import wall_clock

TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One delivery. ``status_code`` None: not sent yet. 0: no answer, and ``error`` says why."""

    id: int
    guid: str
    event: str
    action: str | None
    url: str
    hook_id: int
    repository_id: int | None
    installation_id: int | None
    headers: Mapping[str, str]
    payload: bytes
    redelivery: bool = False
    delivered_at: datetime | None = None
    status_code: int | None = None
    response: str = ""
    error: str = ""
    duration_s: float = 0.0

    def json(self) -> Any:
        """The payload, parsed."""
        return json.loads(self.payload)


@dataclass(slots=True)
class _Switches:
    hold: bool = False
    drop: int = 0
    copies: int = 1


@dataclass(slots=True)
class Courier:
    """The queue of deliveries. A delivery is tried once, with GitHub's limit of 10 s.

    There are switches for tests. ``hold`` keeps new deliveries back until ``release``. ``drop``
    loses the next ones. ``duplicate`` sends each of the following several times under one GUID.
    """

    _queue: deque[Delivery] = field(default_factory=deque)
    _held: list[Delivery] = field(default_factory=list)
    _log: list[Delivery] = field(default_factory=list)
    _switches: _Switches = field(default_factory=_Switches)
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    _busy: bool = False
    _stopped: bool = True
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to deliver."""
        self._stopped = False
        self._thread = threading.Thread(target=self._work, name="webhooks", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop after the delivery that is under way; queued deliveries are not sent."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(TIMEOUT_S + 1)

    def send(self, hook: Hook, event: str, payload: Mapping[str, Any]) -> str | None:
        """Queue an event for a hook; returns its GUID, or None if the hook does not want it."""
        wanted = event == "ping" or event in hook.events or "*" in hook.events
        if not hook.active or not wanted:
            return None
        body = json.dumps(payload, separators=(",", ":")).encode()
        guid = str(uuid.uuid4())
        delivery = Delivery(
            id=next(self._ids),
            guid=guid,
            event=event,
            action=payload.get("action"),
            url=hook.url,
            hook_id=hook.id,
            repository_id=payload.get("repository", {}).get("id"),
            installation_id=payload.get("installation", {}).get("id"),
            headers=_headers(hook, event, guid, body),
            payload=body,
        )
        with self._changed:
            switches = self._switches
            if switches.drop:
                switches.drop -= 1
                self._log.append(replace(delivery, error="dropped by a switch", status_code=0))
                return guid
            target = self._held if switches.hold else self._queue
            target.extend([delivery] * switches.copies)
            self._changed.notify_all()
        return guid

    def redeliver(self, delivery_id: int) -> int:
        """Queue a logged delivery again under its GUID; returns the id of the new one.

        Raises:
            KeyError: there is no such delivery.
        """
        with self._changed:
            found = next((d for d in self._log if d.id == delivery_id), None)
            if found is None:
                raise KeyError(f"there is no delivery {delivery_id}")
            again = replace(
                found,
                id=next(self._ids),
                redelivery=True,
                delivered_at=None,
                status_code=None,
                response="",
                error="",
                duration_s=0.0,
            )
            self._queue.append(again)
            self._changed.notify_all()
            return again.id

    # --- switches ---

    def hold(self) -> None:
        """Keep the following deliveries back."""
        with self._changed:
            self._switches.hold = True

    def release(self, *, shuffle_seed: int | None = None, copies: int = 1) -> int:
        """Queue the held deliveries, each ``copies`` times; returns how many were queued.

        With ``shuffle_seed`` their order is shuffled.
        """
        with self._changed:
            waiting = [d for d in self._held for _ in range(copies)]
            self._held.clear()
            self._switches.hold = False
            if shuffle_seed is not None:
                random.Random(shuffle_seed).shuffle(waiting)
            self._queue.extend(waiting)
            self._changed.notify_all()
            return len(waiting)

    def drop(self, number: int) -> None:
        """Lose the next deliveries."""
        with self._changed:
            self._switches.drop = number

    def duplicate(self, copies: int) -> None:
        """Send every following delivery ``copies`` times (1: as usual)."""
        with self._changed:
            self._switches.copies = copies

    # --- reading ---

    def held(self) -> tuple[Delivery, ...]:
        """The deliveries that are held back."""
        with self._changed:
            return tuple(self._held)

    def deliveries(self, event: str | None = None, action: str | None = None) -> list[Delivery]:
        """The finished deliveries, oldest first."""
        with self._changed:
            return [
                d
                for d in self._log
                if (event is None or d.event == event) and (action is None or d.action == action)
            ]

    def wait_idle(self, timeout_s: float = 10.0) -> bool:
        """Wait until no delivery is queued or under way; False if that took too long."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._queue and not self._busy, timeout_s)

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._stopped or self._queue)
                if self._stopped:
                    return
                delivery = self._queue.popleft()
                self._busy = True
            done = _deliver(delivery)
            with self._changed:
                self._log.append(done)
                self._busy = False
                self._changed.notify_all()


def sign(secret: str, body: bytes) -> str:
    """The value of X-Hub-Signature-256 for a body."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _headers(hook: Hook, event: str, guid: str, body: bytes) -> dict[str, str]:
    """The headers that GitHub sends.

    https://docs.github.com/webhooks/webhook-events-and-payloads#delivery-headers
    """
    of_app = hook.app_id is not None
    headers = {
        "Accept": "*/*",
        "Content-Type": "application/json",
        "User-Agent": f"GitHub-Hookshot/{guid[:7]}",
        "X-GitHub-Delivery": guid,
        "X-GitHub-Event": event,
        "X-GitHub-Hook-ID": str(hook.id),
        "X-GitHub-Hook-Installation-Target-ID": str(hook.app_id or hook.repository or 0),
        "X-GitHub-Hook-Installation-Target-Type": "integration" if of_app else "repository",
    }
    if hook.secret:
        headers["X-Hub-Signature-256"] = sign(hook.secret, body)
    return headers


def _deliver(delivery: Delivery) -> Delivery:
    target = urllib.parse.urlsplit(delivery.url)
    secure = target.scheme == "https"
    connect = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = connect(target.hostname or "", target.port, timeout=TIMEOUT_S)
    path = (target.path or "/") + (f"?{target.query}" if target.query else "")
    at, started = wall_clock(), time.monotonic()
    try:
        connection.request("POST", path, body=delivery.payload, headers=dict(delivery.headers))
        answer = connection.getresponse()
        status, text, error = answer.status, answer.read(65_536).decode(errors="replace"), ""
    except (OSError, http.client.HTTPException) as problem:
        status, text, error = 0, "", f"{type(problem).__name__}: {problem}"
    finally:
        connection.close()
    return replace(
        delivery,
        delivered_at=at,
        status_code=status,
        response=text,
        error=error,
        duration_s=time.monotonic() - started,
    )


def by_event(deliveries: Sequence[Delivery]) -> dict[str, int]:
    """How many deliveries there were for each ``event`` or ``event.action``."""
    counts: dict[str, int] = {}
    for delivery in deliveries:
        name = delivery.event + (f".{delivery.action}" if delivery.action else "")
        counts[name] = counts.get(name, 0) + 1
    return counts
