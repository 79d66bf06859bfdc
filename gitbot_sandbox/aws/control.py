"""Serve the control API of the local AWS under ``/_sandbox/``, and its page. Shell."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode

from gitbot_sandbox.aws.faults import fault_from_data
from gitbot_sandbox.aws.gate import Gate
from gitbot_sandbox.aws.page import Cloud, render, render_refusal
from gitbot_sandbox.aws.trail import PERSON
from gitbot_sandbox.hosts import REFUSAL, is_local

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PREFIX = "/_sandbox"
HTML = "text/html; charset=utf-8"
_STATUS = {
    200: "OK",
    204: "No Content",
    303: "See Other",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
}


class Reply(Exception):
    """A reply of the control API; raised wherever the reply is known."""

    def __init__(
        self, status: int, body: str = "", kind: str = "application/json", location: str = ""
    ) -> None:
        super().__init__(status)
        self.status, self.body, self.kind, self.location = status, body, kind, location


class Control:
    """Serves ``/_sandbox/…`` itself and hands everything else to the gate.

    ==============================  ===================================================
    ``GET /_sandbox/``              the page
    ``GET /_sandbox/calls``         the calls and how many there are of each operation
    ``DELETE /_sandbox/calls``      forget them
    ``GET /_sandbox/faults``        the faults that still have calls to meet
    ``POST /_sandbox/faults``       switch one on (JSON with the fields of ``Fault``)
    ``DELETE /_sandbox/faults``     switch all off
    ``POST /_sandbox/instances``    ``{"pending": n, "stopping": n, "shutting_down": n}``
    ``POST /_sandbox/change``       call AWS behind gitbot's back: ``{"service",
                                    "operation", "parameters", "region", "person"}``
    ``POST /_sandbox/reset``        empty the cloud
    ==============================  ===================================================
    """

    def __init__(self, gate: Gate, reset: Callable[[], None], client: Callable[..., Any]) -> None:
        self._gate = gate
        self._reset = reset
        self._client = client

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        path = environ.get("PATH_INFO", "/")
        if not is_local(environ.get("HTTP_HOST")):
            return _send(Reply(403, json.dumps({"message": REFUSAL})), start_response)
        if path != PREFIX and not path.startswith(f"{PREFIX}/"):
            return self._gate(environ, start_response)
        try:
            self._answer(environ, environ["REQUEST_METHOD"], path.removeprefix(PREFIX).strip("/"))
        except Reply as reply:
            return _send(reply, start_response)
        raise AssertionError("every path of the control API answers")

    def _answer(self, environ: WSGIEnvironment, method: str, path: str) -> None:
        # The pages of other sites must not control the sandbox through a person's browser.
        origin = environ.get("HTTP_ORIGIN")
        if origin is not None and origin != f"http://{environ.get('HTTP_HOST')}":
            raise Reply(403, '{"message": "not from another site"}')
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        serve = self._routes().get((method, path))
        if serve is None:
            raise Reply(404, '{"message": "no such thing in the sandbox"}')
        serve(environ, body)
        if not _is_form(environ):
            raise Reply(204)
        region = str(_form(body).get("region", "us-east-1"))
        raise Reply(303, location=f"{PREFIX}/?{urlencode({'region': region})}")

    def _routes(self) -> Mapping[tuple[str, str], Callable[[WSGIEnvironment, bytes], None]]:
        return {
            ("GET", ""): self._page,
            ("GET", "calls"): self._calls,
            ("DELETE", "calls"): lambda *_: self._gate.forget_calls(),
            ("GET", "faults"): self._faults,
            ("POST", "faults"): self._arm,
            ("DELETE", "faults"): lambda *_: self._gate.disarm(),
            ("POST", "instances"): self._hold,
            ("POST", "change"): self._change,
            ("POST", "reset"): lambda *_: self._reset(),
        }

    def _calls(self, environ: WSGIEnvironment, body: bytes) -> None:
        calls = self._gate.calls()
        counts = Counter(str(call) for call in calls)
        logged = [asdict(call) for call in calls]
        raise Reply(200, json.dumps({"counts": dict(counts), "calls": logged}))

    def _faults(self, environ: WSGIEnvironment, body: bytes) -> None:
        raise Reply(200, json.dumps([asdict(fault) for fault in self._gate.faults()]))

    def _arm(self, environ: WSGIEnvironment, body: bytes) -> None:
        try:
            self._gate.arm(fault_from_data(_json(body)))
        except ValueError as error:
            raise Reply(400, json.dumps({"message": str(error)})) from error

    def _hold(self, environ: WSGIEnvironment, body: bytes) -> None:
        from gitbot_sandbox.aws.moto_ec2 import TRANSITIONS

        data = _json(body)
        for name in ("pending", "stopping", "shutting_down"):
            setattr(TRANSITIONS, name, int(data.get(name, 0)))

    def _change(self, environ: WSGIEnvironment, body: bytes) -> None:
        """Call AWS behind gitbot's back; replies with boto3's answer, or with AWS's refusal."""
        from botocore.exceptions import BotoCoreError, ClientError

        asked = dict(_form(body) if _is_form(environ) else _json(body))
        try:
            answer = self._call(asked)
        except (KeyError, ValueError, BotoCoreError, ClientError) as error:
            message = f"{type(error).__name__}: {error}"
            if _is_form(environ):
                raise Reply(400, render_refusal(message), HTML) from error
            raise Reply(400, json.dumps({"message": message})) from error
        if not _is_form(environ):
            raise Reply(200, json.dumps(answer, default=str))

    def _call(self, asked: Mapping[str, Any]) -> Any:
        """AWS's answer to ``{"service", "operation", "parameters", "region", "person"}``.

        A client has methods that read and write files (``upload_file``). So only the operations of
        the service's own model are called.

        Raises:
            KeyError: a field is missing.
            ValueError: a field has the wrong type, or the service has no such operation.
        """
        from botocore import xform_name

        service, operation = asked["service"], asked["operation"]
        region, parameters = asked.get("region", "us-east-1"), asked.get("parameters", {})
        person = asked.get("person", PERSON)
        if not all(isinstance(one, str) for one in (service, operation, region, person)):
            raise ValueError("service, operation, region and person are strings")
        if not isinstance(parameters, dict):
            raise ValueError("parameters are a JSON object")
        client = self._client(service, region, person=person)
        if operation not in client.meta.service_model.operation_names:
            raise ValueError(f"{service} has no operation {operation}")
        return getattr(client, xform_name(operation))(**parameters)

    def _page(self, environ: WSGIEnvironment, body: bytes) -> None:
        region = parse_qs(environ.get("QUERY_STRING", "")).get("region", ["us-east-1"])[0]
        s3, ec2 = self._client("s3", region), self._client("ec2", region)
        names = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
        reservations = ec2.describe_instances()["Reservations"]
        cloud = Cloud(
            region=region,
            regions=_regions(),
            buckets={name: _bucket(s3, name) for name in names},
            instances=[one for group in reservations for one in group["Instances"]],
            groups=ec2.describe_security_groups()["SecurityGroups"],
            calls=self._gate.calls()[-20:],
            faults=self._gate.faults(),
        )
        raise Reply(200, render(cloud), HTML)


