"""The same switches and actions over HTTP below ``/_sandbox/``, for other processes. Shell."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from gitbot.sandbox.github.api.context import hub

bp = Blueprint("control", __name__, url_prefix="/_sandbox")


@bp.get("/health")
def health() -> Response:
    """That it answers."""
    return jsonify({"url": hub().base_url, "api_url": hub().api_url})
