"""Serve the switches and actions below ``/_sandbox/``, for other processes. Shell.

Only programs on this machine reach the loopback port, and ``server`` refuses the pages of other
sites; nothing else here checks the caller. Bodies and
answers are JSON. ``POST /_sandbox/do/<action>`` calls the method of that name of ``LocalGitHub``
with the body's fields as arguments.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import asdict, is_dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request

from gitbot_sandbox.github.context import body, hub
from gitbot_sandbox.github.faults import Fault
from gitbot_sandbox.github.problems import Problem

bp = Blueprint("control", __name__, url_prefix="/_sandbox")

ACTIONS = (
    "approve",
    "authorize_device",
    "close",
    "comment",
    "create_app",
    "create_issue",
    "create_org",
    "create_repository",
    "create_team",
    "create_user",
    "delete_issue",
    "deny_device",
    "edit_comment",
    "edit_review",
    "fork",
    "leave_mergeability_open",
    "lock",
    "mark_ready",
    "merge",
    "new_token",
    "open_pull_request",
    "push_files",
    "remove_webhook",
    "rename_repository",
    "reopen",
    "request_changes",
    "rerequest_check",
    "review",
    "set_app_webhook",
    "set_permission",
    "set_webhook",
    "switch_device_flow",
    "switch_issues",
    "transfer_issue",
)


@bp.get("/health")
def health() -> Response:
    """The addresses of the pages and the API."""
    return jsonify({"url": hub().base_url, "api_url": hub().api_url})


@bp.post("/do/<action>")
def do(action: str) -> Response:
    """Call the action; answers ``{"result": …}``."""
    if action not in ACTIONS:
        raise Problem(404, f"There is no action {action!r}: one of {', '.join(ACTIONS)}")
    method: Callable[..., object] = current_app.extensions["actions"][action]
    try:
        arguments = inspect.signature(method).bind(**body())
        return jsonify({"result": _plain(method(*arguments.args, **arguments.kwargs))})
    except (TypeError, ValueError, KeyError) as error:
        raise Problem(422, str(error.args[0] if error.args else error)) from error


def _plain(value: object) -> Any:
    """A result as JSON; an entity becomes its plain fields."""
    if is_dataclass(value) and not isinstance(value, type):
        value = asdict(value)
    if isinstance(value, dict):
        simple = (str, int, bool, float, type(None), datetime)
        return {k: v for k, v in value.items() if isinstance(v, simple)}
    return value


# --- time ---


@bp.get("/clock")
def clock() -> Response:
    """The time for schedules, and how many seconds it is ahead of the real one."""
    now = hub().clock.now()
    ahead = (now - hub().now()).total_seconds()
    return jsonify({"now": now.isoformat(), "ahead_s": round(ahead)})


@bp.post("/clock")
def move_clock() -> Response:
    """Move the time on: ``{"advance": "3h"}`` or ``{"to": "2026-12-24T18:00:00+01:00"}``."""
    move_time(body())
    return clock()


def move_time(sent: Mapping[str, Any]) -> None:
    """Move the time on by ``advance`` or to ``to``. Raises Problem 422."""
    if len({"advance", "to"} & sent.keys()) != 1 or len(sent) != 1:
        raise Problem(422, 'Send {"advance": "3h"} or {"to": "2026-12-24T18:00:00Z"}')
    try:
        if "to" in sent:
            hub().clock.move_to(str(sent["to"]))
        else:
            hub().clock.advance(str(sent["advance"]))
    except ValueError as error:
        raise Problem(422, str(error)) from error


# --- faults and calls ---


@bp.get("/faults")
def faults() -> Response:
    """The faults that still have calls to meet."""
    return jsonify([asdict(f) for f in hub().faults.active()])


@bp.post("/faults")
def add_fault() -> tuple[Response, int]:
    """Switch a fault on; the body has the fields of ``Fault``."""
    try:
        fault = Fault(**body())
    except (TypeError, ValueError) as error:
        raise Problem(422, str(error)) from error
    hub().faults.add(fault)
    return jsonify(asdict(fault)), 201


@bp.delete("/faults")
def clear_faults() -> tuple[str, int]:
    """Switch all faults off."""
    hub().faults.clear()
    return "", 204


@bp.get("/log/calls")
def calls() -> Response:
    """The calls so far; filtered by the patterns ``method`` and ``path``."""
    args = request.args
    found = hub().faults.calls(args.get("method", "*"), args.get("path", "*"))
    return jsonify([asdict(c) for c in found])


# --- deliveries ---


@bp.get("/log/deliveries")
def deliveries() -> Response:
    """The finished deliveries, oldest first; filtered by ``event`` and ``action``."""
    args = request.args
    found = hub().courier.deliveries(args.get("event"), args.get("action"))
    return jsonify([{**asdict(d), "payload": d.json()} for d in found])


@bp.post("/log/deliveries/<int:id_>/attempts")
def redeliver(id_: int) -> tuple[Response, int]:
    """Send a delivery again."""
    try:
        return jsonify({"id": hub().courier.redeliver(id_)}), 202
    except KeyError as error:
        raise Problem(404, str(error.args[0])) from error


@bp.post("/courier")
def switch() -> Response:
    """Set the switches in the body: ``hold`` (bool), ``drop`` and ``copies`` (numbers).

    ``release`` sends what is held; with ``shuffle_seed``, in another order.
    """
    courier, sent = hub().courier, body()
    if sent.get("hold"):
        courier.hold()
    if "drop" in sent:
        courier.drop(int(sent["drop"]))
    if "copies" in sent:
        courier.duplicate(int(sent["copies"]))
    released = 0
    if sent.get("release"):
        released = courier.release(shuffle_seed=sent.get("shuffle_seed"))
    return jsonify({"held": len(courier.held()), "released": released})
