"""Give tests a clone with a machine on spot, its data disk, and gitbot processes to kill."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.fault.kill_world import SPECS, KillWorld

ENVIRONMENT = (SPECS / "dev/environment.yaml").read_text()
STACK = """\
apiVersion: gitbot/v1
kind: Stack
metadata: {name: training}
spec:
  resources:
    trainer:
      type: AWS::EC2::Instance
      placement:
        spot: true
        instanceTypes: [g5.xlarge, g4dn.xlarge]
        zones: [us-east-1a]
      properties:
        ImageId: ${env.gpu_ami}
    data:
      type: AWS::EC2::Volume
      properties: {AvailabilityZone: us-east-1a, Size: 100, VolumeType: gp3, Throughput: 250}
      lifecycle: {snapshotOnDelete: true}
    attached:
      type: AWS::EC2::VolumeAttachment
      properties:
        VolumeId: ${data.VolumeId}
        InstanceId: ${trainer.InstanceId}
        Device: /dev/sdf
"""


class MachineWorld(KillWorld):
    """One clone with the stack, one place without state, one empty cloud."""

    def specs(self) -> Mapping[str, str]:
        return {"environment.yaml": ENVIRONMENT, "training.yaml": STACK}

    def machines(self) -> list[dict[str, Any]]:
        """The machines that have not ended."""
        return [
            each
            for reservation in self.aws.client("ec2").describe_instances()["Reservations"]
            for each in reservation["Instances"]
            if each["State"]["Name"] not in ("terminated", "shutting-down")
        ]

    def volumes(self) -> list[dict[str, Any]]:
        """The volumes that no launch made."""
        volumes = self.aws.client("ec2").describe_volumes()["Volumes"]
        return [each for each in volumes if "gitbot:stack" in _tags(each)]

    def snapshots(self) -> list[dict[str, Any]]:
        """The snapshots that gitbot made."""
        snapshots = self.aws.client("ec2").describe_snapshots(OwnerIds=["self"])["Snapshots"]
        return [each for each in snapshots if "gitbot:stack" in _tags(each)]


def _tags(one: dict[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in one.get("Tags", ())}
