"""The refusals of the local GitHub, with the statuses and words of the real one. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

DOCS = "https://docs.github.com/rest"
MAX_BODY = 65_536


class Problem(Exception):
    """A refusal that becomes an error answer: ``status`` and GitHub's message."""

    def __init__(self, status: int, message: str, errors: Sequence[Mapping[str, str]] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = tuple(errors)


def not_found() -> Problem:
    """Not there, or not for the eyes of the one who asks."""
    return Problem(404, "Not Found")


def invalid(resource: str, field: str, code: str = "invalid", message: str = "") -> Problem:
    """A field that does not fit; ``code`` as the REST API spells it."""
    error = {"resource": resource, "field": field, "code": code}
    if message:
        error["message"] = message
    return Problem(422, "Validation Failed", [error])


def forbidden(message: str = "Resource not accessible by integration") -> Problem:
    """Known, and not allowed."""
    return Problem(403, message)


def check_length(resource: str, field: str, text: str, most: int = MAX_BODY) -> None:
    """Refuse a text that is too long. Raises Problem 422."""
    if len(text) > most:
        message = f"{field} is too long (maximum is {most} characters)"
        raise invalid(resource, field, "custom", message)
