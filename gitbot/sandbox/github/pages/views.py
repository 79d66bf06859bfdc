"""The routes of the pages. Shell."""

from __future__ import annotations

from flask import Blueprint, Response

from gitbot.sandbox.github.problems import Problem

bp = Blueprint("pages", __name__)


def problem(error: Problem) -> Response:
    """A refusal as a page."""
    return Response(error.message, error.status, content_type="text/plain; charset=utf-8")
