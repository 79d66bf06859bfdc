"""The page about the library lists what each module takes and gives, and its examples load."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from typing import Any

import pytest
import yaml

from gitbot.adapters.loader.shipped import shipped_modules
from gitbot.language.load import load_tree
from gitbot.model.desired import LoadedTree
from gitbot.model.names import Address
from gitbot.providers.aws.catalog import open_catalog
from tests.unit.language.specs_by_hand import ENVIRONMENT, HEAD, tree

PAGE = (Path(__file__).parents[3] / "docs" / "library.md").read_text()
SECTIONS = dict(re.findall(r"^## (\S+)\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.M))
MODULES = {file.path.split("/")[1]: yaml.safe_load(file.text) for file in shipped_modules()}
MACHINE = "  m:\n    module: gitbot/gpu-trainer\n    values: {name: m-1, ami: ami-0a, %s}\n"
SSH = "my_ip: 203.0.113.5/32, ssh_key: ssh-ed25519 AAAA me"


def examples(name: str) -> list[str]:
    """The examples of the page, each as the ``spec`` of a stack."""
    found = re.findall(r"^```yaml\n(.*?)^```$", SECTIONS[name], re.DOTALL | re.M)
    return [
        text
        if text.startswith("# in a stack's spec")
        else f"resources:\n{textwrap.indent(text, '  ')}"
        for text in found
    ]


def load(spec: str) -> LoadedTree:
    """The spec with the modules as if they were the repository's own."""
    catalog = open_catalog()
    texts = {
        "specs/dev/environment.yaml": ENVIRONMENT,
        "specs/dev/demo.yaml": HEAD + textwrap.indent(spec, "  "),
        **{file.path.replace("gitbot/", "modules/"): file.text for file in shipped_modules()},
    }
    files = {
        path: text.replace("module: gitbot/", "module: modules/") for path, text in texts.items()
    }
    return load_tree(tree(files), catalog.lookup, catalog.names, catalog.native_names)


def rows(name: str, head: str) -> dict[str, list[str]]:
    """The rows of the table with this head, by their first cell."""
    table = SECTIONS[name].partition(f"| {head} |")[2].partition("\n\n")[0]
    lines = [line.strip("| ").split(" | ") for line in table.splitlines()[2:]]
    return {cells[0].strip("`"): cells[1:] for cells in lines}


def default_of(declared: dict[str, Any]) -> str:
    """The default as the page shows it."""
    if "default" not in declared:
        return "required"
    default = declared["default"]
    if isinstance(default, dict) and default:
        *first, last = (f"`{key}`" for key in default)
        return f"{', '.join(first)} and {last}"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"  # as YAML has it
    return f"`{default}`" if default or default == 0 else "none"


def test_each_module_has_a_section() -> None:
    assert list(SECTIONS) == re.findall(r"^- \[([a-z-]+)\]\(#\1\):", PAGE, re.M)
    assert set(SECTIONS) == set(MODULES)


@pytest.mark.parametrize("name", MODULES)
def test_the_page_lists_what_a_module_takes_and_gives(name: str) -> None:
    spec = MODULES[name]["spec"]
    listed = {key: cells[:2] for key, cells in rows(name, "value").items()}
    assert listed == {
        key: [f"`{one['type']}`", default_of(one)] for key, one in spec["variables"].items()
    }
    assert set(rows(name, "output")) == set(spec["outputs"])
    assert all(one.get("description") for one in spec["variables"].values())


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_load(name: str) -> None:
    head = next(file.text for file in shipped_modules() if f"/{name}/" in file.path)
    above = re.search(r"^#\n((?:#   .*\n)+)", head, re.M)
    assert above is not None
    own = "resources:\n" + textwrap.indent(above[1].replace("#   ", ""), "  ")
    own = own.partition("    #")[0] + "\n"
    assert examples(name)
    for spec in [*examples(name), own]:
        loaded = load(spec)
        assert [one.detail for one in loaded.diagnostics] == []
        assert f"modules/{name}" in {one.name for one in loaded.stacks[0].modules}


