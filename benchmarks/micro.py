"""Measure the smallest parts: one type from the pack, one validation, one resource. Shell."""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping

from benchmarks.measuring import Figure
from benchmarks.planning_stacks import desired_stack, spec_tree
from gitbot.adapters.sealing.sealer import Sealer, data_key
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
    """The median of each measurement."""
    return {
        "one type from the schema pack": {"gitbot": Figure(wall_s=_type_s())},
        "validate one resource against its schema": {"gitbot": Figure(wall_s=_validation_s())},
        "load and validate one resource": {"gitbot": Figure(wall_s=_resource_s())},
        "seal and open one resource of state": {"gitbot": Figure(wall_s=_sealing_s())},
    }


def _type_s() -> float:
    """Seconds to look up a type that the process has not used yet."""
    took = []
    for name in TYPES:
        catalog = open_catalog()
        started = time.perf_counter()
        found = catalog.lookup(name)
        took.append(time.perf_counter() - started)
        assert found is not None, name
    return statistics.median(took)


def _sealing_s(rounds: int = 5_000) -> float:
    """Seconds to encrypt the document of a resource, 2,000 characters, and to read it back."""
    key = data_key(b"k" * 32)
    sealer, place = Sealer(key, [key]), ("resources", "body", "lineage", "bucket")
    document = "x" * 2_000
    started = time.perf_counter()
    for _ in range(rounds):
        assert sealer.open(sealer.seal(document, place), place) == document
    return (time.perf_counter() - started) / rounds


def _validation_s(pairs: int = 250, rounds: int = 5) -> float:
    """Seconds to validate a resource of the example's types; every second one has an unknown
    value."""
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
    """Seconds to load a resource of a known type: YAML, evaluation, and validation."""
    catalog = open_catalog()
    _load_s(catalog, spec_tree(1))
    tree = spec_tree(pairs)
    return statistics.median(_load_s(catalog, tree) for _ in range(rounds)) / (2 * pairs)


def _load_s(catalog: Catalog, tree: SpecTree) -> float:
    started = time.perf_counter()
    loaded = load_tree(tree, catalog.lookup, catalog.names)
    assert not loaded.diagnostics, loaded.diagnostics[:3]
    return time.perf_counter() - started
