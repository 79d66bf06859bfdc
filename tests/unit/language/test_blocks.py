"""A block of addresses that does not fit into its network is refused when the spec is loaded.

The kind: two values of different resources that EC2 compares in the apply.
"""

from __future__ import annotations

import pytest

from gitbot.language.load import load_tree
from gitbot.model.desired import LoadedTree
from gitbot.providers.aws.catalog import open_catalog
from tests.unit.language.specs_by_hand import ENVIRONMENT, HEAD, tree

CATALOG = open_catalog()
ACCOUNT = "  account: '123456789012'\n"


def load(*lines: str) -> LoadedTree:
    text = "".join(f"    {line}\n" for line in lines)
    files = {
        "specs/dev/environment.yaml": ENVIRONMENT + ACCOUNT,
        "specs/dev/demo.yaml": f"{HEAD}  resources:\n{text}",
    }
    return load_tree(tree(files), CATALOG.lookup, CATALOG.names, CATALOG.native_names)


def vpc(block: str = "10.0.0.0/16") -> str:
    return f"net: {{type: 'AWS::EC2::VPC', properties: {{CidrBlock: '{block}'}}}}"


def subnet(name: str, block: str, of: str = "${net.VpcId}") -> str:
    return (
        f"{name}: {{type: 'AWS::EC2::Subnet', properties: {{VpcId: '{of}', CidrBlock: '{block}'}}}}"
    )


MORE = "more: {type: 'AWS::EC2::VPCCidrBlock', properties: {VpcId: '${net.VpcId}', CidrBlock: %s}}"
MANY = (
    "many: {type: 'AWS::EC2::Subnet', forEach: {a: '10.0.1.0/24', b: '10.0.1.128/25'}, "
    "properties: {VpcId: '${net.VpcId}', CidrBlock: '${each.value}'}}"
)
KNOWN = "vpc-0123456789abcdef0"


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        pytest.param([vpc(), subnet("a", "10.0.1.0/24"), subnet("b", "10.0.2.0/24")], "", id="all fits"),
        pytest.param(
            [vpc(), subnet("a", "10.1.1.0/24")],
            "CidrBlock of a, 10.1.1.0/24, lies outside of net, which has 10.0.0.0/16.",
            id="outside",
        ),
        pytest.param([vpc("10.0.0.0/24"), subnet("a", "10.0.0.0/20")], "lies outside of net", id="larger than all"),
        pytest.param(
            [vpc(), subnet("a", "10.0.1.0/24"), subnet("b", "10.0.1.128/25")],
            "CidrBlock of b, 10.0.1.128/25, overlaps 10.0.1.0/24 of a.",
            id="overlaps",
        ),
        pytest.param([vpc(), MANY], 'overlaps 10.0.1.0/24 of many["a"]', id="copies overlap"),
        pytest.param(
            [subnet("a", "10.0.1.0/24", KNOWN), subnet("b", "10.0.1.0/25", KNOWN)],
            "overlaps 10.0.1.0/24 of a",
            id="of a network that is there",
        ),
        pytest.param([vpc(), MORE % "10.1.0.0/16", subnet("a", "10.1.1.0/24")], "", id="in one more block"),
        pytest.param(
            [vpc(), MORE % "10.1.0.0/16", subnet("a", "10.2.1.0/24")],
            "which has 10.0.0.0/16 and 10.1.0.0/16",
            id="outside of both",
        ),
        pytest.param(
            [vpc(), vpc().replace("net:", "net2:"), subnet("a", "10.0.1.0/24"), subnet("b", "10.0.1.0/24", "${net2.VpcId}")],
            "",
            id="two networks",
        ),
        pytest.param(
            [vpc(), subnet("a", "10.0.1.0/24"), subnet("b", "10.0.2.0/24", "${a.VpcId}")],
            "",
            id="a network that another part names",
        ),
        pytest.param([vpc("10.0.0.7/16"), subnet("a", "10.0.1.9/24")], "", id="bits of a host are cleared"),
    ],
)  # fmt: skip
def test_a_block_fits_into_its_network(lines: list[str], says: str) -> None:
    found = load(*lines).errors()
    assert [one.code for one in found if not one.code.startswith("block-")] == []
    assert len(found) == bool(says)
    assert all(says in one.detail for one in found)


def test_a_block_that_nobody_knows_yet_is_left_to_the_cloud() -> None:
    loaded = load(vpc(), MORE % "'${net.VpcId}'", subnet("a", "10.5.0.0/24"))
    assert "block-outside" not in [one.code for one in loaded.diagnostics]
