"""Call AWS in one account and region: single calls, pages, and many calls side by side. Shell."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from functools import cached_property
from typing import Any, Self, TypeVar

import boto3
from botocore.awsrequest import AWSRequest
from botocore.config import Config

from gitbot.errors import GitbotError
from gitbot.ports.telemetry import here
from gitbot.ports.time import Clock
from gitbot.providers.aws.decoding import denial_in, encoded_in
from gitbot.providers.aws.faults import (
    RAISED,
    Hide,
    check_answer,
    code_of,
    is_throttle,
    redacted,
    translate,
)
from gitbot.providers.aws.final_refusals import never
from gitbot.providers.aws.gathering import Gathering
from gitbot.providers.aws.iam_changes import IamChanges
from gitbot.providers.aws.telling import tell_calls
from gitbot.providers.aws.throttle import Throttles
from gitbot.providers.aws.waiting import tell_repeated

T = TypeVar("T")
R = TypeVar("R")

FAN_OUT = 16
FEW = 4
"""How many calls at a time work makes that nobody waits for."""
CONFIG = Config(
    connect_timeout=5,
    read_timeout=60,
    max_pool_connections=FAN_OUT + 8,
    # The standard mode and the shared limiter of ``throttle`` together are botocore's adaptive
    # mode.
    retries={"mode": "standard", "total_max_attempts": 8},
    user_agent_extra="gitbot",
)
ONCE = Config(retries={"mode": "standard", "total_max_attempts": 1})
THROTTLED_PAUSES_S = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
"""The pauses before ``call_once`` repeats a refused call; for ``call``, botocore pauses itself."""


BUILDING = threading.Lock()
"""Hold it to build a client: sessions share a loader and are not safe to use from several threads."""


TOLD_FROM = 3
"""The attempt from which a repeated call is told. The pauses before that are short."""


def before_retry(
    response: Any = None,
    operation: Any = None,
    attempts: int = 1,
    caught_exception: Exception | None = None,
    **_: Any,
) -> None:
    """Keep botocore from repeating what waiting does not help against, and tell what it repeats.

    Some refusals in ``final_refusals.NEVER`` come with HTTP status 500, after which botocore tries again.
    A handler of ``needs-retry`` can only ask for a retry, so the status that the next handler sees
    is changed.
    """
    service, call = str(operation.service_model.service_name), str(operation.name)
    why = type(caught_exception).__name__ if caught_exception else ""
    if response is not None:
        http, parsed = response
        why = code_of(parsed)
        if never(service, why) is not None:
            http.status_code, why = 400, ""
    if why and attempts >= TOLD_FROM:
        tell_repeated(f"{service}:{call} is tried again, {attempts} times so far: {why}")


class Connection:
    """Calls AWS with one set of credentials in one region. Safe to use from many threads.

    ``call`` and ``pages`` raise the error that ``faults.translate`` makes: ``CloudError`` (its
    ``code`` is the service's), ``TransientError`` or ``UserError``.
    """

    def __init__(
        self,
        session: boto3.Session,
        *,
        region: str,
        account: str,
        throttles: Throttles,
        clock: Clock,
        hide: Hide,
        endpoint_url: str | None = None,
        iam_changes: IamChanges | None = None,
    ) -> None:
        self._hide = hide
        self._session = session
        self.region = region
        self.account = account
        self.throttles = throttles
        self.iam_changes = iam_changes or IamChanges()
        self.clock = clock
        self._endpoint_url = endpoint_url
        self._clients: dict[tuple[str, bool], Any] = {}
        self.gathering = Gathering()
        self._open_pool(FAN_OUT)

    @cached_property
    def sparing(self) -> Self:
        """The same connection for work that nobody waits for: ``each`` makes ``FEW`` calls at a time.

        All such work shares this one, so that more of it takes no more from plans and applies.
        """
        other = copy(self)
        other._open_pool(FEW)
        return other

    def _open_pool(self, fan_out: int) -> None:
        self._fan_out = fan_out
        self._pool = ThreadPoolExecutor(max_workers=fan_out, thread_name_prefix="aws")

    def call(self, service: str, operation: str, /, **parameters: Any) -> Any:
        """Make one API call, and repeat it where that can help; returns botocore's answer."""
        try:
            return check_answer(getattr(self._client(service), operation)(**parameters), operation)
        except RAISED as error:
            raise self._translated(error, service, operation) from error

    def call_once(self, service: str, operation: str, /, **parameters: Any) -> Any:
        """Make one API call that has no token and must not be served twice; returns the answer.

        The request is repeated only if AWS refused it for too many requests. When the answer is
        lost, AWS may have served the call: that raises ``TransientError``, and the caller has to
        look. Other errors are those of ``call``.
        """
        for pause_s in (*THROTTLED_PAUSES_S, None):
            try:
                client = self._client(service, once=True)
                return check_answer(getattr(client, operation)(**parameters), operation)
            except RAISED as error:
                if pause_s is None or not is_throttle(error):
                    raise self._translated(error, service, operation) from error
            time.sleep(pause_s)

    def pages(self, service: str, operation: str, key: str, /, **parameters: Any) -> Iterator[Any]:
        """Yield the elements under ``key`` of all pages of a listing call."""
        try:
            for page in self._client(service).get_paginator(operation).paginate(**parameters):
                yield from page.get(key, ())
        except RAISED as error:
            raise self._translated(error, service, operation) from error

    def _translated(self, error: Any, service: str, operation: str) -> GitbotError:
        return translate(error, service, operation, self._hide, self._decoded(error))

    def _decoded(self, error: Exception) -> str:
        """What the encoded part of a denial says; empty without one, or where it may not be decoded."""
        encoded = encoded_in(str(error))
        if not encoded:
            return ""
        try:
            answer = self._client("sts").decode_authorization_message(EncodedMessage=encoded)
        except RAISED:
            return ""
        return denial_in(str(answer["DecodedMessage"]))

    def each(self, work: Callable[[T], R], items: Iterable[T]) -> Sequence[R]:
        """Run ``work`` for each item, at most ``FAN_OUT`` at a time; returns the results in order.

        Several callers take turns: who has few items does not wait for the end of thousands. Raises
        the first error after all have ended. ``work`` must not call ``each`` itself.
        """
        some = list(items)
        if len(some) <= 1:
            return [work(item) for item in some]
        # The pool serves in order of submission, so submit no item before there is room for it.
        room = threading.Semaphore(self._fan_out)
        futures = []
        for item in some:
            room.acquire()
            future = self._pool.submit(here(work), item)
            future.add_done_callback(lambda _: room.release())
            futures.append(future)
        errors = [error for future in futures if (error := future.exception())]
        if errors:
            raise errors[0]
        return [future.result() for future in futures]

    def model(self, service: str, operation: str, /) -> Any:
        """botocore's model of the operation: the shapes of its parameters and of its answer."""
        meta = self._client(service).meta
        return meta.service_model.operation_model(meta.method_to_api_mapping[operation])

    def hidden(self, message: str) -> str:
        """A text of AWS without secrets, shortened, for people."""
        return redacted(message, self._hide)

    @property
    def partition(self) -> str:
        """``aws``, ``aws-cn`` or ``aws-us-gov``: the second part of every ARN."""
        return str(self._session.get_partition_for_region(self.region))

    def _client(self, service: str, *, once: bool = False) -> Any:
        client = self._clients.get((service, once))
        if client is None:
            with BUILDING:
                client = self._clients.get((service, once))
                if client is None:
                    client = self._build(service, CONFIG.merge(ONCE) if once else CONFIG)
                    self._clients[service, once] = client
        return client

    def _build(self, service: str, config: Config) -> Any:
        client = self._client_of(service, config)
        if service == "s3" and ".amazonaws." not in client.meta.endpoint_url:
            # No other host answers to names that begin with the bucket.
            path_style = config.merge(Config(s3={"addressing_style": "path"}))
            client = self._client_of(service, path_style)
        if service == "s3control" and ".amazonaws." not in client.meta.endpoint_url:
            # No other host answers to names that begin with the account.
            client.meta.events.register("before-sign.s3-control", self._without_account)
        client.meta.events.register_first(f"needs-retry.{service}", before_retry)
        self.throttles.attach(client, self.account, service, self.region)
        self.gathering.attach(client)
        tell_calls(client)
        return client

    def _without_account(self, request: AWSRequest, **_: Any) -> None:
        request.url = str(request.url).replace(f"//{self.account}.", "//", 1)

    def _client_of(self, service: str, config: Config) -> Any:
        return self._session.client(
            service,  # type: ignore[call-overload]  # the stubs know only literal names
            region_name=self.region,
            endpoint_url=self._endpoint_url,
            config=config,
        )
