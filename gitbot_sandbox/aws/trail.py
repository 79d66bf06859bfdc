"""Record the calls that moto serves, and answer CloudTrail's ``LookupEvents``. Shell."""

from __future__ import annotations

import io
import json
import re
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from gitbot_sandbox.aws.calls import CALL, credential
from gitbot_sandbox.aws.trail_events import (
    Caller,
    TrailEvent,
    event_name,
    event_region,
    is_recorded,
    parameters_of,
    resources_of,
)
from gitbot_sandbox.aws.trail_lookup import LookupRefusal, look_up, refuse_too_many

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PERSON = "console-user"
PERSONS_ADDRESS = "203.0.113.7"
"""Who changes things behind gitbot's back, and from where: nobody has this address (RFC 5737)."""
CONSOLE_AGENT = "console.amazonaws.com"
_PERSON = re.compile(r"gitbot-sandbox-person/([\w.+=,-]+)@([0-9a-fA-F.:]+)")
_MOST_EVENTS = 50_000
_JSON = "application/x-amz-json-1.1"


def person_agent(name: str, address: str) -> str:
    """The words of a User-Agent that make the trail name this person and address."""
    return f"gitbot-sandbox-person/{name}@{address}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    service: str
    operation: str
    path: str
    body: bytes
    headers: Mapping[str, str]
    address: str


class Trail:
    """Stands between the gate and moto. Safe to share between threads.

    Kept are calls that change something, and those that read a bucket or an identity by name:
    AWS returns the latter, too, for whoever asks about that resource. ``delay`` is how long an
    event stays hidden; AWS promises "within an average of about 5 minutes". ``now`` is the time of
    the events: the sandbox gives its own clock.
    """

    def __init__(self, application: WSGIApplication, *, account: str) -> None:
        self._application = application
        self._account = account
        self._lock = threading.Lock()
        self._events: deque[TrailEvent] = deque(maxlen=_MOST_EVENTS)
        self._asked: dict[str, deque[float]] = {}
        self.delay = timedelta()
        self.now: Callable[[], datetime] = _real_time

    def forget(self) -> None:
        """Forget all events, and show new ones at once."""
        with self._lock:
            self._events.clear()
            self._asked.clear()
            self.delay = timedelta()

    def events(self) -> Sequence[TrailEvent]:
        """All events, the hidden ones too, in order of time."""
        with self._lock:
            return tuple(self._events)

    def interrupted(self, instances: Iterable[str], region: str) -> None:
        """Record that EC2 interrupted these spot instances.

        https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/BidEvictedEvent.html
        """
        ids, service = list(instances), "ec2.amazonaws.com"
        self._keep(
            TrailEvent(
                id=str(uuid.uuid4()),
                at=self.now(),
                service="ec2",
                name="BidEvictedEvent",
                region=region,
                caller=Caller(kind="AWSService", name=service, account=self._account),
                address=service,
                agent=service,
                resources=tuple(("AWS::EC2::Instance", one) for one in ids),
                details={"instanceIdSet": ids},
            )
        )

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one call."""
        service, operation = environ[CALL]
        if (service, operation) == ("cloudtrail", "LookupEvents"):
            return self._answer(_request(environ), start_response)
        if not is_recorded(service, operation, environ.get("PATH_INFO", "/")):
            return self._application(environ, start_response)
        request = _request(environ)
        statuses: list[int] = []

        def started(status: str, headers: list[tuple[str, str]], info: object = None) -> object:
            statuses.append(int(status.split()[0]))
            return start_response(status, headers)

        answer = b"".join(self._application(environ, started))  # type: ignore[arg-type]
        self._record(request, statuses[0], answer)
        return [answer]

    def _record(self, request: _Request, status: int, answer: bytes) -> None:
        key, region = credential(request.headers.get("authorization", ""))
        agent = request.headers.get("user-agent", "")
        person = _PERSON.search(agent)
        service = request.service
        self._keep(
            TrailEvent(
                id=str(uuid.uuid4()),
                at=self.now(),
                service=service,
                name=event_name(service, request.operation),
                region=event_region(service, region),
                caller=_person(person[1], self._account) if person else _caller(key, self._account),
                address=person[2] if person else request.address,
                agent=CONSOLE_AGENT if person else agent,
                parameters=parameters_of(service, request.path, request.body),
                resources=resources_of(
                    service, request.operation, request.path, request.body, answer
                ),
                error=_error(answer) if status >= 400 else "",
            )
        )

    def _keep(self, event: TrailEvent) -> None:
        with self._lock:
            self._events.append(event)

    def _answer(self, request: _Request, start_response: StartResponse) -> Iterable[bytes]:
        _, region = credential(request.headers.get("authorization", ""))
        try:
            self._count(region)
            now = self.now()
            shown = [
                event
                for event in self.events()
                if event.region == region and event.at + self.delay <= now
            ]
            answer, status = look_up(shown, json.loads(request.body or b"{}"), now), "200 OK"
        except LookupRefusal as refusal:
            answer = {"__type": refusal.code, "message": str(refusal)}
            status = "400 Bad Request"
        start_response(status, [("Content-Type", _JSON)])
        return [json.dumps(answer).encode()]

    def _count(self, region: str) -> None:
        with self._lock:
            asked = self._asked.setdefault(region, deque(maxlen=2))
            refuse_too_many(asked, time.monotonic())
            asked.append(time.monotonic())


def _real_time() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)


def _request(environ: WSGIEnvironment) -> _Request:
    body: bytes = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    service, operation = environ[CALL]
    return _Request(
        service=service,
        operation=operation,
        path=environ.get("PATH_INFO", "/"),
        body=body,
        headers={
            "authorization": environ.get("HTTP_AUTHORIZATION", ""),
            "user-agent": environ.get("HTTP_USER_AGENT", ""),
        },
        address=environ.get("REMOTE_ADDR", ""),
    )


def _person(name: str, account: str) -> Caller:
    arn = f"arn:aws:iam::{account}:user/{name}"
    return Caller(kind="IAMUser", name=name, account=account, arn=arn, console=True)


def _caller(access_key: str, account: str) -> Caller:
    """The identity behind the key, as moto's STS gives it."""
    # Imported here: moto belongs to an extra.
    from moto.sts.models import sts_backends

    backend: Any = sts_backends[account]["aws"]
    role = backend.get_assumed_role_from_access_key(access_key)
    if role is not None:
        return Caller(
            kind="AssumedRole",
            name=role.session_name,
            account=role.account_id,
            arn=role.arn,
            role=role.role_arn,
            access_key=access_key,
        )
    _, arn, owner = backend.get_caller_identity(access_key, "us-east-1")
    return Caller(
        kind="IAMUser",
        name=str(arn).rpartition("/")[2],
        account=owner,
        arn=arn,
        access_key=access_key,
    )


def _error(answer: bytes) -> str:
    found = re.search(rb"<Code>([\w.]+)</Code>", answer)
    return found[1].decode() if found else "InternalFailure"
