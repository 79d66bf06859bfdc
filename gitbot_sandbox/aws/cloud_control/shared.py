"""Let the other services know what Cloud Control makes: they refuse what they do not know. Shell.

moto keeps the objects of each service. Of the types in the table an object is kept there, too, so that a function can
use a layer, and a database a group of parameters. What moto refuses, as ids that a test made up, stays unknown to it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from gitbot_sandbox.aws.cloud_control.region import Model
from gitbot_sandbox.aws.cloud_control.shared_types import SHARED, Service, Shared

T = TypeVar("T")


def share(type_name: str, model: Model, account: str, region: str) -> Model:
    """The model with what the service that knows it from now on has decided; else as it is."""

    def make(known: Shared, service: Service) -> Model:
        return {**model, **known.make(service, model)}

    return _asked(type_name, account, region, make, model)


def users(type_name: str, model: Model, account: str, region: str) -> list[str]:
    """The objects of the service that must go first."""

    def read(known: Shared, service: Service) -> list[str]:
        return sorted(known.users(service, model))

    return _asked(type_name, account, region, read, [])


def withdraw(type_name: str, model: Model, account: str, region: str) -> None:
    """Let the service forget the object, if it knows it."""

    def drop(known: Shared, service: Service) -> None:
        known.drop(service, model)

    _asked(type_name, account, region, drop, None)


def _asked(
    type_name: str, account: str, region: str, ask: Callable[[Shared, Service], T], otherwise: T
) -> T:
    """What the service answers; ``otherwise`` when there is none for the type, or it refuses."""
    from moto.backends import get_backend
    from moto.core.exceptions import ServiceException
    from werkzeug.exceptions import HTTPException

    known = SHARED.get(type_name)
    if known is None:
        return otherwise
    service: Service = get_backend(known.service)[account][region]  # type: ignore[call-overload]
    try:
        return ask(known, service)
    except (ServiceException, HTTPException):
        return otherwise
