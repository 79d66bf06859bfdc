"""Start moto's server behind the gate as a local AWS, and control it. Shell."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar

from gitbot.errors import UserError
from gitbot_sandbox.aws.calls import Call
from gitbot_sandbox.aws.console import console_client
from gitbot_sandbox.aws.control import Control
from gitbot_sandbox.aws.faults import Fault
from gitbot_sandbox.aws.gate import Gate
from gitbot_sandbox.aws.trail import PERSON, Trail

if TYPE_CHECKING:
    from werkzeug.serving import BaseWSGIServer

HOST = "127.0.0.1"
ACCOUNT = "123456789012"
REGION = "us-east-1"


class LocalAws:
    """A local AWS over HTTP, for tests and for the demo.

    moto keeps its stores in the process, so two objects of this class in one process serve the same
    cloud. Most things are ready at once, unless ``hold_instances`` says otherwise. moto takes about
    5 ms for each instance in a DescribeInstances reply: when there are hundreds, read them by id.
    """

    # moto keeps one cloud a process: whoever serves beside others shares it.
    _serving: ClassVar[int] = 0

    def __init__(self, *, port: int = 0) -> None:
        self._port = port
        self._server: BaseWSGIServer | None = None
        self._thread: threading.Thread | None = None
        self._gate: Gate | None = None
        self._trail: Trail | None = None
        self._clients: dict[tuple[str, str, str], Any] = {}

    def start(self) -> LocalAws:
        """Serve from a daemon thread; returns once connections are accepted.

        The cloud is empty, but where another one serves in this process: then it is the same one.

        Raises:
            UserError: the extra ``gitbot[sandbox]`` is not installed, or the port is taken.
        """
        try:
            # Imported here: moto belongs to an extra, and importing it takes most of a second.
            from moto.moto_server.werkzeug_app import (
                DomainDispatcherApplication,
                create_backend_app,
            )

            from gitbot_sandbox.aws.cloud_control import CloudControlDoor
            from gitbot_sandbox.aws.moto_all import patch_moto
        except ImportError as error:
            raise UserError("The sandbox needs its extra: pip install 'gitbot[sandbox]'") from error
        patch_moto()
        moto = DomainDispatcherApplication(create_backend_app)
        self._trail = Trail(CloudControlDoor(moto), account=ACCOUNT)
        self._gate = Gate(self._trail, account=ACCOUNT)
        self._server = _listen(self._port, Control(self._gate, self.reset, self.client))
        if not LocalAws._serving:
            _empty()
        LocalAws._serving += 1
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": 0.05},  # how long ``stop`` may take
            name="local-aws",
            daemon=True,
        )
        self._thread.start()
        return self

    def stop(self) -> None:
        """Close the server; a second call does nothing."""
        if self._server is None or self._thread is None:
            return
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._server = self._thread = None
        LocalAws._serving -= 1
        for client in self._clients.values():
            client.close()
        self._clients.clear()

    def __enter__(self) -> LocalAws:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """``http://127.0.0.1:<port>``, for ``AWS_ENDPOINT_URL``."""
        if self._server is None:
            raise UserError("The local AWS is not running")
        return f"http://{HOST}:{self._server.port}"

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment variables that lead boto3 and the AWS tools here."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "AKIASANDBOX",
            "AWS_SECRET_ACCESS_KEY": "sandbox",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def client(self, service: str, region: str = REGION, *, person: str = PERSON) -> Any:
        """A boto3 client for looking at the cloud and for changing it behind gitbot's back.

        Its calls are not in ``calls`` and meet no fault. CloudTrail says that ``person`` made them,
        in the console, from ``trail.PERSONS_ADDRESS``. Each call returns the same client, which
        threads may share.
        """
        made = self._clients.get((service, region, person))
        if made is None:
            made = console_client(self.url, service, region, person=person)
            self._clients[service, region, person] = made
        return made

    def reset(self) -> None:
        """Empty the cloud, switch all faults off, forget all calls and events, and hold no
        instance any more."""
        gate = self._running_gate()
        with gate.exclusive():
            _empty()
        gate.disarm()
        gate.forget_calls()
        self.trail.forget()

    @property
    def trail(self) -> Trail:
        """What CloudTrail knows."""
        if self._trail is None:
            raise UserError("The local AWS is not running")
        return self._trail

    @property
    def calls(self) -> tuple[Call, ...]:
        """Every call since the last reset or ``forget_calls``, in order of completion."""
        return self._running_gate().calls()

    def forget_calls(self) -> None:
        """Clear ``calls``."""
        self._running_gate().forget_calls()

    def inject(self, fault: Fault) -> None:
        """Switch a fault on."""
        self._running_gate().arm(fault)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The faults that still have calls to meet."""
        return self._running_gate().faults()

    def clear_faults(self) -> None:
        """Switch all faults off."""
        self._running_gate().disarm()

    def hold_instances(
        self, *, pending: int = 0, stopping: int = 0, shutting_down: int = 0
    ) -> None:
        """Keep instances in the passing states for that many DescribeInstances calls from now
        on."""
        from gitbot_sandbox.aws.moto_ec2 import TRANSITIONS

        TRANSITIONS.pending = pending
        TRANSITIONS.stopping = stopping
        TRANSITIONS.shutting_down = shutting_down

    def interrupt_spot(self, instance: str, region: str = REGION) -> None:
        """Let EC2 take a spot instance back: it is terminated, and CloudTrail says so."""
        self._take_back(instance, region, "Server.SpotInstanceTermination")
        self.trail.interrupted([instance], region)

    def retire(self, instance: str, region: str = REGION) -> None:
        """Let EC2 stop an instance because its host is retired; CloudTrail has no event for it."""
        self._take_back(instance, region, "Server.ScheduledStop")

    def _take_back(self, instance: str, region: str, code: str) -> None:
        from gitbot_sandbox.aws.moto_ec2 import take_back

        with self._running_gate().exclusive():
            take_back(instance, region, code, account=ACCOUNT)

    def _running_gate(self) -> Gate:
        if self._gate is None:
            raise UserError("The local AWS is not running")
        return self._gate


def _empty() -> None:
    """Throw away what moto keeps in this process."""
    from moto.moto_api._internal.models import moto_api_backend

    from gitbot_sandbox.aws.cloud_control import CLOUD_CONTROL
    from gitbot_sandbox.aws.moto_ec2 import TRANSITIONS

    moto_api_backend.reset()
    CLOUD_CONTROL.reset()
    TRANSITIONS.pending = TRANSITIONS.stopping = TRANSITIONS.shutting_down = 0


def _listen(port: int, app: Control) -> BaseWSGIServer:
    """A server on the port that does not serve yet. Raises UserError when the port is taken."""
    # Imported here for the same reason as in ``start``.
    from moto.moto_server.werkzeug_app import MotoRequestHandler
    from werkzeug.serving import make_server

    class QuietHandler(MotoRequestHandler):  # type: ignore[misc, unused-ignore]
        """Writes nothing to standard error: the gate keeps the log of calls."""

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """Log nothing."""

    try:
        return make_server(HOST, port, app, threaded=True, request_handler=QuietHandler)
    except (OSError, SystemExit) as error:
        raise UserError(f"Port {port} on {HOST} cannot be used: {error}") from error
