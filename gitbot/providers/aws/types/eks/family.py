"""Say how EKS names, refuses, tags and carries out changes. Shell.

It takes one change of an object at a time, and carries it out later.
https://docs.aws.amazon.com/eks/latest/APIReference/CommonErrors.html
https://docs.aws.amazon.com/eks/latest/APIReference/API_DescribeUpdate.html
https://docs.aws.amazon.com/eks/latest/APIReference/API_TagResource.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gitbot.errors import CloudError
from gitbot.model.cloud import FAILED
from gitbot.providers.aws.dialect import Changes, Dialect
from gitbot.providers.aws.plain import PlainTags
from gitbot.providers.aws.table import Described

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

NO_REASON = "EKS gives no reason"
TAKEN = frozenset({"ResourceInUseException"})


def addresses(remote_id: str) -> dict[str, str]:
    """The parameters that name a node group, or a cluster, in calls about changes."""
    cluster, _, group = remote_id.partition("/")
    return {"name": cluster, **({"nodegroupName": group} if group else {})}


def _named(answer: Any) -> str:
    return str((answer.get("Update") or {}).get("Id") or "")


def _is_done(aws: Connection, remote_id: str, change: str) -> bool:
    """Whether EKS has made the change. Raises CloudError with its reason if it could not."""
    told = aws.call("eks", "describe_update", updateId=change, **addresses(remote_id))["update"]
    if told["status"] in ("Failed", "Cancelled"):
        why = "; ".join(str(each.get("errorMessage")) for each in told.get("errors") or ())
        raise CloudError(f"{remote_id} could not be changed: {why or NO_REASON}", code=FAILED)
    return bool(told["status"] == "Successful")


EKS = Dialect(
    service="eks",
    absent=frozenset({"ResourceNotFoundException"}),
    busy=frozenset({"ResourceInUseException"}),
    reads=("describe_update", "iam:GetRole"),
    renames=True,
    changes=Changes(named=_named, done=_is_done),
)


def tags_of(arn: str, *, as_map: bool = False) -> PlainTags:
    """The tags of objects whose descriptions have their ARN under this name."""
    return PlainTags(
        dialect=EKS, target=lambda one: {"ResourceArn": one[arn]}, mapped=True, as_map=as_map
    )


def issues(one: Described) -> str:
    """What EKS says is wrong with an object."""
    found = (one.get("Health") or {}).get("Issues") or ()
    return "; ".join(str(each.get("Message")) for each in found) or NO_REASON
