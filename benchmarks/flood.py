"""Send signed deliveries at a fixed rate, in a process of its own. Shell.

    python -m benchmarks.flood RATE SECONDS URL...

The other facts come on standard input as JSON; on standard output go the status and the latency in
seconds of each delivery, as JSON. A latency counts from the time at which the delivery was due, so
that waiting behind a slow answer counts too.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import random
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any, TypeAlias
from urllib.parse import urlsplit

_CONNECTIONS = 48
_TIMEOUT_S = 10.0
_Request: TypeAlias = tuple[Mapping[str, str], bytes]
"""The headers and the body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What deliveries are about. ``comments`` are (id, body), each sent once."""

    secret: str
    repository: int
    branch: str
    heads: Mapping[str, str]
    tip: str
    comments: Sequence[tuple[int, str]] = field(default=())


def main() -> None:
    """Send them all, then write what came back."""
    rate, seconds, *urls = sys.argv[1:]
    subject = Subject(**json.load(sys.stdin))
    due: SimpleQueue[tuple[float, _Request] | None] = SimpleQueue()
    found: list[tuple[int, float]] = []
    threads = [
        threading.Thread(target=_send, args=(due, found, urls[at % len(urls)]))
        for at in range(_CONNECTIONS)
    ]
    # Made and signed before, so that the sender takes little of the machine meanwhile.
    made = _deliveries(subject, int(rate) * int(seconds))
    requests = [_signed(subject.secret, f"flood-{at:06}", *one) for at, one in enumerate(made)]
    for thread in threads:
        thread.start()
    started = time.monotonic()
    for at, request in enumerate(requests):
        when = started + at / int(rate)
        time.sleep(max(0.0, when - time.monotonic()))
        due.put((when, request))
    for _ in threads:
        due.put(None)
    for thread in threads:
        thread.join()
    json.dump(found, sys.stdout)


def _deliveries(subject: Subject, many: int) -> Iterator[tuple[str, bytes]]:
    """Most are new heads of pull requests; the rest pushes and comments. The comments with commands
    are spread evenly."""
    random_, comments = random.Random(7), list(subject.comments)
    every = max(1, many // max(1, len(comments)))
    numbers = sorted(subject.heads)
    for at in range(many):
        if comments and at % every == every - 1:
            yield "issue_comment", _body(subject, _comment(numbers[0], *comments.pop()))
        elif (kind := random_.random()) < 0.7:
            yield "pull_request", _body(subject, _synchronize(subject, random_.choice(numbers)))
        elif kind < 0.85:
            ref = "refs/heads/somewhere"
            yield "push", _body(subject, _push(f"{random_.getrandbits(160):040x}", ref))
        elif kind < 0.95:
            yield "push", _body(subject, _push(subject.tip, f"refs/heads/{subject.branch}"))
        else:
            said = _comment(random_.choice(numbers), 10**9 + at, "it needs no command")
            yield "issue_comment", _body(subject, said)


def _body(subject: Subject, payload: Mapping[str, Any]) -> bytes:
    repository = {"id": subject.repository, "default_branch": subject.branch}
    # GitHub's payloads have some ten kilobytes, most of which nobody reads.
    padding = {"padding": "x" * 8000}
    sender = {"login": "bob", "id": 2}
    return json.dumps({**payload, "repository": repository, "sender": sender, **padding}).encode()


def _synchronize(subject: Subject, number: str) -> Mapping[str, Any]:
    own = {"id": subject.repository}
    head = {"sha": subject.heads[number], "repo": own}
    pull = {"number": int(number), "head": head, "base": {"repo": own}}
    return {"action": "synchronize", "number": int(number), "pull_request": pull}


def _push(after: str, ref: str) -> Mapping[str, Any]:
    return {"ref": ref, "after": after, "deleted": False, "pusher": {"name": "bob"}, "commits": []}


def _comment(number: str, id_: int, body: str) -> Mapping[str, Any]:
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    user = {"login": "bob", "id": 2}
    comment = {"id": id_, "user": user, "body": body, "created_at": now, "updated_at": now}
    return {
        "action": "created",
        "issue": {"number": int(number), "pull_request": {}},
        "comment": comment,
    }


def _signed(secret: str, id_: str, event: str, body: bytes) -> _Request:
    signature = hmac.digest(secret.encode(), body, hashlib.sha256).hex()
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": id_,
        "X-Hub-Signature-256": f"sha256={signature}",
    }
    return headers, body


def _send(
    due: SimpleQueue[tuple[float, _Request] | None], found: list[tuple[int, float]], url: str
) -> None:
    host = urlsplit(url).netloc
    connection = http.client.HTTPConnection(host, timeout=_TIMEOUT_S)
    while (one := due.get()) is not None:
        when, (headers, body) = one
        try:
            connection.request("POST", "/webhook", body, headers)
            reply = connection.getresponse()
            reply.read()
            status = reply.status
        except OSError:
            connection.close()
            status = 0
        found.append((status, time.monotonic() - when))
    connection.close()


if __name__ == "__main__":
    main()
