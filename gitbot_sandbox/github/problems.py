"""Define the local GitHub's refusals, with the statuses and words of the real one. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

DOCS = "https://docs.github.com/rest"
MAX_BODY = 65_536


class Problem(Exception):
    """A refusal that becomes an error answer: its ``status`` and GitHub's message."""

    def __init__(self, status: int, message: str, errors: Sequence[Mapping[str, str]] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = tuple(errors)


def not_found() -> Problem:
    """404: it does not exist, or the caller may not see it."""
    return Problem(404, "Not Found")


def invalid(resource: str, field: str, code: str = "invalid", message: str = "") -> Problem:
    """422: a field is not valid; ``code`` is spelled as in the REST API."""
    error = {"resource": resource, "field": field, "code": code}
    if message:
        error["message"] = message
    return Problem(422, "Validation Failed", [error])


def forbidden(message: str = "Resource not accessible by integration") -> Problem:
    """403: the caller is known but not allowed to do this."""
    return Problem(403, message)


def check_length(resource: str, field: str, text: str, most: int = MAX_BODY) -> None:
    """Refuse a text that is too long. Raises Problem 422."""
    if len(text) > most:
        message = f"{field} is too long (maximum is {most} characters)"
        raise invalid(resource, field, "custom", message)
