"""Keep what a volume holds in a snapshot before the volume is deleted. Shell.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSnapshot.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gitbot.errors import CloudError
from gitbot.model.cloud import Operation
from gitbot.providers.aws.table import Described
from gitbot.providers.aws.tagging import tag_list, tag_map
from gitbot.providers.aws.types.ec2.common import ignoring
from gitbot.providers.aws.types.ec2.family import Ec2Listing
from gitbot.providers.aws.waiting import wait_until

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

_SNAPSHOTS: Final = Ec2Listing("describe_snapshots", "Snapshots", by="snapshot-id")
_GONE: Final = frozenset({"InvalidSnapshot.NotFound"})


def keep_snapshot(aws: Connection, operation: Operation, volume: Described) -> None:
    """Make a snapshot of the volume, which nothing uses, and wait until it is complete.

    It has the volume's tags and those that say whose it is. One that an earlier attempt began is
    waited for. One that is complete already may be older than the data: a new one takes its place,
    which costs only what has changed since.

    Raises:
        CloudError: it failed, or the deadline passed first; the volume is as it was.
    """
    earlier = list(_SNAPSHOTS.by_operation(aws, operation))
    begun = [one["SnapshotId"] for one in earlier if one["State"] == "pending"]
    snapshot = begun[0] if begun else _begin(aws, operation, volume)
    wait_until(
        f"snapshot {snapshot} of volume {volume['VolumeId']} to be complete",
        lambda: _is_complete(aws, snapshot),
        operation,
        clock=aws.clock,
    )
    operation.leave(f"volume {volume['VolumeId']} is kept in the snapshot {snapshot}")
    for one in earlier:
        if one["SnapshotId"] != snapshot:
            _delete(aws, one["SnapshotId"])


def _begin(aws: Connection, operation: Operation, volume: Described) -> str:
    own = {
        key: value
        for key, value in tag_map(volume.get("Tags")).items()
        if not key.startswith(("aws:", "gitbot:"))
    }
    tags = tag_list({**own, **operation.ownership})
    answer = aws.call_once(
        "ec2",
        "create_snapshot",
        VolumeId=volume["VolumeId"],
        Description=f"{volume['VolumeId']} before its deletion, made for {operation.address}",
        TagSpecifications=[{"ResourceType": "snapshot", "Tags": tags}],
    )
    return str(answer["SnapshotId"])


def _is_complete(aws: Connection, snapshot: str) -> bool:
    one = next(iter(_SNAPSHOTS.by_id(aws, [snapshot])), None)
    if one is not None and one["State"] == "error":
        raise CloudError(
            f"snapshot {snapshot} failed, so its volume was left as it is: "
            f"{one.get('StateMessage') or 'AWS gives no reason'}",
            code="SnapshotFailed",
        )
    return one is not None and one["State"] == "completed"


def _delete(aws: Connection, snapshot: str) -> None:
    try:
        aws.call("ec2", "delete_snapshot", SnapshotId=snapshot)
    except CloudError as error:
        ignoring(_GONE, error)
