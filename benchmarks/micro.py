"""The small things that everything else is made of: one type from the pack, one validation. Shell."""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping

from benchmarks.measuring import Figure
from benchmarks.planning import desired_stack, spec_tree
from gitbot.language.load import load_tree
from gitbot.language.types import Types
from gitbot.model.tree import SpecTree
from gitbot.providers.aws.catalog import Catalog, open_catalog

TYPES = (
    "AWS::S3::Bucket",
    "AWS::EC2::SecurityGroup",
    "AWS::EC2::Instance",
    "AWS::IAM::Role",
    "AWS::Lambda::Function",
    "AWS::DynamoDB::Table",
    "AWS::RDS::DBInstance",
    "AWS::SageMaker::Endpoint",
    "AWS::ECS::Service",
    "AWS::CloudFront::Distribution",
)


def measure() -> Mapping[str, Mapping[str, Figure]]:
    """Medians."""
    return {
        "one type from the schema pack": {"gitbot": Figure(wall_s=_type_s())},
        "validate one resource against its schema": {"gitbot": Figure(wall_s=_validation_s())},
        "load and validate one resource": {"gitbot": Figure(wall_s=_resource_s())},
    }


def _type_s() -> float:
    """A look into the pack for a type that the process has not seen yet."""
    took = []
    for name in TYPES:
        catalog = open_catalog()
        started = time.perf_counter()
        found = catalog.lookup(name)
        took.append(time.perf_counter() - started)
        assert found is not None, name
    return statistics.median(took)


def _validation_s(pairs: int = 250, rounds: int = 5) -> float:
    """Of the example's types, every second resource with a value that is not known yet."""
    catalog = open_catalog()
    types = Types(lookup=catalog.lookup, all_names=tuple, served_names=tuple)
    resources = desired_stack(pairs).resources.values()
    took = []
    for _ in range(rounds + 1):
        started = time.perf_counter()
        for resource in resources:
            type_ = types.get(resource.type)
            assert type_ is not None
            assert type_.validator.accepts(resource.properties)
        took.append(time.perf_counter() - started)
    return statistics.median(took[1:]) / len(resources)


def _resource_s(pairs: int = 250, rounds: int = 5) -> float:
    """Of a load of warm types: YAML, evaluation, and every property checked against its schema."""
    catalog = open_catalog()
    _load_s(catalog, spec_tree(1))
    tree = spec_tree(pairs)
    return statistics.median(_load_s(catalog, tree) for _ in range(rounds)) / (2 * pairs)


def _load_s(catalog: Catalog, tree: SpecTree) -> float:
    started = time.perf_counter()
    loaded = load_tree(tree, catalog.lookup, catalog.names)
    assert not loaded.diagnostics, loaded.diagnostics[:3]
    return time.perf_counter() - started
