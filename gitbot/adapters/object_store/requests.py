"""Counts the requests to buckets of state, and the bytes of their bodies. Shell."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

from gitbot.model.store_cost import StoreCost, kind_of


class Requests:
    """The requests of some clients of S3. Safe to use from any thread.

    It is told by botocore of every try, so those count that S3 answered with an error or not at all.
    https://docs.aws.amazon.com/boto3/latest/guide/events.html
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cost = StoreCost()

    def forget(self) -> None:
        """Count from zero again."""
        with self._lock:
            self._cost = StoreCost()

    def cost(self) -> StoreCost:
        """What was counted since."""
        with self._lock:
            return self._cost

    def count(self, client: Any) -> None:
        """Count all requests of this client from now on."""
        client.meta.events.register_last("before-send.s3", self._sent)
        client.meta.events.register_last("response-received.s3", self._received)

    def _sent(self, request: Any, event_name: str, **_: Any) -> None:
        kind = kind_of(event_name.rpartition(".")[2])
        # A body that is sent in chunks tells its length there.
        length = request.headers.get("X-Amz-Decoded-Content-Length")
        if length is None:
            length = request.headers.get("Content-Length") or 0
        with self._lock:
            before = self._cost
            self._cost = replace(
                before,
                **{kind: getattr(before, kind) + 1},
                bytes_sent=before.bytes_sent + int(length),
            )

    def _received(self, response_dict: Any, **_: Any) -> None:
        if response_dict is None:
            return
        body = response_dict.get("body")
        # The body of an object is still to be read; S3 sends that of a list without its length.
        whole = isinstance(body, bytes)
        size = len(body) if whole else int(response_dict["headers"].get("Content-Length") or 0)
        with self._lock:
            before = self._cost
            self._cost = replace(before, bytes_received=before.bytes_received + size)


REQUESTS = Requests()
"""Those of this process. A command opens a bucket in several places, and for several stores."""
