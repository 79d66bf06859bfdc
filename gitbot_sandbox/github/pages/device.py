"""Serve the page on which a person enters the code of a device. Shell."""

from __future__ import annotations

from flask import Blueprint, request
from werkzeug.wrappers import Response

from gitbot_sandbox.github.actions import devices
from gitbot_sandbox.github.context import hub
from gitbot_sandbox.github.pages.frame import people, show
from gitbot_sandbox.github.problems import Problem

bp = Blueprint("device", __name__)


@bp.get("/login/device")
def ask() -> Response:
    """The form."""
    return show("device.html", title="Device activation", people=people(), done="")


@bp.post("/login/device")
def decide() -> Response:
    """Agree to the login, or cancel it."""
    user = hub().store.user(request.form.get("login", ""))
    if user is None or user.kind != "User":
        raise Problem(422, "There is no such user")
    agree = request.form.get("action") == "authorize"
    devices.decide(hub(), request.form.get("user_code", ""), user.login, agree=agree)
    done = "Congratulations, you're all set!" if agree else "The request was cancelled."
    return show("device.html", title="Device activation", people=people(), done=done)
