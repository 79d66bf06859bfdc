"""Serve the webhook door by waitress, as in production. Shell."""

from __future__ import annotations

import hashlib
import hmac
import threading
from contextlib import suppress
from typing import Any

import requests

from gitbot.model.events import Delivery
from gitbot.webhooks import create_app
from gitbot.webhooks.app import Health
from gitbot.webhooks.door import Door as ServedDoor

SECRET = "new secret"
PREVIOUS = "previous secret"


class Door:
    """A served door; ``raises`` is what the next delivery runs into."""

    def __init__(self, max_body_bytes: int = 10_000, **limits: Any) -> None:
        self.heard: list[Delivery] = []
        self.raises: Exception | None = None
        self.health = Health()
        app = create_app(
            secrets=[SECRET, PREVIOUS],
            hear=self.hear,
            health=lambda: self.health,
            max_body_bytes=max_body_bytes,
        )
        self.app = app
        self.sockets: dict[int, Any] = {}
        self.server = ServedDoor(app, host="127.0.0.1", port=0, map=self.sockets, **limits)
        self.url = f"http://127.0.0.1:{self.server.effective_port}"
        self.thread = threading.Thread(target=self.server.run)
        self.thread.start()

    def hear(self, delivery: Delivery) -> None:
        if self.raises:
            raise self.raises
        self.heard.append(delivery)

    def close(self) -> None:
        self.server.task_dispatcher.shutdown()
        for channel in list(self.sockets.values()):
            if channel is not self.server and channel is not self.server.trigger:
                channel.will_close = True
        self.server.maintenance(0)
        # Its thread may close already for an earlier call, between being told to and being called.
        with suppress(OSError):
            self.server.trigger.pull_trigger(self.server.close)
        self.thread.join(5)
        assert not self.thread.is_alive()

    def post(
        self,
        body: bytes,
        *,
        secret: str | None = SECRET,
        event: str | None = "push",
        content_type: str = "application/json",
        **headers: str,
    ) -> requests.Response:
        sent = {
            "Content-Type": content_type,
            "X-GitHub-Delivery": "0b1c-d1",
            "Connection": "close",
        }
        if event is not None:
            sent["X-GitHub-Event"] = event
        if secret is not None:
            sent["X-Hub-Signature-256"] = signature(secret, body)
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return requests.post(f"{self.url}/webhook", data=body, headers=sent, timeout=60)


def signature(secret: str, body: bytes) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
