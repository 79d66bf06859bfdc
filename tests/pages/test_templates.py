"""Templates of CloudFormation: plan, apply, plan nothing, change one value, destroy."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gitbot_sandbox.aws import LocalAws
from tests.e2e.conftest import environment
from tests.e2e.shell import Shell
from tests.e2e.specs import stack
from tests.warm import Warm

pytestmark = [pytest.mark.full, pytest.mark.timeout(300)]
FOLDER = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Use:
    """A use of a template with these values, one that differs, and what it makes and changes."""

    template: str
    values: str
    other: tuple[str, str]
    makes: int
    changes: tuple[str, ...]


USES = (
    Use(
        "network.yaml",
        "{Zones: [us-east-1a, us-east-1b]}",
        ("{Zones", '{Public: "false", Zones'),
        9,
        ("t.Gateway AWS::EC2::InternetGateway will be deleted", "t.Inside AWS::EC2::SecurityGroup will be"),
    ),
    Use(
        "machine.yaml",
        "{Bucket: acme-data}",
        ("acme-data", "acme-other"),
        3,
        ("t.Role AWS::IAM::Role will be updated", "t.Machine AWS::EC2::Instance will be"),
    ),
    Use(
        "bucket.json",
        "{Days: 30}",
        ("{Days: 30}", '{Days: 60, Keep: "yes"}'),
        2,
        ("t.Data AWS::S3::Bucket will be updated",),
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    folder = tmp_path_factory.mktemp("templates")
    warm = Warm()
    with LocalAws() as aws:
        made = Shell(aws, warm, folder / "infra", folder / "state.db")
        made.clone.mkdir()
        made.git("init", "--quiet", "--initial-branch", "main")
        files = {f"templates/{use.template}": (FOLDER / use.template).read_text() for use in USES}
        home = environment("templates", "dev").rstrip() + '\n  account: "123456789012"\n'
        made.write({"specs/dev/environment.yaml": home, **files})
        yield made
    warm.close()


def test_every_template_of_the_folder_is_tried() -> None:
    assert {one.name for one in FOLDER.iterdir()} == {use.template for use in USES}


@pytest.mark.parametrize("use", USES, ids=lambda use: use.template)
def test_a_template_from_nothing_to_a_change_and_back(shell: Shell, use: Use) -> None:
    shell.aws.reset()
    name = f"s-{use.template.partition('.')[0]}"
    at = f"specs/dev/{name}.yaml"
    spec = stack(name, f"t:\n  module: templates/{use.template}\n  values: {use.values}\n")
    shell.write({at: spec})
    only = ("dev", "--stack", name)
    first = shell.gitbot("plan", *only)
    assert f"\n{use.makes} to create" in first.stdout, first.stdout + first.stderr
    new = () if shell.store.exists() else ("--new-store",)
    done = shell.gitbot("apply", *only, "--yes", *new)
    assert done.returncode == 0, done.stdout + done.stderr
    again = shell.gitbot("plan", *only, "--detailed-exitcode")
    assert again.returncode == 0, again.stdout + again.stderr
    listed = json.loads(shell.gitbot("state", "list", "dev", "--json").stdout)
    assert len(listed[name]["resources"]) == use.makes

    shell.write({at: spec.replace(*use.other)})
    changed = shell.gitbot("plan", *only)
    for change in use.changes:
        assert change in changed.stdout, changed.stdout + changed.stderr

    plan = shell.gitbot("plan", *only, "--destroy").stdout
    digest = re.findall(r"[dD]igest ([0-9a-f]{16})", plan)
    gone = shell.gitbot("destroy", *only, *(("--digest", digest[0]) if digest else ("--yes",)))
    assert gone.returncode == 0, gone.stdout + gone.stderr
    listed = json.loads(shell.gitbot("state", "list", "dev", "--json").stdout)
    assert listed.get(name, {"resources": {}})["resources"] == {}
    shell.write({at: None})
