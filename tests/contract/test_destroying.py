"""What ``gitbot destroy`` says of what it leaves."""

from __future__ import annotations

from pathlib import Path

from gitbot_sandbox.aws import LocalAws
from tests.contract.test_reading_together import aws, clone, commit, gitbot, run

__all__ = ["aws"]
VOLUME = """\
apiVersion: gitbot/v1
kind: Stack
metadata: {name: disk}
spec:
  resources:
    data:
      type: AWS::EC2::Volume
      properties: {AvailabilityZone: us-east-1a, Size: 8}
      lifecycle: {snapshotOnDelete: true}
"""


def test_a_destroy_names_the_snapshots_that_it_keeps(aws: LocalAws, tmp_path: Path) -> None:
    """The kind: what was kept is told while it happens, and is nowhere when somebody wants it back."""
    clone(tmp_path)
    (tmp_path / "clone/specs/dev/disk.yaml").write_text(VOLUME)
    commit(tmp_path, "A disk")
    gitbot(aws, tmp_path, "apply", "dev", "--stack", "disk", "--yes", "--new-store", "--json")
    plan = gitbot(aws, tmp_path, "plan", "dev", "--stack", "disk", "--destroy", "--json")
    digest = plan["plans"][0]["digest"]
    done = run(aws, tmp_path, "destroy", "dev", "--stack", "disk", "--digest", digest)
    assert done.exit_code == 0, done.output
    ec2 = aws.client("ec2")
    own = [{"Name": "tag:gitbot:resource", "Values": ["data"]}]
    (snapshot,) = ec2.describe_snapshots(Filters=own)["Snapshots"]
    says = f"volume {snapshot['VolumeId']} is kept in the snapshot {snapshot['SnapshotId']}."
    assert says in " ".join(done.stdout.split())
