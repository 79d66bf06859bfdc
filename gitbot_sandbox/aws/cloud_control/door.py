"""Serve the Cloud Control API over HTTP, and hand all other calls on. Shell."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from gitbot_sandbox.aws.calls import CALL, CLOUD_CONTROL_SERVICE, FAULT, credential
from gitbot_sandbox.aws.cloud_control.deeds import Call
from gitbot_sandbox.aws.cloud_control.refusals import Refusal
from gitbot_sandbox.aws.cloud_control.service import CloudControl

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

CLOUD_CONTROL = CloudControl()
"""The one of this process: moto keeps one cloud a process, too."""
_JSON = "application/x-amz-json-1.0"


class CloudControlDoor:
    """Stands in front of moto. The gate lets in one call at a time."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one call."""
        service, operation = environ[CALL]
        if service != CLOUD_CONTROL_SERVICE:
            return self._application(environ, start_response)
        try:
            status, answer = 200, CLOUD_CONTROL.answer(operation, _said(environ), _call(environ))
        except Refusal as refusal:
            status = refusal.status
            answer = {"__type": refusal.code, "Message": refusal.message}
        start_response(
            f"{status} {'OK' if status == 200 else 'Refused'}", [("Content-Type", _JSON)]
        )
        return [json.dumps(answer).encode()]


def _said(environ: WSGIEnvironment) -> dict[str, object]:
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    try:
        said = json.loads(body or b"{}")
    except ValueError as error:
        raise Refusal("SerializationException", str(error)) from error
    if not isinstance(said, dict):
        raise Refusal("SerializationException", "a JSON object is wanted")
    return said


def _call(environ: WSGIEnvironment) -> Call:
    from moto.iam.models import get_account_id_from

    key, region = credential(environ.get("HTTP_AUTHORIZATION", ""))
    return Call(
        account=get_account_id_from(key),
        region=region,
        now=CLOUD_CONTROL.now(),
        fault=environ.get(FAULT),
    )
