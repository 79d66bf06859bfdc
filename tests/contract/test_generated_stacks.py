"""Any stack with modules, copies, conditions and references is planned, applied, planned empty and destroyed."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator

import pytest
from hypothesis import Phase, given, settings

from gitbot.language.load import load_tree
from gitbot.model.desired import DesiredStack
from gitbot.providers.aws.catalog import Catalog, open_catalog
from tests.e2e.conftest import environment
from tests.e2e.shell import Shell, person
from tests.model_checks import sized
from tests.unit.language.generated_stacks import Made, modules, stacks
from tests.unit.language.specs_by_hand import tree

pytestmark = [pytest.mark.model, pytest.mark.timeout(1200)]
AT = "specs/dev/made.yaml"
ENVIRONMENT = environment("gen", "dev")


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return open_catalog()


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    files = {"specs/dev/environment.yaml": ENVIRONMENT, **modules()}
    with person(tmp_path_factory.mktemp("generated"), files) as made:
        yield made


def loaded(catalog: Catalog, text: str) -> DesiredStack:
    files = {"specs/dev/environment.yaml": ENVIRONMENT, AT: text, **modules()}
    found = load_tree(tree(files), catalog.lookup, catalog.names, catalog.native_names)
    assert found.diagnostics == ()
    return found.stacks[0]


def standing(shell: Shell) -> list[str]:
    """What stands in the cloud of the types that are made, but for what AWS makes by itself."""
    vpcs = shell.aws.client("ec2").describe_vpcs()["Vpcs"]
    made = {one["VpcId"] for one in vpcs if not one["IsDefault"]}
    subnets = shell.aws.client("ec2").describe_subnets()["Subnets"]
    return [
        *shell.groups(),
        *made,
        *(one["SubnetId"] for one in subnets if one["VpcId"] in made),
        *(one["Name"] for one in shell.aws.client("s3").list_buckets()["Buckets"]),
        *(one["RoleName"] for one in shell.aws.client("iam").list_roles()["Roles"]),
    ]


@sized(15, whole=300)
@given(made=stacks())
def test_the_order_of_a_file_changes_nothing(catalog: Catalog, made: Made) -> None:
    turned = random.Random(len(made.text())).sample(made.entries, len(made.entries))
    one, other = loaded(catalog, made.text()), loaded(catalog, made.text(turned))
    assert one.hash == other.hash
    assert {address: each.depends_on for address, each in one.resources.items()} == {
        address: each.depends_on for address, each in other.resources.items()
    }


# Each try takes seconds, so that to look for the smallest stack that fails would take an hour.
@settings(sized(1, whole=12), phases=[phase for phase in Phase if phase is not Phase.shrink])
@given(made=stacks())
def test_a_stack_from_nothing_and_back(shell: Shell, catalog: Catalog, made: Made) -> None:
    text = made.text()
    number = len(loaded(catalog, text).resources)
    # What a try that failed has left must not be what the next one, or its repetition, fails of.
    shell.aws.reset()
    shell.store.unlink(missing_ok=True)
    shell.write({AT: text})
    planned = shell.gitbot("plan", "dev")
    assert planned.returncode == 0, planned.stderr
    assert (f"\n{number} to create" in planned.stdout) is (number > 0), planned.stdout
    shell.applied()
    assert len(standing(shell)) == number
    again = shell.gitbot("plan", "dev", "--detailed-exitcode")
    assert again.returncode == 0, again.stdout
    listed = json.loads(shell.gitbot("state", "list", "dev", "--json").stdout)
    assert len(listed.get("made", {"resources": {}})["resources"]) == number

    plan = shell.gitbot("plan", "dev", "--destroy").stdout
    digest = re.findall(r"[dD]igest ([0-9a-f]{16})", plan)
    consent = ("--digest", digest[0]) if digest else ("--yes",)
    gone = shell.gitbot("destroy", "dev", *consent)
    assert gone.returncode == 0, gone.stdout + gone.stderr
    assert standing(shell) == []
