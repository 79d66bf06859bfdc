"""Make, change and delete what EKS has, as slowly as AWS does, and tell of the changes. Shell.

https://docs.aws.amazon.com/eks/latest/APIReference/API_Cluster.html
https://docs.aws.amazon.com/eks/latest/APIReference/API_Nodegroup.html
https://docs.aws.amazon.com/eks/latest/APIReference/API_DescribeUpdate.html
"""

from __future__ import annotations

import copy
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.ec2.models import ec2_backends
from moto.eks.exceptions import InvalidParameterException
from moto.iam.models import iam_backends

from gitbot_sandbox.aws.states import begin


def make(one: Any, failed: str) -> None:
    """Let a new object be made; ``failed`` is its status where that fails."""
    one.status, one.updates = "CREATING", []
    one.health = {"issues": []}

    def then(fails: str) -> None:
        if fails:
            _tell(one, failed, fails)
        else:
            one.status = "ACTIVE"

    begin(one, then)


def change(one: Any, kind: str, wanted: Mapping[str, Any]) -> ActionResult:
    """Begin to give the object these attributes; the answer of the call. Refuses what changes nothing."""
    if all(getattr(one, name) == value for name, value in wanted.items()):
        raise InvalidParameterException(message="No changes needed for the configuration provided")
    told: dict[str, Any] = {
        "id": str(uuid.uuid4()),
        "status": "InProgress",
        "type": kind,
        "params": [],
        "createdAt": utcnow(),
        "errors": [],
    }
    answer = ActionResult({"update": copy.deepcopy(told)})
    one.status = "UPDATING"
    one.updates.append(told)

    def then(fails: str) -> None:
        one.status = "ACTIVE"
        told["status"] = "Failed" if fails else "Successful"
        if fails:
            error = {"errorCode": "Unknown", "errorMessage": fails, "resourceIds": []}
            told["errors"] = [error]
            return
        for name, value in wanted.items():
            setattr(one, name, value)

    begin(one, then)
    return answer


def delete(one: Any, then: Callable[[], object], failed: str = "") -> None:
    """Let the object go: ``then`` takes it away. ``failed`` is its status where that fails; empty: it never does."""
    one.status = "DELETING"

    def gone(fails: str) -> None:
        if failed and fails:
            _tell(one, failed, fails)
        else:
            then()

    begin(one, gone)


def _tell(one: Any, status: str, why: str) -> None:
    one.status = status
    one.health = {"issues": [{"code": "Unknown", "message": why, "resourceIds": []}]}


def merged(has: Any, asked: Any) -> Any:
    """What there is, with what is asked for in its place."""
    if isinstance(has, Mapping) and isinstance(asked, Mapping):
        return {**has, **{name: merged(has.get(name), value) for name, value in asked.items()}}
    return has if asked is None else asked


def network_of(backend: Any, subnets: Any) -> tuple[str, frozenset[str]]:
    """The VPC and the zones of the subnets. Refuses those that are not there, or of more than one VPC."""
    ec2 = ec2_backends[backend.account_id][backend.region_name]
    there = {name: one for zone in ec2.subnets.values() for name, one in zone.items()}
    missing = [one for one in subnets if one not in there]
    if missing:
        raise InvalidParameterException(message=f"The subnet ID '{missing[0]}' does not exist")
    known = [there[one] for one in subnets]
    vpcs = {one.vpc_id for one in known}
    if len(vpcs) != 1:
        raise InvalidParameterException(message="Subnets must be in the same VPC")
    return vpcs.pop(), frozenset(one.availability_zone for one in known)


def trusts(backend: Any, arn: str, service: str) -> bool | None:
    """Whether the role lets the service take it; None: there is no such role."""
    roles: Any = iam_backends[backend.account_id][backend.partition].roles
    found = next((one for one in roles.values() if one.arn == arn), None)
    return None if found is None else service in str(found.assume_role_policy_document)
