"""Ask CloudTrail's event history who changed a resource. Shell.

https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from gitbot.errors import CloudError
from gitbot.model.causes import Deed, Subject, Told
from gitbot.model.names import Address
from gitbot.providers.aws.connection import Connection
from gitbot.providers.aws.refusals import DENIALS
from gitbot.providers.aws.throttle import Paces
from gitbot.providers.aws.trail_events import deed_of

APART_S = 0.55
"""AWS serves two lookups a second, per account and region."""
MOST_PAGES = 4
"""Of 50 events each, the newest first. Reads of a bucket are events, too."""
_KEEPS_GLOBAL = {"cn-": "cn-north-1", "us-gov-": "us-gov-west-1"}
_PARENTS: Mapping[str, str] = {
    "AWS::EC2::Route": "RouteTableId",
    "AWS::EC2::SecurityGroupEgress": "GroupId",
    "AWS::EC2::SecurityGroupIngress": "GroupId",
    "AWS::EC2::SubnetRouteTableAssociation": "RouteTableId",
    "AWS::EC2::VPCGatewayAttachment": "VpcId",
    "AWS::EC2::VolumeAttachment": "VolumeId",
    "AWS::S3::BucketPolicy": "Bucket",
}
"""The types whose objects the trail knows by another resource, and the property that names it."""


def global_region(region: str) -> str:
    """The region that keeps the events of services without a region, such as IAM.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html
    """
    kept = (keeps for prefix, keeps in _KEEPS_GLOBAL.items() if region.startswith(prefix))
    return next(kept, "us-east-1")


class AwsTrail:
    """One account and region; fits ``ports.Trail``. ``ours`` is the ARN of the identity that gitbot
    changes things with."""

    def __init__(
        self, reading: Mapping[str, Connection], region: str, *, ours: str, paces: Paces
    ) -> None:
        self._reading = reading
        self._region = region
        self._ours = ours
        self._paces = paces

    def told(
        self, subjects: Sequence[Subject], since: datetime, until: datetime
    ) -> Mapping[Address, Told]:
        """See ``ports.Trail.told``."""
        reasons = self._state_reasons(subjects)
        found: dict[Address, Told] = {}
        refused = ""
        for subject in subjects:
            deeds: tuple[Deed, ...] = ()
            try:
                # After a refusal, the answer would be the same for each.
                deeds = () if refused else self._deeds(subject, since, until)
            except CloudError as error:
                if error.code not in DENIALS:
                    raise
                refused = error.call
            reason = reasons.get(subject.remote_id, "")
            found[subject.address] = Told(deeds=deeds, state_reason=reason, refused=refused)
        return found

    def _deeds(self, subject: Subject, since: datetime, until: datetime) -> tuple[Deed, ...]:
        parent = subject.properties.get(_PARENTS.get(subject.type, ""), "")
        names = [name for name in (str(parent) or subject.remote_id, subject.arn) if name]
        for name in names:
            deeds = tuple(self._look_up(subject.type, name, since, until))
            if deeds:
                return deeds
        return ()

    def _look_up(self, type_: str, name: str, since: datetime, until: datetime) -> Iterator[Deed]:
        everywhere = type_.startswith("AWS::IAM::")
        aws = self._reading[global_region(self._region) if everywhere else self._region]
        asked: dict[str, Any] = {
            "LookupAttributes": [{"AttributeKey": "ResourceName", "AttributeValue": name}],
            "StartTime": since,
            "EndTime": until,
        }
        for _ in range(MOST_PAGES):
            self._paces.wait(aws.account, aws.region, apart_s=APART_S)
            page = aws.call("cloudtrail", "lookup_events", **asked)
            for event in page["Events"]:
                deed = deed_of(event, self._ours)
                if deed is not None:
                    yield deed
            if not page.get("NextToken"):
                return
            asked["NextToken"] = page["NextToken"]

    def _state_reasons(self, subjects: Sequence[Subject]) -> Mapping[str, str]:
        """EC2's code for why each machine does not run, as long as EC2 knows the machine."""
        ids = [str(one.remote_id) for one in subjects if one.type == "AWS::EC2::Instance"]
        if not ids:
            return {}
        aws = self._reading[self._region]
        filters = [{"Name": "instance-id", "Values": ids}]
        found = aws.pages("ec2", "describe_instances", "Reservations", Filters=filters)
        return {
            str(machine["InstanceId"]): str(machine.get("StateReason", {}).get("Code", ""))
            for reservation in found
            for machine in reservation["Instances"]
        }