@pytest.mark.parametrize(
    ("values", "parts", "way_in"),
    [
        ("bucket: ''", {"role", "profile"}, []),
        ("bucket: acme", {"role", "profile"}, []),
        (SSH, {"key"}, ["203.0.113.5/32"]),
        (f"{SSH}, bucket: acme", {"key", "role", "profile"}, ["203.0.113.5/32"]),
    ],
)
def test_a_trainer_is_reached_in_one_way(values: str, parts: set[str], way_in: list[str]) -> None:
    loaded = load("resources:\n" + MACHINE % values)
    assert loaded.diagnostics == ()
    found: dict[str, Any] = {
        key.removeprefix("m."): one.properties for key, one in loaded.stacks[0].resources.items()
    }
    assert set(found) == parts | {"ssh", "trainer"}
    assert [one["CidrIp"] for one in found["ssh"]["SecurityGroupIngress"]] == way_in
    managed = found.get("role", {}).get("ManagedPolicyArns", [])
    assert [one.rpartition("/")[2] for one in managed] == (
        [] if way_in else ["AmazonSSMManagedInstanceCore"]
    )
    assert ("Policies" in found.get("role", {})) == ("acme" in values)


@pytest.mark.parametrize(
    ("values", "code", "words"),
    [
        ("my_ip: 0.0.0.0/0", "variable-value", "not the whole internet"),
        ("my_ip: 203.0.113.5/24", "variable-value", "without host bits"),
        ("my_ip: here", "variable-value", "does not match"),
        ("tags: {Name: x}", "variable-value", "the tag Name comes from name"),
        ('offhours: "off=(X,7)"', "bad-value", "trainer.offhours must be a schedule"),
        ('offhours: "off=(M,7)"', "instance-store", "local disks"),
    ],
)
def test_a_wrong_value_of_a_trainer_is_told(values: str, code: str, words: str) -> None:
    found = load("resources:\n" + MACHINE % values).diagnostics
    assert any(one.code == code and words in one.detail for one in found), found


@pytest.mark.parametrize("module", ["gpu-trainer", "notebook"])
@pytest.mark.parametrize(
    ("values", "holds", "network"),
    [
        ("", True, (None, None)),
        (", vpc: vpc-1, subnet: subnet-1", True, ("vpc-1", "subnet-1")),
        (", vpc: vpc-1", False, ("vpc-1", None)),
        (", subnet: subnet-1", False, (None, "subnet-1")),
    ],
)
def test_a_machine_goes_into_a_network_as_a_whole(
    module: str, values: str, holds: bool, network: tuple[str | None, str | None]
) -> None:
    bucket = ", bucket: acme-x" if module == "notebook" else ""
    use = f"{{module: gitbot/{module}, values: {{name: m-1, ami: ami-0a{bucket}{values}}}}}"
    loaded = load(f"resources:\n  m: {use}\n")
    assert loaded.diagnostics == ()
    by_type = {one.type: one for one in loaded.stacks[0].resources.values()}
    group, machine = by_type["AWS::EC2::SecurityGroup"], by_type["AWS::EC2::Instance"]
    assert (group.properties.get("VpcId"), machine.properties.get("SubnetId")) == network
    assert machine.lifecycle.preconditions[-1].that is holds


@pytest.mark.parametrize(
    ("values", "holds"),
    [("bucket: acme", True), (SSH, True), ("my_ip: 203.0.113.5/32", False), ("ssh_key: ssh-ed25519 AAAA me", False)],
)  # fmt: skip
def test_half_of_what_ssh_needs_is_refused_by_the_plan(values: str, holds: bool) -> None:
    loaded = load("resources:\n" + MACHINE % values)
    trainer = loaded.stacks[0].resources[Address("m.trainer")]
    assert [one.that for one in trainer.lifecycle.preconditions] == [holds, True]
