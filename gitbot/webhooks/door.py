"""Serves the webhook application over HTTP, and gives strangers little to hold. Shell.

Waitress (https://docs.pylonsproject.org/projects/waitress) closes idle connections and limits how
many there are. That alone lets whoever opens that many keep everybody else out.
"""

from __future__ import annotations

import weakref
from typing import Any

from flask import Flask
from waitress.server import TcpWSGIServer

from gitbot.webhooks.app import MAX_BODY_BYTES

MOST_CONNECTIONS = 500
IDLE_S = 10
"""How long a connection may stay without a byte."""
REQUEST_S = 60
"""How long a request may take to arrive. GitHub itself gives up on a delivery after 10 seconds:
https://docs.github.com/en/webhooks/using-webhooks/best-practices-for-using-webhooks
"""
THREADS = 32
"""As many deliveries are in one batch of the inbox at most, since each waits in a thread of its own."""
_EVICTED_AT_ONCE = 50


class Door(TcpWSGIServer):  # type: ignore[misc]  # waitress has no types
    """A server that closes slow and idle connections.

    Where there are too many, it closes those that have waited longest without a whole request, so
    that a new one always comes in. ``idle_s`` and ``request_s`` are limits in seconds.
    """

    def __init__(
        self,
        app: Flask,
        *,
        host: str,
        port: int,
        proxies: int = 0,
        most_connections: int = MOST_CONNECTIONS,
        idle_s: int = IDLE_S,
        request_s: float = REQUEST_S,
        **more: Any,
    ) -> None:
        """``more`` are further settings of waitress. ``proxies`` are in front: the caller's address
        is what the outermost of them says.

        Raises:
            OSError: the address cannot be used.
        """
        super().__init__(
            app,
            host=host,
            port=port,
            threads=THREADS,
            max_request_body_size=MAX_BODY_BYTES,
            max_request_header_size=32 * 1024,
            # One more than is ever reached: ``_make_room`` keeps below it.
            connection_limit=most_connections + 1,
            channel_timeout=idle_s,
            cleanup_interval=1,
            # ``select`` cannot watch more than 1024 files.
            asyncore_use_poll=True,
            **(_behind(proxies) if proxies else {}),
            **more,
        )
        self._most_connections = most_connections
        self._request_s = request_s
        self._arriving: weakref.WeakKeyDictionary[Any, float] = weakref.WeakKeyDictionary()

    def handle_accept(self) -> None:
        """Take a new connection, after making room for it."""
        self._make_room()
        super().handle_accept()

    def maintenance(self, now: float) -> None:
        """Close the connections that are idle, or whose request takes too long to arrive."""
        super().maintenance(now)
        for channel in list(self.active_channels.values()):
            if channel.request is None:
                self._arriving.pop(channel, None)
            elif now - self._arriving.setdefault(channel, now) > self._request_s:
                channel.will_close = True

    def _make_room(self) -> None:
        if len(self._map) < self._most_connections:
            return
        waiting = [one for one in self.active_channels.values() if not one.requests]
        waiting.sort(key=lambda channel: channel.creation_time)
        for channel in waiting[:_EVICTED_AT_ONCE]:
            channel.handle_close()


def _behind(proxies: int) -> dict[str, Any]:
    """Waitress's settings for so many proxies. Without them it believes nobody's header."""
    return {
        "trusted_proxy": "*",
        "trusted_proxy_count": proxies,
        "trusted_proxy_headers": {"x-forwarded-for"},
    }


def stop_door(door: Door) -> None:
    """Stop listening. Requests that are being answered end first."""
    # Stop the threads first: a thread that is answering needs what ``close`` closes.
    door.task_dispatcher.shutdown()
    door.close()
