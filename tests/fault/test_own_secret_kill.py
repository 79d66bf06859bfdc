"""Kill gitbot at every boundary of applies that open a secret which their own stack makes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from gitbot_sandbox.aws import LocalAws
from tests.fault.conftest import BOUNDARIES
from tests.fault.kill_world import KILLED, Edit, Killer, KillWorld
from tests.fault.test_secret_kill import RecordProperty

ENVIRONMENT = """\
apiVersion: gitbot/v1
kind: Environment
metadata: {name: dev}
spec: {region: us-east-1, secrets: ["secretsmanager:(*)"]}
"""
STACK = """\
apiVersion: gitbot/v1
kind: Stack
metadata: {name: own}
spec:
  resources:
    made:
      type: AWS::SecretsManager::Secret
      properties:
        GenerateSecretString:
          {SecretStringTemplate: '{"user": "ml"}', GenerateStringKey: password, ExcludePunctuation: true, PasswordLength: 20}
    bucket:
      type: AWS::S3::Bucket
      properties:
        BucketName: kill-own-secret-one
        Tags:
          - {Key: url, Value: 'pg://ml:${secret("secretsmanager:" + made.Id + "#password")}@h'}
    user:
      type: AWS::S3::Bucket
      properties:
        BucketName: kill-own-secret-two
        Tags: [{Key: again, Value: "${bucket.Tags[0].Value}"}]
"""
LONGER: Edit = {"own.yaml": (("PasswordLength: 20", "PasswordLength: 24"),)}
RENAMED: Edit = {"own.yaml": (("Key: url", "Key: address"),)}


class OwnSecretWorld(KillWorld):
    """A clone whose stack makes a secret and tags buckets with it."""

    def specs(self) -> Mapping[str, str]:
        return {"environment.yaml": ENVIRONMENT, "own.yaml": STACK}

    def live(self) -> dict[str, str]:
        secrets = self.aws.client("secretsmanager").list_secrets()["SecretList"]
        return {**super().live(), **{one["ARN"]: "" for one in secrets}}

    def passwords(self) -> list[str]:
        """Those of the secrets that the account has, deleted ones apart."""
        client = self.aws.client("secretsmanager")
        return [
            json.loads(client.get_secret_value(SecretId=one["ARN"])["SecretString"])["password"]
            for one in client.list_secrets()["SecretList"]
        ]

    def tag(self, bucket: str) -> Any:
        return self.aws.client("s3").get_bucket_tagging(Bucket=bucket)["TagSet"]

    def assert_done(self, key: str, length: int) -> None:
        """One secret, of which both buckets hold the password; an empty plan."""
        self.assert_whole(3)
        (password,) = self.passwords()
        assert len(password) == length
        url = f"pg://ml:{password}@h"
        assert {"Key": key, "Value": url} in self.tag("kill-own-secret-one")
        assert {"Key": "again", "Value": url} in self.tag("kill-own-secret-two")

    def assert_silent(self) -> None:
        """No password that the account keeps was written."""
        self.assert_unwritten(one.encode() for one in self.passwords())


Begin: TypeAlias = Callable[[OwnSecretWorld], None]


def created(world: OwnSecretWorld) -> None:
    """Nothing is there yet."""


def changed(edit: Edit) -> Begin:
    def begin(world: OwnSecretWorld) -> None:
        assert world.gitbot("apply") == 0, world.report["printed"]
        world.edit(edit)

    return begin


SCENARIOS: dict[str, tuple[Begin, tuple[str, int]]] = {
    "create": (created, ("url", 20)),
    "use": (changed(RENAMED), ("address", 20)),
    "replace": (changed(LONGER), ("url", 24)),
}


def begun(aws: LocalAws, killer: Killer, folder: Path, begin: Begin) -> OwnSecretWorld:
    folder.mkdir()
    world = OwnSecretWorld(aws, killer, folder)
    begin(world)
    return world


@pytest.mark.full
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", SCENARIOS)
def test_an_apply_with_its_own_secret_may_be_killed_at_every_boundary(
    local_aws: LocalAws,
    killer: Killer,
    tmp_path: Path,
    name: str,
    record_property: RecordProperty,
) -> None:
    """What was there before the death is the same after it, the secret and its value included."""
    begin, (key, length) = SCENARIOS[name]
    world = begun(local_aws, killer, tmp_path / "undisturbed", begin)
    kept = world.live().keys()
    assert world.gitbot("apply") == 0, world.report["printed"]
    crossed = world.report["crossed"]
    world.assert_done(key, length)
    world.assert_silent()
    stays = len(kept & world.live().keys())
    opened = [one for one in crossed if one.startswith("after cloud GetSecretValue")]
    assert opened, crossed
    # One resource goes after the other: a death before a call leaves what one after the last one left.
    tried = [at for at, one in enumerate(crossed, 1) if at == 1 or one.startswith("after")]
    for kill_at in tried:
        world = begun(local_aws, killer, tmp_path / str(kill_at), begin)
        before, known = world.live().keys(), set(world.passwords())
        assert world.gitbot("apply", kill_at=kill_at) == KILLED
        world.assert_silent()
        made = set(world.passwords()) - known
        assert len(made) <= 1
        assert world.gitbot("apply") == 0, world.report["printed"]
        world.assert_done(key, length)
        assert len(before & world.live().keys()) == stays
        # What the dead one made is not made once more.
        assert made <= set(world.passwords())
        world.assert_silent()
    record_property(BOUNDARIES, f"{len(tried)} boundaries, survived all")
