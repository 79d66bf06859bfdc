"""Kill gitbot at every boundary of applies that use secrets: what is made is the same, and no secret is written."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

import pytest

from gitbot_sandbox.aws import LocalAws
from tests.fault.conftest import BOUNDARIES
from tests.fault.kill_world import KILLED, Edit, Killer, KillWorld

RecordProperty: TypeAlias = Callable[[str, object], None]

CANARY = "Eisvogel"
"""What every secret of this test begins with. No spec has it."""
FIRST, NEXT, LATER, KEY = (f"{CANARY}-{one}" for one in ("first", "next", "later", "key"))
ENVIRONMENT = """\
apiVersion: gitbot/v1
kind: Environment
metadata: {name: dev}
spec: {region: us-east-1, secrets: ["ssm:/kill/*", "secretsmanager:kill/api"]}
"""
# Tags are sorted by their keys: the second one is "url".
STACK = """\
apiVersion: gitbot/v1
kind: Stack
metadata: {name: secrets}
spec:
  resources:
    group:
      type: AWS::EC2::SecurityGroup
      properties: {GroupDescription: 'for ${secret("ssm:/kill/db:stable")}'}
    bucket:
      type: AWS::S3::Bucket
      properties:
        BucketName: kill-secrets-one
        Tags:
          - {Key: url, Value: 'db://ml:${secret("ssm:/kill/db")}@${group.GroupId}'}
          - {Key: key, Value: '${secret("secretsmanager:kill/api#key")}'}
    user:
      type: AWS::S3::Bucket
      properties:
        BucketName: kill-secrets-two
        Tags: [{Key: again, Value: "${bucket.Tags[1].Value}"}]
  outputs:
    url: {value: "${bucket.Tags[1].Value}", sensitive: true}
"""
RENAMED: Edit = {"secrets.yaml": (("Key: key", "Key: token"),)}


class SecretWorld(KillWorld):
    """A clone whose stack is made of secrets, and a cloud that keeps them."""

    def specs(self) -> Mapping[str, str]:
        return {"environment.yaml": ENVIRONMENT, "secrets.yaml": STACK}

    def put(self, value: str, *, stable: bool = False) -> None:
        """Rotate the password; with ``stable``, let the label point to it, which replaces the group."""
        ssm = self.aws.client("ssm")
        made = ssm.put_parameter(Name="/kill/db", Value=value, Type="SecureString", Overwrite=True)
        if stable:
            ssm.label_parameter_version(
                Name="/kill/db", ParameterVersion=made["Version"], Labels=["stable"]
            )

    def store_key(self) -> None:
        self.aws.client("secretsmanager").create_secret(
            Name="kill/api", SecretString=f'{{"key": "{KEY}"}}'
        )

    def tags(self, bucket: str) -> dict[str, str]:
        told = self.aws.client("s3").get_bucket_tagging(Bucket=bucket)["TagSet"]
        return {one["Key"]: one["Value"] for one in told}

    def assert_done(self, value: str, stable: str, key: str = "key") -> None:
        """Three objects that state knows, each with the secrets as they are, and an empty plan."""
        self.assert_whole(3)
        ec2 = self.aws.client("ec2")
        (group,) = [
            one
            for one in ec2.describe_security_groups()["SecurityGroups"]
            if one["GroupName"] != "default"
        ]
        assert group["Description"] == f"for {stable}"
        tags = self.tags("kill-secrets-one")
        assert tags["url"] == f"db://ml:{value}@{group['GroupId']}"
        assert tags[key] == KEY
        assert self.tags("kill-secrets-two")["again"] == tags["url"]

    def assert_silent(self) -> None:
        """No secret was written, plain or in base64."""
        self.assert_unwritten([CANARY.encode(), base64.b64encode(CANARY.encode())[:-2]])


Begin: TypeAlias = Callable[[SecretWorld], None]


def created(world: SecretWorld) -> None:
    """Nothing is there yet."""


def rotated(world: SecretWorld) -> None:
    """Applied, then the password was rotated, and a tag was renamed."""
    assert world.gitbot("apply") == 0, world.report["printed"]
    world.put(NEXT)
    world.edit(RENAMED)


def replaced(world: SecretWorld) -> None:
    """Applied, then rotated with the label: the group is replaced, for its description is."""
    assert world.gitbot("apply") == 0, world.report["printed"]
    world.put(NEXT, stable=True)


SCENARIOS: dict[str, tuple[Begin, tuple[str, str, str]]] = {
    "create": (created, (FIRST, FIRST, "key")),
    "rotate": (rotated, (NEXT, FIRST, "token")),
    "replace": (replaced, (NEXT, NEXT, "key")),
}


def begun(aws: LocalAws, killer: Killer, folder: Path, begin: Begin) -> SecretWorld:
    folder.mkdir()
    world = SecretWorld(aws, killer, folder)
    world.put(FIRST, stable=True)
    world.store_key()
    begin(world)
    return world


@pytest.mark.full
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", SCENARIOS)
def test_an_apply_with_secrets_may_be_killed_at_every_boundary(
    local_aws: LocalAws,
    killer: Killer,
    tmp_path: Path,
    name: str,
    record_property: RecordProperty,
) -> None:
    """At each third one the password is rotated once more before the next apply."""
    begin, (value, stable, key) = SCENARIOS[name]
    world = begun(local_aws, killer, tmp_path / "undisturbed", begin)
    kept = world.live().keys()
    assert world.gitbot("apply") == 0, world.report["printed"]
    crossed = world.report["crossed"]
    world.assert_done(value, stable, key)
    world.assert_silent()
    stays = len(kept & world.live().keys())
    for kind in ("after cloud GetParameter", "after cloud PUT bucket", "after state finish"):
        assert any(name.startswith(kind) for name in crossed), crossed
    # One resource goes after the other: a death before a call leaves what one after the last one left.
    tried = [at for at, one in enumerate(crossed, 1) if at == 1 or one.startswith("after")]
    for kill_at in tried:
        world = begun(local_aws, killer, tmp_path / str(kill_at), begin)
        before = world.live().keys()
        assert world.gitbot("apply", kill_at=kill_at) == KILLED
        world.assert_silent()
        last = LATER if kill_at % 3 == 0 else value
        if last is LATER:
            world.put(LATER)
        assert world.gitbot("apply") == 0, world.report["printed"]
        world.assert_done(last, stable, key)
        assert len(before & world.live().keys()) == stays
        world.assert_silent()
    record_property(BOUNDARIES, f"{len(tried)} boundaries, survived all")
