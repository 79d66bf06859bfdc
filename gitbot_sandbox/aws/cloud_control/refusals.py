"""Say what the Cloud Control API refuses, in its words. Pure.

https://docs.aws.amazon.com/cloudcontrolapi/latest/APIReference/API_UpdateResource.html#API_UpdateResource_Errors
"""

from __future__ import annotations

from collections.abc import Iterable


class Refusal(Exception):
    """An answer that is an error: the code, AWS's message and the HTTP status."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


def invalid(message: str) -> Refusal:
    """The request makes no sense to the API."""
    return Refusal("InvalidRequestException", message)


def misfit(problems: Iterable[str]) -> Refusal:
    """The desired state does not fit the type's schema."""
    lines = "\n".join(problems)
    return Refusal("ValidationException", f"Model validation failed ({lines})")


def unchangeable(code: str, keyword: str, pointers: Iterable[str]) -> Refusal:
    """A patch changes what cannot be changed; ``keyword`` is the schema's list that says so."""
    names = ", ".join(f"/properties{pointer}" for pointer in pointers)
    return Refusal(code, f"Invalid patch update: {keyword} [{names}] cannot be updated")


def unknown_type(type_name: str) -> Refusal:
    """The registry has no such type."""
    return Refusal("TypeNotFoundException", f"The type '{type_name}' cannot be found.")


def unsupported(type_name: str, action: str) -> Refusal:
    """The type has no handler for the action."""
    text = f"Resource type {type_name} does not support {action} action"
    return Refusal("UnsupportedActionException", text)


def absent(type_name: str, identifier: str) -> Refusal:
    """There is no such object."""
    text = f"Resource of type '{type_name}' with identifier '{identifier}' was not found."
    return Refusal("ResourceNotFoundException", text)


def busy(type_name: str, identifier: str) -> Refusal:
    """Another request for the object is in progress."""
    text = (
        f"Resource of type '{type_name}' with identifier '{identifier}' is being changed by"
        " another request"
    )
    return Refusal("ConcurrentOperationException", text)


def other_request(client_token: str) -> Refusal:
    """The client token came with a request that said something else."""
    text = f"Client token {client_token} was already used for another request"
    return Refusal("ClientTokenConflictException", text)


def unknown_request(token: str) -> Refusal:
    """No request has this token, or has it any more."""
    return Refusal("RequestTokenNotFoundException", f"Request with token {token} was not found")
