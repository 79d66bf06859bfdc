"""Records of templates that name their hosted zone by its domain."""

from __future__ import annotations

import pytest

from gitbot.language.load import load_tree
from gitbot.model.names import Address
from gitbot.model.values import Unknown
from gitbot.providers.aws.catalog import open_catalog
from tests.unit.language.specs_by_hand import ENVIRONMENT, HEAD, tree

LISTS = """
  lookups:
    - {type: "AWS::Route53::HostedZone", identifiers: ["*"], attributes: [Id]}
"""
PARAMETERS = "Parameters: {Domain: {Type: String, Default: acme.example}}\nResources:\n"


def record(name: str, zone: str, more: str = "") -> str:
    text = f"{{Name: {name}.acme.example, Type: A, TTL: '60', ResourceRecords: [192.0.2.1], HostedZoneName: {zone}{more}}}"
    return f"  {name}: {{Type: 'AWS::Route53::RecordSet', Properties: {text}}}\n"


def zone(name: str) -> str:
    return f"  Zone: {{Type: 'AWS::Route53::HostedZone', Properties: {{Name: {name}}}}}\n"


def found(template: str) -> tuple[dict[str, object], list[str]]:
    """What is looked up, by key, and the zone of each record."""
    catalog = open_catalog()
    files = {
        "specs/dev/environment.yaml": ENVIRONMENT.rstrip() + LISTS,
        "specs/dev/demo.yaml": HEAD + "  resources: {net: {module: templates/a.yaml}}\n",
        "templates/a.yaml": PARAMETERS + template,
    }
    loaded = load_tree(
        tree(files), catalog.lookup, catalog.names, catalog.native_names, catalog.lookup_kind
    )
    assert [one.detail for one in loaded.diagnostics] == []
    (stack,) = loaded.stacks
    asked = {address.rpartition(".")[2]: one.filter for address, one in stack.lookups.items()}
    zones = []
    for name in ("a", "b"):
        one = stack.resources.get(Address(f"net.{name}"))
        if one is not None:
            assert "HostedZoneName" not in one.properties
            given = one.properties["HostedZoneId"]
            zones.append(given.template if isinstance(given, Unknown) else str(given))
    return asked, zones


@pytest.mark.parametrize("written", ["acme.example.", "!Ref Domain", "!Sub '${Domain}.'"])
def test_the_zone_is_looked_up_by_its_name(written: str) -> None:
    asked, zones = found(record("a", written))
    name = "acme.example" if written == "!Ref Domain" else "acme.example."
    assert asked == {"aws_hosted_zone": {"Name": name}}
    assert zones == ["${lookups.aws_hosted_zone.Id}"]


def test_records_of_one_zone_share_a_lookup_and_others_have_their_own() -> None:
    one = record("a", "acme.example.") + record("b", "acme.example.")
    assert found(one)[1] == ["${lookups.aws_hosted_zone.Id}"] * 2
    asked, zones = found(record("a", "acme.example.") + record("b", "other.example."))
    assert zones == ["${lookups.aws_hosted_zone.Id}", "${lookups.aws_hosted_zone_2.Id}"]
    assert asked["aws_hosted_zone_2"] == {"Name": "other.example."}


@pytest.mark.parametrize(
    ("own", "written"),
    [
        ("acme.example", "Acme.example."),
        ("!Ref Domain", "!Ref Domain"),
        ("!Ref Domain", "!Join ['', [!Ref Domain, .]]"),
        ("!Sub '${Domain}.'", "!Ref Domain"),
    ],
)
def test_a_zone_of_the_template_with_the_same_name_is_that_zone(own: str, written: str) -> None:
    """The kind: a zone that is looked up before the same template has made it."""
    assert found(zone(own) + record("a", written)) == ({}, ["${Zone.Id}"])


def test_another_zone_of_the_template_is_not_taken_for_it() -> None:
    asked, zones = found(zone("other.example") + record("a", "acme.example."))
    assert (len(asked), zones) == (1, ["${lookups.aws_hosted_zone.Id}"])