def _regions() -> list[str]:
    """The regions in which anybody has asked EC2 for something."""
    from moto.ec2.models import ec2_backends

    return [name for account in ec2_backends.values() for name in account]


def _send(reply: Reply, start_response: StartResponse) -> Iterable[bytes]:
    body = reply.body.encode()
    headers = [("Content-Type", reply.kind), ("Content-Length", str(len(body)))]
    if reply.location:
        headers.append(("Location", reply.location))
    start_response(f"{reply.status} {_STATUS[reply.status]}", headers)
    return [body]


def _bucket(s3: Any, name: str) -> dict[str, Any]:
    from botocore.exceptions import ClientError

    try:
        tags = s3.get_bucket_tagging(Bucket=name)["TagSet"]
    except ClientError:
        tags = []
    return {"Tags": tags, "Versioning": s3.get_bucket_versioning(Bucket=name).get("Status", "Off")}


def _form(body: bytes) -> Mapping[str, Any]:
    """The three fields that a button of the page sends; ``parameters`` is JSON text."""
    asked: dict[str, Any] = {name: values[0] for name, values in parse_qs(body.decode()).items()}
    return asked | {"parameters": _json(asked.get("parameters", "{}").encode())}


def _json(body: bytes) -> Mapping[str, Any]:
    try:
        data = json.loads(body or b"{}")
    except ValueError as error:
        raise Reply(400, json.dumps({"message": f"not JSON: {error}"})) from error
    if not isinstance(data, dict):
        raise Reply(400, '{"message": "a JSON object is wanted"}')
    return data


def _is_form(environ: WSGIEnvironment) -> bool:
    return bool(environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"))
