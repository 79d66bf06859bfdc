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


GROUP = """\
apiVersion: gitbot/v1
kind: Stack
metadata: {name: door}
spec:
  resources:
    sg:
      type: AWS::EC2::SecurityGroup
      properties: {GroupDescription: SSH}
"""


def test_a_copy_of_what_is_gone_is_named_and_stays(aws: LocalAws, tmp_path: Path) -> None:
    """The kind: the tags of a managed object are on another one, so that a plan never ends, and a destroy leaves
    that one in the cloud without a word."""
    clone(tmp_path)
    (tmp_path / "clone/specs/dev/door.yaml").write_text(GROUP)
    commit(tmp_path, "A group")
    gitbot(aws, tmp_path, "apply", "dev", "--stack", "door", "--yes", "--new-store", "--json")
    ec2 = aws.client("ec2")
    own = [{"Name": "tag:gitbot:stack", "Values": ["dev/door"]}]
    (made,) = ec2.describe_security_groups(Filters=own)["SecurityGroups"]
    copy = ec2.create_security_group(
        GroupName="copy", Description=made["Description"], VpcId=made["VpcId"]
    )["GroupId"]
    ec2.create_tags(Resources=[copy], Tags=made["Tags"])
    ec2.delete_security_group(GroupId=made["GroupId"])

    planned = run(aws, tmp_path, "plan", "dev", "--stack", "door")
    says = " ".join(planned.output.split())
    assert planned.exit_code == 1
    assert f"State has `{made['GroupId']}` as `sg`" in says
    assert f"`{copy}` with the tags of `sg`" in says

    done = run(aws, tmp_path, "destroy", "dev", "--stack", "door", "--yes")
    says = " ".join(done.output.split())
    assert done.exit_code == 0, done.output
    assert f"`{copy}` carries its tags, and state does not know it" in says.replace("\\_", "_")
    (left,) = ec2.describe_security_groups(Filters=own)["SecurityGroups"]
    assert left["GroupId"] == copy
    ec2.delete_security_group(GroupId=copy)


def test_a_copy_beside_what_a_plan_deletes_is_named_and_stays(
    aws: LocalAws, tmp_path: Path
) -> None:
    """The kind: a destroy that leaves behind what looks as the stack's own, without a word."""
    clone(tmp_path)
    spec = tmp_path / "clone/specs/dev/door.yaml"
    spec.write_text(GROUP)
    commit(tmp_path, "A group")
    gitbot(aws, tmp_path, "apply", "dev", "--stack", "door", "--yes", "--new-store", "--json")
    ec2 = aws.client("ec2")
    own = [{"Name": "tag:gitbot:stack", "Values": ["dev/door"]}]
    (made,) = ec2.describe_security_groups(Filters=own)["SecurityGroups"]
    asked = ("plan", "dev", "--stack", "door")
    before = gitbot(aws, tmp_path, *asked, "--destroy", "--json")["plans"][0]
    copy = ec2.create_security_group(
        GroupName="copy", Description=made["Description"], VpcId=made["VpcId"]
    )["GroupId"]
    ec2.create_tags(Resources=[copy], Tags=made["Tags"])
    words = f"`{copy}` carries its tags, too, and state does not know it: somebody made a copy."

    after = gitbot(aws, tmp_path, *asked, "--destroy", "--json")["plans"][0]
    assert not any("tags" in reason for reason in before["changes"][0]["reasons"])
    assert any(reason.startswith(words) for reason in after["changes"][0]["reasons"])
    assert after["digest"] == before["digest"]
    spec.write_text(GROUP.replace("SSH", "HTTP"))  # replaces the group
    replaced = gitbot(aws, tmp_path, *asked, "--json")["plans"][0]["changes"][0]
    assert any(reason.startswith(words) for reason in replaced["reasons"])
    spec.write_text(GROUP)

    done = run(aws, tmp_path, "destroy", "dev", "--stack", "door", "--yes")
    assert done.exit_code == 0, done.output
    (left,) = ec2.describe_security_groups(Filters=own)["SecurityGroups"]
    assert left["GroupId"] == copy
    ec2.delete_security_group(GroupId=copy)


FULL = """\
apiVersion: gitbot/v1
kind: Stack
metadata: {name: full}
spec:
  resources:
    sg:
      type: AWS::EC2::SecurityGroup
      properties: {GroupDescription: SSH}
    kept:
      type: AWS::S3::Bucket
      properties: {BucketName: full-kept}
"""


def test_what_a_destroy_leaves_goes_without_making_the_rest_again(
    aws: LocalAws, tmp_path: Path
) -> None:
    """The kind: advice to apply, in the middle of a destroy, that makes again what is gone."""
    clone(tmp_path)
    spec = tmp_path / "clone/specs/dev/full.yaml"
    spec.write_text(FULL)
    commit(tmp_path, "A bucket")
    gitbot(aws, tmp_path, "apply", "dev", "--stack", "full", "--yes", "--new-store", "--json")
    aws.client("s3").put_object(Bucket="full-kept", Key="a", Body=b"x")

    def destroyed() -> tuple[int, str]:
        plan = gitbot(aws, tmp_path, "plan", "dev", "--stack", "full", "--destroy", "--json")
        digest = plan["plans"][0]["digest"]
        done = run(aws, tmp_path, "destroy", "dev", "--stack", "full", "--digest", digest)
        return done.exit_code, " ".join(done.output.split())

    code, says = destroyed()
    assert code == 1
    assert "with `--target kept`" in says, says

    spec.write_text(f"{FULL}      lifecycle: {{emptyOnDelete: true}}\n")
    commit(tmp_path, "It may be emptied")
    again = ("apply", "dev", "--stack", "full", "--target", "kept", "--yes")
    assert run(aws, tmp_path, *again).exit_code == 0
    own = [{"Name": "tag:gitbot:stack", "Values": ["dev/full"]}]
    assert aws.client("ec2").describe_security_groups(Filters=own)["SecurityGroups"] == []
    assert destroyed()[0] == 0
