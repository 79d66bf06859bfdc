"""Run every command of docs/state.md as it stands.

The kind: a lost, moved or second store has no way back.
"""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gitbot_sandbox.aws import LocalAws
from tests.e2e.conftest import environment
from tests.e2e.specs import bucket, group, stack

pytestmark = [pytest.mark.full, pytest.mark.timeout(500)]  # some twenty commands, each a process
PAGE = (Path(__file__).parents[2] / "docs" / "state.md").read_text()
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
SPECS = {
    "specs/dev/environment.yaml": environment("state", "dev"),
    "specs/dev/artifacts.yaml": bucket(),
    "specs/dev/ssh.yaml": group(),
    # Neither a machine nor a group without a name can be found but by its tags.
    "specs/dev/trainer.yaml": stack(
        "trainer",
        "open:\n"
        "  type: AWS::EC2::SecurityGroup\n"
        "  properties: {GroupDescription: none}\n"
        "gpu:\n"
        "  type: AWS::EC2::Instance\n"
        "  properties:\n"
        "    ImageId: ami-0a1b2c3d4e5f60718\n"
        "    InstanceType: g4dn.xlarge\n"
        '    SecurityGroupIds: ["${open.GroupId}"]\n',
    ),
}


@pytest.fixture
def aws() -> Iterator[LocalAws]:
    with LocalAws() as made:
        yield made


class Person:
    """Somebody in a clone, who copies the page block by block."""

    def __init__(self, aws: LocalAws, home: Path) -> None:
        self.aws, self.home, self.clone = aws, home, home / "infra"
        for name, text in SPECS.items():
            (self.clone / name).parent.mkdir(parents=True, exist_ok=True)
            (self.clone / name).write_text(text)
        self.run("git init -q -b main && git add --all && git commit -q -m specs")

    def run(self, script: str) -> str:
        """Run a block; returns what it printed."""
        environ = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": str(self.home),
            "GITBOT_STORE": str(self.home / "gitbot-state.db"),
            **{f"GIT_{who}_NAME": "ada" for who in ("AUTHOR", "COMMITTER")},
            **{f"GIT_{who}_EMAIL": "ada@acme.example" for who in ("AUTHOR", "COMMITTER")},
            **self.aws.environment,
        }
        ran = subprocess.run(
            ["bash", "-euc", script],
            cwd=self.clone,
            env=environ,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=200,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout + ran.stderr

    def objects(self) -> set[str]:
        ec2, s3 = self.aws.client("ec2"), self.aws.client("s3")
        groups = ec2.describe_security_groups()["SecurityGroups"]
        return {
            *(g["GroupId"] for g in groups if g["GroupName"] != "default"),
            *(b["Name"] for b in s3.list_buckets()["Buckets"]),
            *(
                i["InstanceId"]
                for r in ec2.describe_instances()["Reservations"]
                for i in r["Instances"]
            ),
        }


def audited(store: Path, action: str) -> int:
    with sqlite3.connect(store) as database:
        query = "SELECT count(*) FROM audit WHERE action = ?"
        return int(database.execute(query, [action]).fetchone()[0])


def test_every_command_of_the_page_does_what_the_page_says(aws: LocalAws, tmp_path: Path) -> None:
    ada = Person(aws, tmp_path)
    first, _, back_up, restore, lose, bring, move, retired = BLOCKS
    ada.run("mv specs/dev/trainer.yaml .. && git commit -qam less")
    ada.run(first)
    ada.run(back_up)
    ada.run("mv ../trainer.yaml specs/dev && git add --all && git commit -qm more")
    ada.run("gitbot apply dev --stack trainer --yes")
    there = ada.objects()
    assert len(there) == 4
    restored = ada.run(restore)  # the backup knows nothing of the trainer
    assert "Proven: the next plan is empty." in restored
    lost = ada.run(lose)
    assert "refused: the objects belong to the lost state" in lost
    assert "belongs to the stack dev/artifacts of another state" in lost
    assert "Proven: the next plan is empty." in ada.run(bring)
    assert ada.objects() == there
    store = tmp_path / "gitbot-state.db"
    assert audited(store, "state recover") == 3
    assert "Digest" not in ada.run(move)
    assert (
        audited(store, "state migrated") == audited(tmp_path / "server.db", "state migrated") == 3
    )
    assert "refused: another store has it" in ada.run(retired)
    assert ada.objects() == there
