"""An object that two stacks of an environment would take over."""

from __future__ import annotations

import pytest

from gitbot.language.load import load_tree
from gitbot.model.desired import LoadedTree
from gitbot.providers.aws.catalog import open_catalog
from tests.unit.language.specs_by_hand import ENVIRONMENT, HEAD, tree

CATALOG = open_catalog()
BUCKET = "AWS::S3::Bucket, properties: {BucketName: legacy-data}"
TOPIC = "AWS::SNS::Topic, properties: {TopicName: legacy}"
LEGACY = "{import: legacy-data}"


def stack(name: str, what: str = BUCKET, own: str = LEGACY, regions: str = "") -> str:
    said = f"  regions: [{regions}]\n" if regions else ""
    resource = f"  resources:\n    data: {{type: {what}, lifecycle: {own}}}\n"
    return HEAD.replace("demo", name) + said + resource


def loaded(**files: str) -> LoadedTree:
    texts = {"specs/dev/environment.yaml": ENVIRONMENT}
    texts |= {f"specs/dev/{name}.yaml": text for name, text in files.items()}
    return load_tree(tree(texts), CATALOG.lookup, CATALOG.names, CATALOG.served_names)


def test_two_stacks_that_import_one_object_both_have_a_problem() -> None:
    """Whichever is planned alone, it is told."""
    found = loaded(legacy=stack("legacy"), zz=stack("zz"))
    assert [(one.code, one.file, one.stack) for one in found.diagnostics] == [
        ("duplicate-import", f"specs/dev/{name}.yaml", name) for name in ("legacy", "zz")
    ]
    first, second = (one.detail for one in found.diagnostics)
    assert "data of the stack zz (specs/dev/zz.yaml:" in first
    assert "data of the stack legacy (specs/dev/legacy.yaml:" in second
    assert found.stacks == ()


def test_an_import_by_address_counts_too() -> None:
    listed = stack("zz", own="{}") + "  imports: [{to: data, id: legacy-data}]\n"
    found = loaded(legacy=stack("legacy"), zz=listed)
    assert [one.code for one in found.diagnostics] == ["duplicate-import"] * 2


@pytest.mark.parametrize(
    ("other", "codes"),
    [
        pytest.param(stack("zz", own="{import: another}"), [], id="another object"),
        pytest.param(stack("zz", TOPIC), [], id="another type"),
        pytest.param(stack("zz", own="{}"), [], id="no import"),
        pytest.param(
            stack("zz", regions="eu-west-1"),
            ["duplicate-import"] * 2,
            id="a bucket in another region",
        ),
    ],
)
def test_only_the_same_object_is_a_problem(other: str, codes: list[str]) -> None:
    assert [one.code for one in loaded(legacy=stack("legacy"), zz=other).diagnostics] == codes


def test_an_identifier_of_another_region_is_another_object() -> None:
    topics = (stack("legacy", TOPIC), stack("zz", TOPIC, regions="eu-west-1"))
    assert loaded(legacy=topics[0], zz=topics[1]).diagnostics == ()
