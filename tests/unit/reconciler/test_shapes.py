"""Tests for values whose shape is known only when the cloud has given them.

The kind: what is wrong in a spec is said in the words of the spec, never in Python's.
"""

from __future__ import annotations

from typing import Any

import pytest

from gitbot.model.values import Sensitive
from gitbot.providers.aws.catalog import Catalog, open_catalog
from gitbot.reconciler.shapes import wrong_shapes
from tests.unit.reconciler.whole_specs import whole_spec

CATALOG: Catalog = open_catalog()


@pytest.mark.parametrize(
    ("properties", "said"),
    [
        ({"SecurityGroupIds": "sg-1"}, ["SecurityGroupIds is a single value and must be a list"]),
        ({"SecurityGroupIds": Sensitive("sg-1")}, ["SecurityGroupIds is a single value and must"]),
        ({"SecurityGroupIds": ["sg-1"]}, []),
        ({"InstanceType": ["t3.micro"]}, ["InstanceType is a list and must be a single value"]),
        ({"InstanceType": None, "Unheard": ["of"]}, []),
        ({"MetadataOptions": []}, ["MetadataOptions is a list and must be a map"]),
        (
            {"BlockDeviceMappings": [{"Ebs": "big"}]},
            ["BlockDeviceMappings[0].Ebs is a single value and must be a map"],
        ),
    ],
)
def test_a_value_of_another_shape_is_named(properties: dict[str, Any], said: list[str]) -> None:
    schema = CATALOG.lookup("AWS::EC2::Instance")
    assert schema is not None
    found = wrong_shapes(schema, properties)
    assert len(found) == len(said)
    assert all(text.startswith(begin) for text, begin in zip(found, said, strict=True))


@pytest.mark.parametrize("name", CATALOG.native_names())
def test_what_has_the_shape_of_the_schema_is_never_refused(name: str) -> None:
    schema = CATALOG.lookup(name)
    assert schema is not None
    assert wrong_shapes(schema, whole_spec(schema)) == ()
