"""Threads of one process that want environments of a bucket, write, and die or give them back.

Run as ``python -m tests.soak.bucket_writers '{…}'`` with the fields of ``Task``. Prints ``Heard`` as JSON.
"""

from __future__ import annotations

import json
import os
import random
import sys
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectionClosedError

from gitbot.adapters.clock import SystemClock
from gitbot.adapters.object_store.layout import Layout
from gitbot.adapters.object_store.objects import Objects
from gitbot.adapters.object_store.state import S3StateStore
from gitbot.errors import LeaseLostError, LeaseUnavailableError, TransientError
from gitbot.model.names import EnvironmentKey
from gitbot.model.recorded import Lease
from tests.contract.state_world import STACK, bucket_client, resource

TTL = timedelta(hours=1)
LINEAGE = "l"
MOST_WAITS = 600
REFUSALS = {409: "ConditionalRequestConflict", 412: "PreconditionFailed", 503: "SlowDown"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What one process does. ``faulty`` is the share of requests that meet a fault, ``patience_s`` the most
    seconds that a writer waits before it asks again."""

    url: str
    bucket: str
    folder: str
    name: str
    threads: int
    rounds: int
    environments: int
    faulty: float
    patience_s: float


@dataclass(slots=True)
class Heard:
    """What the writers were told, by environment where it is of one."""

    written: dict[str, list[str]] = field(default_factory=dict)
    unknown: dict[str, list[str]] = field(default_factory=dict)
    epochs: dict[str, list[int]] = field(default_factory=dict)
    faults: Counter[str] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)


class Faults:
    """Meets requests of a client with faults, as a network and S3 have them."""

    def __init__(self, client: Any, share: float, seed: str, met: Counter[str]) -> None:
        self._session = client._endpoint.http_session
        self._share = share
        self._random = random.Random(seed)
        self._met = met
        self._lock = threading.Lock()
        client.meta.events.register("before-send.s3", self._meet)

    def _meet(self, request: Any, **_: Any) -> AWSResponse | None:
        conditional = {"If-Match", "If-None-Match"} & set(request.headers)
        kinds = ["lost request", "lost reply", 503, *((409, 412) if conditional else ())]
        with self._lock:
            kind = self._random.choice(kinds) if self._random.random() < self._share else None
            self._met[str(kind)] += kind is not None
        if kind is None:
            return None
        if isinstance(kind, int):
            body = f"<Error><Code>{REFUSALS[kind]}</Code><Message>injected</Message></Error>"
            return AWSResponse(request.url, kind, {}, _Raw(body.encode()))
        if kind == "lost reply":
            self._session.send(request)
        raise ConnectionClosedError(endpoint_url=request.url)


class _Raw:
    """The body of a reply, as botocore reads it."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, *_: Any, **__: Any) -> list[bytes]:
        return [self._body]


@dataclass(frozen=True, slots=True)
class Graves:
    """Processes that are dead when a file says so."""

    folder: Path

    def name(self, purpose: str = "") -> str:
        return purpose

    def bury(self, holder: str) -> None:
        (self.folder / f"{holder}.dead").touch()

    def is_dead(self, holder: str) -> bool:
        return (self.folder / f"{holder}.dead").exists()


class Process:
    """The threads of one process, and what they heard."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._folder = Path(task.folder)
        self._left = task.rounds
        self._lock = threading.Lock()
        self._graves = Graves(self._folder)
        self._client = bucket_client(task.url, attempts=1)
        self.heard = Heard()
        Faults(self._client, task.faulty, task.name, self.heard.faults)

    def run(self) -> Heard:
        threads = [
            threading.Thread(target=self._write, args=(number,))
            for number in range(self._task.threads)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return self.heard

    def _take_round(self) -> int:
        with self._lock:
            self._left -= 1
            return self._left

    def _write(self, number: int) -> None:
        me = f"{self._task.name}-{number}"
        chance = random.Random(me)
        failed = self._folder / "failed"
        try:
            while (turn := self._take_round()) >= 0 and not failed.exists():
                self._round(f"{me}-{turn}", chance)
        finally:
            if turn >= 0:
                failed.touch()  # it holds what others wait for: all end

    def _round(self, holder: str, chance: random.Random) -> None:
        """Have one environment for a while; sometimes die in it, and wake when others may have it."""
        objects = Objects(
            self._client, self._task.bucket, b"k" * 32, wait=lambda s: time.sleep(s / 50)
        )
        store = S3StateStore(objects, Layout(""), SystemClock(), self._graves)  # type: ignore[arg-type]
        lease = self._acquired(store, holder, chance)
        holder = lease.holder
        environment = lease.environment.environment
        self._note(self.heard.epochs, environment, lease.epoch)
        mine = self._folder / environment
        # Nobody else may have it now: this fails if the file is there.
        os.close(os.open(mine, os.O_CREAT | os.O_EXCL))
        for at in range(3):
            self._put(store, lease, f"{holder}-{at}")
        with suppress(TransientError):
            lease = store.renew(lease, TTL)
        dies = chance.random() < 0.2
        mine.unlink()
        if dies:
            self._graves.bury(holder)
            time.sleep(chance.random())
            self._put(store, lease, f"{holder}-late")
        else:
            self._release(store, lease, holder)

    def _acquired(self, store: S3StateStore, holder: str, chance: random.Random) -> Lease:
        name = f"e{chance.randrange(self._task.environments)}"
        for _ in range(MOST_WAITS):
            if (self._folder / "failed").exists():
                raise SystemExit
            try:
                return store.acquire(EnvironmentKey(repository="7", environment=name), holder, TTL)
            except LeaseUnavailableError:
                self._told("somebody else has it")
                time.sleep(chance.random() * self._task.patience_s)
            except TransientError:
                # It may have the lease, without knowing: the same store would be told so.
                self._told("nobody knows who has it")
                with suppress(TransientError):
                    key = EnvironmentKey(repository="7", environment=name)
                    return store.acquire(key, holder, TTL)
                self._graves.bury(holder)
                holder = f"{holder}x"
        raise AssertionError("nobody gave an environment back")

    def _put(self, store: S3StateStore, lease: Lease, name: str) -> None:
        environment = lease.environment.environment
        stack = replace(STACK, environment=environment)
        try:
            store.put(lease, stack, LINEAGE, resource(name, name))
        except LeaseLostError:
            assert name.endswith("late"), f"{name} lost a lease that nobody took"
            self._told("taken over")
        except TransientError:
            self._told("nobody knows whether it is written")
            self._note(self.heard.unknown, environment, name)
        else:
            self._note(self.heard.written, environment, name)

    def _release(self, store: S3StateStore, lease: Lease, holder: str) -> None:
        for _ in range(5):
            try:
                store.release(lease)
                return
            except TransientError:
                self._told("not given back yet")
        self._graves.bury(holder)

    def _note(self, where: dict[str, list[Any]], environment: str, what: Any) -> None:
        with self._lock:
            where.setdefault(environment, []).append(what)

    def _told(self, what: str) -> None:
        with self._lock:
            self.heard.told[what] += 1


if __name__ == "__main__":
    heard = Process(Task(**json.loads(sys.argv[1]))).run()
    json.dump({one.name: getattr(heard, one.name) for one in fields(heard)}, sys.stdout)
