"""Each module that comes with gitbot: plan, apply, plan nothing, change one value, destroy."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import gitbot
from tests.e2e.conftest import environment
from tests.e2e.shell import Shell, person
from tests.e2e.specs import stack

pytestmark = [pytest.mark.full, pytest.mark.timeout(300)]
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGJraRsj69dW5AT+UxZwGqcou8cKLbYxXQBEMpHtMV1w me"


@dataclass(frozen=True)
class Use:
    """A use of a module with these values, one that differs, and what it makes and changes; ``rules`` are the stack's."""

    module: str
    values: str
    other: tuple[str, str]
    makes: int
    changes: str
    rules: str = ""


USES = (
    Use(
        "ml-bucket",
        "{name: acme-dev-x, expire_days: 90}",
        ("expire_days: 90", "expire_days: 0"),
        1,
        "m.bucket AWS::S3::Bucket will be updated",
    ),
    Use(
        "artifact-platform",
        "{prefix: acme-dev}",
        ("{prefix: acme-dev}", "{prefix: acme-dev, kinds: {models: {}}}"),
        3,
        'm.data["features"].bucket AWS::S3::Bucket will be deleted',
    ),
    Use(
        "gpu-trainer",
        f"{{name: trainer, my_ip: 203.0.113.5/32, ssh_key: {KEY}, ami: ami-0123456789abcdef0, bucket: acme}}",
        ("203.0.113.5/32", "203.0.113.9/32"),
        5,
        "m.ssh AWS::EC2::SecurityGroup will be updated",
    ),
    Use(
        "gpu-trainer",
        '{name: by-ssm, ami: ami-0123456789abcdef0, tags: {owner: ada}, offhours: "off=(M-F,19)"}',
        ("off=(M-F,19)", "off=(M-F,20)"),
        4,
        "`offhours` changes from `off=(M-F,19)` to `off=(M-F,20)`",
        "instanceStore: discard",
    ),
    Use(
        "notebook",
        "{name: notebook, bucket: acme-dev-notebook, ami: ami-0123456789abcdef0, "
        'setup: "#!/bin/sh\\nls", tags: {owner: ada}, offhours: "off=(M-F,19)"}',
        ("owner: ada", "owner: bob"),
        5,
        "m.machine AWS::EC2::Instance will be updated",
    ),
    Use(
        "ml-network",
        "{name: ml-dev, subnets: {a: 10.20.0.0/20}}",
        ("{a: 10.20.0.0/20}", "{a: 10.20.0.0/20, b: 10.20.16.0/20}"),
        7,
        'm.subnet["b"] AWS::EC2::Subnet will be created',
    ),
    Use(
        "ml-network",
        "{name: ml-dev, subnets: {a: 10.20.0.0/20}, private_subnets: {b: 10.20.128.0/20}, nat: one, s3_endpoint: true}",
        ("nat: one", "nat: none"),
        14,
        "m.nat AWS::EC2::NatGateway will be deleted",
    ),
)


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    files = {"specs/dev/environment.yaml": environment("mods", "dev")}
    with person(tmp_path_factory.mktemp("modules"), files) as made:
        yield made


def test_every_module_that_comes_with_gitbot_is_tried() -> None:
    folder = Path(gitbot.__file__).parent / "modules"
    assert {one.name for one in folder.iterdir() if one.is_dir()} == {use.module for use in USES}


@pytest.mark.parametrize("use", USES, ids=lambda use: use.module)
def test_a_module_from_nothing_to_a_change_and_back(shell: Shell, use: Use) -> None:
    shell.aws.reset()
    name, at = f"s-{use.module}", f"specs/dev/{use.module}.yaml"
    spec = stack(name, f"m:\n  module: gitbot/{use.module}\n  values: {use.values}\n")
    spec = spec.replace("spec:\n", f"spec:\n  {use.rules}\n") if use.rules else spec
    shell.write({at: spec})
    only = ("dev", "--stack", name)
    first = shell.gitbot("plan", *only)
    assert f"\n{use.makes} to create" in first.stdout, first.stdout + first.stderr
    new = () if shell.store.exists() else ("--new-store",)
    done = shell.gitbot("apply", *only, "--yes", *new)
    assert done.returncode == 0, done.stdout + done.stderr
    assert shell.gitbot("plan", *only, "--detailed-exitcode").returncode == 0
    listed = json.loads(shell.gitbot("state", "list", "dev", "--json").stdout)
    assert len(listed[name]["resources"]) == use.makes

    shell.write({at: spec.replace(*use.other)})
    changed = shell.gitbot("plan", *only)
    assert use.changes in changed.stdout, changed.stdout + changed.stderr

    plan = shell.gitbot("plan", *only, "--destroy").stdout
    digest = re.findall(r"[dD]igest ([0-9a-f]{16})", plan)
    gone = shell.gitbot("destroy", *only, *(("--digest", digest[0]) if digest else ("--yes",)))
    assert gone.returncode == 0, gone.stdout + gone.stderr
    listed = json.loads(shell.gitbot("state", "list", "dev", "--json").stdout)
    assert listed.get(name, {"resources": {}})["resources"] == {}
    shell.write({at: None})


