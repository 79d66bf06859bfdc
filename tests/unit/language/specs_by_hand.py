"""Plain factories of trees, types and loads for the language's tests."""

from __future__ import annotations

from collections.abc import Mapping

from gitbot.language.load import load_tree
from gitbot.model.desired import DesiredStack, LoadedTree
from gitbot.model.schema import Route, TagShape, TypeSchema
from gitbot.model.tree import SpecTree, TreeEntry, Version

NO_VERSIONS: Mapping[str, Version] = {}

ENVIRONMENT = """
apiVersion: gitbot/v1
kind: Environment
metadata: {name: dev}
spec:
  region: us-east-1
  variables: {project: ml, ports: [22, 443], nested: {deep: {est: 1}}}
  tags: {env: dev}
"""

HEAD = """apiVersion: gitbot/v1
kind: Stack
metadata: {name: demo}
spec:
"""

TAG = {
    "type": "object",
    "properties": {"Key": {"type": "string"}, "Value": {"type": "string"}},
    "required": ["Key", "Value"],
    "additionalProperties": False,
}

BOX = TypeSchema(
    name="Test::Box",
    route=Route.NATIVE,
    read_only=("/Arn", "/Endpoint/Address"),
    tags_path="/Tags",
    tag_shape=TagShape.LIST,
    json_schema={
        "typeName": "Test::Box",
        "definitions": {"Tag": TAG},
        "properties": {
            "Arn": {"type": "string"},
            "Name": {"type": "string", "pattern": "^[a-z-]+$"},
            "Size": {"type": "integer", "minimum": 1},
            "On": {"type": "boolean"},
            "Mode": {"enum": ["Enabled", "Suspended"]},
            "Items": {"type": "array", "uniqueItems": True, "items": {"type": "string"}},
            "Endpoint": {
                "type": "object",
                "properties": {"Address": {"type": "string"}, "Port": {"type": "integer"}},
                "additionalProperties": False,
            },
            "Secret": {"type": "string"},
            "Tags": {"type": "array", "items": {"$ref": "#/definitions/Tag"}},
        },
        "required": ["Name"],
        "additionalProperties": False,
    },
)

MAPPED = TypeSchema(
    name="Test::Mapped",
    route=Route.NATIVE,
    tags_path="/Tags",
    tag_shape=TagShape.MAP,
    handled=frozenset({"/Name", "/Rules/*/Status", "/Tags"}),
    json_schema={
        "properties": {
            "Name": {"type": "string"},
            "Extra": {"type": "string"},
            "Rules": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"Status": {}, "Prefix": {}},
                    "additionalProperties": False,
                },
            },
            "Tags": {"type": "object"},
        },
        "additionalProperties": False,
    },
)

DISTANT = TypeSchema(
    name="Test::Distant",
    route=Route.CLOUD_CONTROL,
    served=False,
    json_schema={"properties": {"Name": {"type": "string"}}, "additionalProperties": False},
)

TYPES: Mapping[str, TypeSchema] = {one.name: one for one in (BOX, MAPPED, DISTANT)}


def tree(
    files: Mapping[str, str | bytes | TreeEntry], versions: Mapping[str, Version] = NO_VERSIONS
) -> SpecTree:
    """A tree of these files, by path."""
    return SpecTree(id="0" * 40, entries=entries(files), versions=versions)


def entries(files: Mapping[str, str | bytes | TreeEntry]) -> dict[str, TreeEntry]:
    """The entries of these files."""
    return {path: _entry(content) for path, content in files.items()}


def _entry(content: str | bytes | TreeEntry) -> TreeEntry:
    if isinstance(content, TreeEntry):
        return content
    data = content.encode() if isinstance(content, str) else content
    return TreeEntry(content=data, size_bytes=len(data))


def load_files(
    files: Mapping[str, str | bytes | TreeEntry],
    types: Mapping[str, TypeSchema] = TYPES,
    versions: Mapping[str, Version] = NO_VERSIONS,
) -> LoadedTree:
    """Load these files with the types above."""
    return load_tree(
        tree(files, versions),
        types.get,
        lambda: tuple(sorted(types)),
        lambda: tuple(name for name, one in types.items() if one.route is Route.NATIVE),
    )


def load_spec(spec: str, **more: str) -> LoadedTree:
    """Load one stack named demo, whose ``spec`` is this, in the environment above."""
    return load_files(
        {"specs/dev/environment.yaml": ENVIRONMENT, "specs/dev/demo.yaml": HEAD + spec, **more}
    )


def whole(spec: str) -> DesiredStack:
    """The one stack of a spec that has no problem."""
    loaded = load_spec(spec)
    assert loaded.errors() == ()
    return loaded.stacks[0]


def properties(spec: str, key: str = "box") -> Mapping[str, object]:
    """The evaluated properties of one resource of a spec without problems."""
    return {one.address: one.properties for one in whole(spec).resources.values()}[key]  # type: ignore[index,return-value]


def codes(loaded: LoadedTree) -> list[str]:
    """The codes of all errors in order."""
    return [one.code for one in loaded.errors()]


def box(lines: str) -> str:
    """A spec with one box that has these properties, in flow style."""
    return f"  resources:\n    box:\n      type: Test::Box\n      properties: {{{lines}}}\n"
