"""Tests for the catalog: the registry with the native declarations over it."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from gitbot.model.placement import PLACEMENT
from gitbot.model.schema import Route
from gitbot.providers.aws.catalog import Catalog, open_catalog
from gitbot.providers.aws.pack import SchemaPack
from gitbot.providers.aws.types import NATIVE_TYPES, folder_of, modules_of

CATALOG: Catalog = open_catalog()
PACK = SchemaPack.open()


def exists(schema: object, definitions: dict[str, object], path: list[str]) -> bool:
    """Whether the JSON Schema knows the property path."""
    node = schema
    while isinstance(node, dict) and "$ref" in node:
        node = definitions[node["$ref"].rsplit("/", 1)[-1]]
    if not path:
        return True
    if not isinstance(node, dict):
        return False
    if path[0] == "*":
        return exists(node.get("items"), definitions, path[1:])
    alternatives = (node, *node.get("oneOf", ()), *node.get("anyOf", ()))
    if "object" in node.get("type", ()) and node.keys() <= {"type", "format"}:
        return True  # the keys are the users' own
    return any(
        path[0] in one.get("properties", {})
        and exists(one["properties"][path[0]], definitions, path[1:])
        for one in alternatives
    )


def test_the_catalog_knows_the_whole_registry_and_which_types_are_native() -> None:
    assert len(CATALOG.names()) > 1500
    assert CATALOG.native_names() == tuple(sorted(NATIVE_TYPES))
    assert CATALOG.version
    cluster = CATALOG.lookup("AWS::MSK::Cluster")
    assert cluster is not None
    assert cluster.route is Route.CLOUD_CONTROL
    assert CATALOG.lookup("AWS::No::Such") is None


@pytest.mark.parametrize("name", sorted(NATIVE_TYPES))
def test_a_native_type_names_only_paths_that_the_registry_knows(name: str) -> None:
    schema = CATALOG.lookup(name)
    assert schema is not None
    assert schema.route is Route.NATIVE
    assert schema.handled is not None
    definitions = dict(schema.json_schema.get("definitions", {}))
    declared = {
        *schema.handled,
        *schema.create_only,
        *schema.write_only,
        *schema.sets,
        *schema.identities,
        *schema.removals,
        *schema.restarts,
        *schema.volatile,
        *schema.follows,
        *(f"/{name}" for those in schema.follows.values() for name in those),
        *filter(None, [schema.power]),
        *schema.open_lists,
        *schema.instead,
        *schema.partial,
        *schema.filled,
        *schema.grows,
        *(f"/{name}" for name in schema.natural_key or ()),
    }
    # The registry does not describe what stands in policies.
    for path in sorted(declared - {f"/{PLACEMENT}"} - schema.renames):
        first, *steps = path.split("/")
        assert not first, path
        assert exists(schema.json_schema, definitions, steps), path


def requirements(
    schema: Any, node: Any, path: str = "", above: tuple[str, ...] = ()
) -> Iterator[tuple[str, frozenset[str]]]:
    """What the JSON Schema requires at each property path."""
    name = str(node.get("$ref", ""))
    if name in above:
        return
    if name:
        node, above = schema["definitions"][name.rsplit("/", 1)[-1]], (*above, name)
    yield path, frozenset(node.get("required", ()))
    for own, inner in node.get("properties", {}).items():
        yield from requirements(schema, inner, f"{path}/{own}", above)
    if isinstance(node.get("items"), dict):
        yield from requirements(schema, node["items"], f"{path}/*", above)


FILLED = {("AWS::AutoScaling::AutoScalingGroup", "/Tags/*"): {"PropagateAtLaunch"}}
"""What the registry requires and the type itself gives."""


@pytest.mark.parametrize("name", sorted(NATIVE_TYPES))
def test_a_native_type_requires_all_that_the_registry_does(name: str) -> None:
    """The kind: limits of a type that take the place of the registry's, so that AWS refuses in an apply."""
    schema, registered = CATALOG.lookup(name), PACK.lookup(name)
    assert schema is not None
    assert registered is not None
    refined = dict(requirements(schema.json_schema, schema.json_schema))
    for path, needed in requirements(registered.json_schema, registered.json_schema):
        if path in refined:
            assert needed - FILLED.get((name, path), set()) <= refined[path], path


@pytest.mark.parametrize("name", sorted(NATIVE_TYPES))
def test_what_a_native_type_declares_fits_what_it_handles(name: str) -> None:
    schema = CATALOG.lookup(name)
    assert schema is not None
    handled = {path.split("/")[1] for path in schema.handled or ()}
    for path in (*schema.removals, *schema.restarts, *schema.open_lists, *schema.identities):
        assert path.split("/")[1] in handled, path
    read_only = {path.split("/")[1] for path in schema.read_only if path.count("/") == 1}
    assert not handled & read_only
    assert schema.volatile | set(schema.follows) <= set(schema.read_only)
    assert not schema.power or schema.power.startswith(tuple(schema.volatile)), "a start changes it"
    assert schema.conditional_create_only == ()
    if schema.tags_path is not None:
        assert schema.tags_path in (schema.handled or ())
        assert schema.tags_path in schema.removals


@pytest.mark.parametrize("name", sorted(NATIVE_TYPES))
def test_the_docstring_of_a_native_type_names_its_properties_and_its_api(name: str) -> None:
    folder = modules_of(folder_of(name))
    [module] = [one for one in folder if NATIVE_TYPES[name] in vars(one).values()]
    text = module.__doc__ or ""
    assert name in text
    assert "https://docs.aws.amazon.com/" in text
    for path in NATIVE_TYPES[name].declaration.handled:
        assert path.split("/")[1] in text, path


def test_the_same_type_is_the_same_object_every_time() -> None:
    assert CATALOG.lookup("AWS::S3::Bucket") is CATALOG.lookup("AWS::S3::Bucket")


def test_the_catalog_opens_without_boto3_and_at_once() -> None:
    code = (
        "import sys; from gitbot.providers.aws.catalog import open_catalog;"
        "assert open_catalog().lookup('AWS::EC2::Instance') is not None;"
        "found = [n for n in ('boto3', 'botocore', 'urllib3', 'moto') if n in sys.modules];"
        "sys.exit(f'imported {found}' if found else 0)"
    )
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before < 5