MACHINES = """trainer:
  module: gitbot/gpu-trainer
  values:
    name: in-net
    ami: ami-0123456789abcdef0
    vpc: ${stacks["network"].outputs.vpc_id}
    subnet: ${stacks["network"].outputs.subnet_ids[1]}
notebook:
  module: gitbot/notebook
  values:
    name: nb-in-net
    bucket: acme-nb-in-net
    ami: ami-0123456789abcdef0
    vpc: ${stacks["network"].outputs.vpc_id}
    subnet: ${stacks["network"].outputs.subnet_ids[0]}
"""
NETWORK = """net:
  module: gitbot/ml-network
  values: {name: shared, subnets: {a: 10.20.0.0/20, b: 10.20.16.0/20}}
"""
CASES = """apiVersion: gitbot/v1
kind: Test
metadata: {name: in-a-network}
spec:
  cases:
    a machine in a subnet:
      module: gitbot/gpu-trainer
      values: {name: in-net, ami: ami-0a, vpc: vpc-1, subnet: subnet-1}
      asserts:
        - resources["trainer"].properties.SubnetId == "subnet-1"
        - resources["ssh"].properties.VpcId == "vpc-1"
    a machine in the default network:
      module: gitbot/gpu-trainer
      values: {name: in-net, ami: ami-0a}
      asserts: ['!("SubnetId" in resources["trainer"].properties)']
    no subnet to the network:
      module: gitbot/gpu-trainer
      values: {name: in-net, ami: ami-0a, vpc: vpc-1}
      diagnostics: [{code: precondition-failed, says: needs both vpc and subnet}]
"""


def test_machines_are_in_the_network_of_another_stack(shell: Shell) -> None:
    shell.aws.reset()
    outputs = 'vpc_id: ${net.vpc_id}\nsubnet_ids: "${net.subnet_ids}"\n'
    shell.write(
        {
            "specs/dev/network.yaml": stack("network", NETWORK, outputs),
            "specs/dev/machines.yaml": stack("machines", MACHINES),
            "specs/dev/machines.test.yaml": CASES,
        }
    )
    tried = shell.gitbot("test")
    assert tried.returncode == 0, tried.stdout + tried.stderr
    assert "3 of 3 cases passed" in tried.stdout
    new = () if shell.store.exists() else ("--new-store",)
    done = shell.gitbot("apply", "dev", "--yes", *new)
    assert done.returncode == 0, done.stdout + done.stderr
    assert shell.gitbot("plan", "dev", "--detailed-exitcode").returncode == 0
    ec2 = shell.aws.client("ec2")
    where = {
        one["SubnetId"]: one["AvailabilityZone"][-1] for one in ec2.describe_subnets()["Subnets"]
    }
    machines = [
        each for one in ec2.describe_instances()["Reservations"] for each in one["Instances"]
    ]
    names = {each["SubnetId"]: each["Tags"] for each in machines}
    zones = {
        tag["Value"]: where[subnet]
        for subnet, tags in names.items()
        for tag in tags
        if tag["Key"] == "Name"
    }
    assert zones == {"in-net": "b", "nb-in-net": "a"}
    kept = shell.gitbot("destroy", "dev", "--stack", "network", "--yes")
    assert "machines" in kept.stdout + kept.stderr
    assert kept.returncode != 0
    digests = re.findall(
        r"[dD]igest ([0-9a-f]{16})", shell.gitbot("plan", "dev", "--destroy").stdout
    )
    gone = shell.gitbot("destroy", "dev", "--digest", ",".join(digests))
    assert gone.returncode == 0, gone.stdout + gone.stderr
    shell.write(
        {f"specs/dev/{name}.yaml": None for name in ("network", "machines", "machines.test")}
    )
