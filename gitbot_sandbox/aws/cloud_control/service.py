"""Answer the calls of the Cloud Control API. Shell.

https://docs.aws.amazon.com/cloudcontrolapi/latest/APIReference/API_Operations.html
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from gitbot_sandbox.aws.cloud_control.deeds import Call, Said, create, delete, said_words, update
from gitbot_sandbox.aws.cloud_control.patches import Model
from gitbot_sandbox.aws.cloud_control.refusals import Refusal, invalid
from gitbot_sandbox.aws.cloud_control.region import Region
from gitbot_sandbox.aws.cloud_control.registry import ServedType, served
from gitbot_sandbox.aws.cloud_control.requests import IN_PROGRESS, Request

_PAGE = 20
"""The default of ``MaxResults``, also where AWS leaves the size of a page open."""


class CloudControl:
    """All accounts and regions of the process, as moto's backends are.

    ``now`` says when client tokens and requests are too old. Not safe to share between threads.
    """

    def __init__(self) -> None:
        self._regions: dict[tuple[str, str], Region] = {}
        self.now: Callable[[], datetime] = _real_time

    def reset(self) -> None:
        """Forget all objects and requests, and go by the real time."""
        self._regions.clear()
        self.now = _real_time

    def region(self, account: str, region: str) -> Region:
        """What there is in one account and region."""
        return self._regions.setdefault((account, region), Region())

    def answer(self, operation: str, said: Said, call: Call) -> Said:
        """The answer to a call.

        Raises:
            Refusal: the answer is an error.
        """
        region = self.region(call.account, call.region)
        try:
            if operation in _DEEDS:
                return {"ProgressEvent": _request(operation, said, call, region).event()}
            if operation in _READS:
                return _READS[operation](said, call, region)
        except KeyError as error:
            raise Refusal("ValidationException", f"{error.args[0]} is missing") from error
        raise Refusal("UnknownOperationException", f"There is no operation {operation}")


def _request(operation: str, said: Said, call: Call, region: Region) -> Request:
    name, deed = _DEEDS[operation]
    client_token = said.get("ClientToken", "")
    earlier = region.same_request(client_token, said_words(name, said), call.now)
    if earlier is not None:
        return earlier
    request = deed(said, call, region)
    region.keep(request, client_token)
    return request


def _get(said: Said, call: Call, region: Region) -> Said:
    kind = served(said["TypeName"], "read")
    identifier = region.find(kind, said["Identifier"])
    model = kind.readable(region.of_type(kind.name)[identifier])
    return {"TypeName": kind.name, "ResourceDescription": _description(identifier, model)}


def _list(said: Said, call: Call, region: Region) -> Said:
    """Only the identifiers: AWS does not promise more."""
    kind = served(said["TypeName"], "list")
    wanted = json.loads(said.get("ResourceModel", "{}"))
    found = [
        _description(identifier, _identifying(kind, model))
        for identifier, model in sorted(region.of_type(kind.name).items())
        if all(model.get(name) == value for name, value in wanted.items())
    ]
    return {"TypeName": kind.name, **_page("ResourceDescriptions", found, said)}


def _identifying(kind: ServedType, model: Model) -> Model:
    return {path[0]: model[path[0]] for path in kind.identifiers[0] if path[0] in model}


def _description(identifier: str, model: Mapping[str, Any]) -> Said:
    return {"Identifier": identifier, "Properties": json.dumps(model)}


def _status(said: Said, call: Call, region: Region) -> Said:
    request = region.request(said["RequestToken"], call.now)
    request.look()
    return {"ProgressEvent": request.event()}


def _requests(said: Said, call: Call, region: Region) -> Said:
    asked = said.get("ResourceRequestStatusFilter") or {}
    operations, statuses = asked.get("Operations"), asked.get("OperationStatuses")
    found = [
        request.event()
        for request in region.known_requests(call.now)
        if (not operations or request.operation in operations)
        and (not statuses or request.status in statuses)
    ]
    return _page("ResourceRequestStatusSummaries", found, said)


def _cancel(said: Said, call: Call, region: Region) -> Said:
    """What a create has made stays: AWS does not undo what it has done.

    https://docs.aws.amazon.com/cloudcontrolapi/latest/userguide/resource-operations-manage-requests.html
    """
    request = region.request(said["RequestToken"], call.now)
    if request.status != IN_PROGRESS:
        raise invalid(f"A request that is {request.status} cannot be canceled")
    request.status = "CANCEL_IN_PROGRESS"
    return {"ProgressEvent": request.event()}


_DEEDS: Mapping[str, tuple[str, Callable[[Said, Call, Region], Request]]] = {
    "CreateResource": ("CREATE", create),
    "UpdateResource": ("UPDATE", update),
    "DeleteResource": ("DELETE", delete),
}
_READS: Mapping[str, Callable[[Said, Call, Region], Said]] = {
    "GetResource": _get,
    "ListResources": _list,
    "GetResourceRequestStatus": _status,
    "ListResourceRequests": _requests,
    "CancelResourceRequest": _cancel,
}


def _page(name: str, items: Iterable[Any], said: Said) -> dict[str, Any]:
    every = list(items)
    first = int(said.get("NextToken") or 0)
    end = first + int(said.get("MaxResults") or _PAGE)
    page: dict[str, Any] = {name: every[first:end]}
    return page | ({"NextToken": str(end)} if end < len(every) else {})


def _real_time() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)
