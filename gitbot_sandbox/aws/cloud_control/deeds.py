"""Accept the requests that create, update and delete objects. Shell.

What the API finds wrong by itself is an error of the call; what a type's handler finds is the
``ErrorCode`` of a request that fails later.
https://docs.aws.amazon.com/cloudcontrolapi/latest/userguide/resource-operations.html
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gitbot.reconciler.pointers import Path, parse, reaches
from gitbot_sandbox.aws.cloud_control.attributes import Birth, completed
from gitbot_sandbox.aws.cloud_control.patches import PatchError, patched, paths_of
from gitbot_sandbox.aws.cloud_control.refusals import Refusal, invalid, misfit, unchangeable
from gitbot_sandbox.aws.cloud_control.region import Model, Region, identifier_of
from gitbot_sandbox.aws.cloud_control.registry import ServedType, served, without
from gitbot_sandbox.aws.cloud_control.requests import Request
from gitbot_sandbox.aws.cloud_control.shared import share, users, withdraw
from gitbot_sandbox.aws.faults import Fault

Said = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call: whose it is, where and when, and what the sandbox was told to do to it."""

    account: str
    region: str
    now: datetime
    fault: Fault | None = None


def create(said: Said, call: Call, region: Region) -> Request:
    """Make the object, and the request that reports it.

    https://docs.aws.amazon.com/cloudcontrolapi/latest/APIReference/API_CreateResource.html

    Raises:
        Refusal: the type is not served, or the desired state does not fit it.
    """
    kind = served(said["TypeName"], "create")
    desired = kind.declared(_object(said["DesiredState"], "desired state"))
    _refuse_misfits(kind, desired)
    request = _new_request("CREATE", said, call)
    birth = Birth(account=call.account, region=call.region, at=call.now, seed=request.token)
    model = completed(kind, desired, birth)
    identifier = identifier_of(model, kind.identifiers[0]) or request.token
    known = region.of_type(kind.name)
    if kind.given_read_only(desired):
        request.fail(
            "InvalidRequest", "Invalid Create: cannot create a resource using ReadOnly properties"
        )
    elif _is_taken(kind, desired, known.values()) or identifier in known:
        text = f"Resource of type '{kind.name}' with identifier '{identifier}' already exists."
        request.fail("AlreadyExists", text)
    elif not request.error or _applied(call.fault):
        model = share(kind.name, model, call.account, call.region)
        request.identifier = identifier_of(model, kind.identifiers[0]) or identifier
        known[request.identifier] = model
        request.told = identifier_of(desired, kind.identifiers[0]) is not None
    return request


def update(said: Said, call: Call, region: Region) -> Request:
    """Change the object when the request ends.

    The patch is applied to what a read returns, so that write-only values that it lacks are lost.
    https://docs.aws.amazon.com/cloudcontrolapi/latest/userguide/resource-operations-update.html

    Raises:
        Refusal: there is no such object, or the patch cannot be applied to it.
    """
    kind = served(said["TypeName"], "update")
    identifier = region.find(kind, said["Identifier"])
    region.refuse_busy(kind.name, identifier)
    objects = region.of_type(kind.name)
    model = _after(kind, kind.readable(objects[identifier]), said["PatchDocument"])
    request = _new_request("UPDATE", said, call)
    request.identifier = identifier
    birth = Birth(account=call.account, region=call.region, at=call.now, seed=request.token)

    def change() -> None:
        objects[identifier] = completed(kind, model, birth)

    return _done_at_the_end(request, change, call.fault)


def delete(said: Said, call: Call, region: Region) -> Request:
    """Delete the object when the request ends; of one that is absent, the request fails.

    https://docs.aws.amazon.com/cloudcontrolapi/latest/APIReference/API_DeleteResource.html

    Raises:
        Refusal: the type is not served, or another request for the object is in progress.
    """
    kind = served(said["TypeName"], "delete")
    request = _new_request("DELETE", said, call)
    request.identifier = said["Identifier"]
    try:
        request.identifier = region.find(kind, said["Identifier"])
    except Refusal as refusal:
        request.fail("NotFound", refusal.message)
        return request
    region.refuse_busy(kind.name, request.identifier)
    objects = region.of_type(kind.name)
    if kept_by := users(kind.name, objects[request.identifier], call.account, call.region):
        request.fail("ResourceConflict", f"It is in use by {', '.join(kept_by)}.")
        return request

    def forget() -> None:
        model = objects.pop(request.identifier, None)
        if model is not None:
            withdraw(kind.name, model, call.account, call.region)

    return _done_at_the_end(request, forget, call.fault)


def _done_at_the_end(request: Request, deed: Callable[[], object], fault: Fault | None) -> Request:
    if request.error and _applied(fault):
        deed()
    request.deed = deed
    return request


def _applied(fault: Fault | None) -> bool:
    return fault is not None and fault.applied


def _new_request(operation: str, said: Said, call: Call) -> Request:
    request = Request(
        token=str(uuid.uuid4()),
        type_name=said["TypeName"],
        operation=operation,
        began=call.now,
        said=said_words(operation, said),
    )
    if call.fault is not None:
        request.slow_down(call.fault)
        if call.fault.code:
            request.fail(call.fault.code, call.fault.message)
    return request


def said_words(operation: str, said: Said) -> tuple[str, ...]:
    """What two requests with one client token must have in common."""
    names = ("TypeName", "Identifier", "DesiredState", "PatchDocument")
    return (operation, *(str(said.get(name, "")) for name in names))


def _after(kind: ServedType, before: Model, document: str) -> Model:
    """The model after a patch of what a read returns.

    Raises:
        Refusal: the patch cannot be applied, or changes what it must not.
    """
    try:
        after = kind.declared(patched(before, document))
        touched = paths_of(document)
    except PatchError as error:
        raise invalid(f"Invalid patch update: {error}") from error
    schema = kind.schema
    read_only = _named(schema.read_only, touched) or kind.changed_read_only(before, after)
    if read_only:
        raise unchangeable("ValidationException", "readOnlyProperties", read_only)
    create_only = kind.differing(schema.create_only, before, after)
    if create_only:
        raise unchangeable("NotUpdatableException", "createOnlyProperties", create_only)
    _refuse_misfits(kind, without(after, schema.read_only))
    return after


def _named(pointers: tuple[str, ...], touched: tuple[Path, ...]) -> tuple[str, ...]:
    """Those of the pointers that a patch writes to."""
    return tuple(one for one in pointers if any(reaches(parse(one), path) for path in touched))


def _refuse_misfits(kind: ServedType, model: Model) -> None:
    problems = kind.misfits(model)
    if problems:
        raise misfit(problems)


def _is_taken(kind: ServedType, desired: Model, known: Any) -> bool:
    """Whether an object has an identifier that the desired state gives in full."""
    for paths in kind.identifiers:
        wanted = identifier_of(desired, paths)
        if wanted is not None and any(identifier_of(one, paths) == wanted for one in known):
            return True
    return False


def _object(text: str, noun: str) -> Model:
    try:
        data = json.loads(text)
    except ValueError as error:
        raise invalid(f"The {noun} is not JSON: {error}") from error
    if not isinstance(data, dict):
        raise invalid(f"The {noun} is not a JSON object")
    return data
