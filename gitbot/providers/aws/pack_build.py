"""Make the schema pack from the cfn-lint wheel's data; the build hook loads this by path. Shell.

Nothing here imports gitbot or cfn-lint. gitbot is not installed yet when a wheel is built. cfn-lint
takes a second to import, and its files can be read without it.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import sqlite3
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

FORMAT = 3
SOURCE = "cfn-lint"
REGION = "us-east-1"  # the region with the most types; shapes do not differ between regions

# Keywords that only people read. A row's hash must not depend on them.
_PROSE = frozenset(
    {
        "$comment",
        "$schema",
        "description",
        "documentationUrl",
        "examples",
        "markdownDescription",
        "resourceLink",
        "sourceUrl",
        "title",
        "typeConfiguration",
    }
)
# Keywords whose value maps free names to schemas, and those whose value is data, not a schema.
_NAMED = frozenset({"properties", "patternProperties", "definitions", "dependentSchemas", "$defs"})
_DATA = frozenset({"enum", "const", "default", "required", "enumCaseInsensitive"})
# The handlers without which Cloud Control cannot manage a type.
_NEEDED = frozenset({"create", "read", "delete"})
_Row: TypeAlias = tuple[str, str, int, int, str, bytes]
_BRANCHES = ("allOf", "anyOf", "oneOf")
# Rules of the source that AWS does not have, as (type, keyword, property) to leave out. EC2-Classic
# has ended, so every security group is in a VPC: the default one if the spec names none.
_OUTDATED = (("AWS::EC2::SecurityGroup", "dependentRequired", "SecurityGroupEgress"),)


def build_pack(target: Path) -> bool:
    """Make the pack at ``target`` if it is missing or was made from other sources.

    Returns whether it was made. The file appears complete or not at all.

    Raises:
        importlib.metadata.PackageNotFoundError: cfn-lint is not installed.
    """
    source = _source_key()
    if _source_of(target) == source:
        return False
    rows = tuple(_rows(_data_folder()))
    prose = tuple(_prose_rows(_data_folder()))
    rights = tuple(_rights_rows(_data_folder()))
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".schemas-", suffix=".sqlite")
    os.close(handle)
    try:
        _write(Path(name), rows, prose, rights, source)
        os.chmod(name, 0o644)
        os.replace(name, target)
    finally:
        Path(name).unlink(missing_ok=True)
    return True


def strip(schema: Any) -> Any:
    """The schema without what only people read, and without the permissions of handlers."""
    if isinstance(schema, list):
        return [strip(item) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    stripped: dict[str, Any] = {}
    for key, value in schema.items():
        if key in _PROSE:
            continue
        if key in _NAMED and isinstance(value, Mapping):
            stripped[key] = {name: strip(inner) for name, inner in value.items()}
        elif key in _DATA:
            stripped[key] = value
        else:
            stripped[key] = strip(value)
    return stripped


def set_paths(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """Paths of all arrays whose order has no meaning (``insertionOrder: false``), sorted.

    A definition that contains itself is followed once, so that the paths stay finite.
    """
    found: set[str] = set()
    _walk_arrays(schema, {"properties": schema.get("properties", {})}, "", (), found)
    return tuple(sorted(found))


def _walk_arrays(
    root: Mapping[str, Any],
    node: Any,
    path: str,
    seen: tuple[str, ...],
    found: set[str],
) -> None:
    if not isinstance(node, Mapping):
        return
    reference = node.get("$ref")
    if isinstance(reference, str):
        if reference not in seen:
            target = _resolve(root, reference)
            # Keywords beside a $ref count too: a local insertionOrder wins over the target's.
            local = {key: value for key, value in node.items() if key != "$ref"}
            _walk_arrays(root, {**target, **local}, path, (*seen, reference), found)
        return
    if node.get("insertionOrder") is False and path:
        found.add(path)
    for name, inner in (node.get("properties") or {}).items():
        _walk_arrays(root, inner, f"{path}/{_escape(name)}", seen, found)
    for inner in (node.get("patternProperties") or {}).values():
        _walk_arrays(root, inner, f"{path}/*", seen, found)
    for keyword in ("items", "additionalProperties"):
        _walk_arrays(root, node.get(keyword), f"{path}/*", seen, found)
    for keyword in _BRANCHES:
        for inner in node.get(keyword) or ():
            _walk_arrays(root, inner, path, seen, found)


def _resolve(root: Mapping[str, Any], reference: str) -> Mapping[str, Any]:
    node: Any = root
    for part in reference.removeprefix("#/").split("/"):
        name = part.replace("~1", "/").replace("~0", "~")
        node = node.get(name, {}) if isinstance(node, Mapping) else {}
    return node if isinstance(node, Mapping) else {}


def _escape(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _schemas(data: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    index = json.loads((data / "schemas" / "providers" / f"{REGION}.json").read_bytes())
    for name in sorted(index):
        file = data / "schemas" / "resources" / f"{index[name]}.json"
        yield name, json.loads(file.read_bytes())


def _rows(data: Path) -> Iterator[_Row]:
    specification = (data / "AdditionalSpecs" / "StatefulResources.json").read_bytes()
    stateful = json.loads(specification)["ResourceTypes"]
    for name, raw in _schemas(data):
        handlers = {verb: _handler(one) for verb, one in raw.get("handlers", {}).items()}
        schema = strip({key: value for key, value in raw.items() if key != "handlers"})
        schema["handlers"] = handlers
        schema.get("tagging", {}).pop("permissions", None)
        _correct(name, schema)
        text = _canonical(schema)
        digest = hashlib.sha256(text.encode()).hexdigest()[:16]
        sets = _canonical(set_paths(schema))
        provisioned = int(set(handlers) >= _NEEDED)
        packed = zlib.compress(text.encode(), 9)
        yield name, digest, int(name in stateful), provisioned, sets, packed


def _handler(raw: Mapping[str, Any]) -> dict[str, Any]:
    """How long the handler may take, and the properties that listing needs, if it says so."""
    kept = {"timeoutInMinutes": raw.get("timeoutInMinutes")}
    kept["required"] = raw.get("handlerSchema", {}).get("required")
    return {key: value for key, value in kept.items() if value}


def _prose_rows(data: Path) -> Iterator[tuple[str, bytes]]:
    for name, raw in _schemas(data):
        text = _canonical(prose(raw))
        yield name, zlib.compress(text.encode(), 9)


def _rights_rows(data: Path) -> Iterator[tuple[str, bytes]]:
    for name, raw in _schemas(data):
        text = _canonical(rights(raw))
        yield name, zlib.compress(text.encode(), 9)


def rights(schema: Mapping[str, Any]) -> dict[str, list[str]]:
    """The permissions that each handler of the type needs, and those of its tags, sorted."""
    told = {verb: one.get("permissions", ()) for verb, one in schema.get("handlers", {}).items()}
    told["tagging"] = schema.get("tagging", {}).get("permissions", ())
    return {verb: sorted(set(actions)) for verb, actions in told.items() if actions}


def prose(schema: Mapping[str, Any]) -> dict[str, str]:
    """What AWS says of each property, by the JSON pointer of the property in the schema."""
    found: dict[str, str] = {}
    _collect_prose(schema, "", found)
    return found


def _collect_prose(node: Mapping[str, Any], path: str, found: dict[str, str]) -> None:
    for keyword in ("properties", "definitions"):
        for name, inner in (node.get(keyword) or {}).items():
            if not isinstance(inner, Mapping):
                continue
            here = f"{path}/{keyword}/{_escape(name)}"
            said = inner.get("description")
            if keyword == "properties" and isinstance(said, str):
                found[here] = said
            _collect_prose(inner, here, found)


def _correct(name: str, schema: dict[str, Any]) -> None:
    for type_name, keyword, key in _OUTDATED:
        if type_name == name:
            schema[keyword].pop(key)


def _write(
    path: Path,
    rows: tuple[_Row, ...],
    texts: tuple[tuple[str, bytes], ...],
    rights_: tuple[tuple[str, bytes], ...],
    source: str,
) -> None:
    content = hashlib.sha256()
    for *said, _ in rows:
        content.update(_canonical(said).encode())
    version = f"{SOURCE}-{_source_version()}+{content.hexdigest()[:12]}"
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("BEGIN")
        connection.execute(
            "CREATE TABLE types (name TEXT PRIMARY KEY, hash TEXT NOT NULL,"
            " stateful INTEGER NOT NULL, provisioned INTEGER NOT NULL, sets TEXT NOT NULL,"
            " schema BLOB NOT NULL) WITHOUT ROWID"
        )
        # Apart, because planning never reads it.
        connection.execute(
            "CREATE TABLE prose (name TEXT PRIMARY KEY, texts BLOB NOT NULL) WITHOUT ROWID"
        )
        connection.execute(
            "CREATE TABLE rights (name TEXT PRIMARY KEY, actions BLOB NOT NULL) WITHOUT ROWID"
        )
        connection.execute("CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)")
        connection.executemany("INSERT INTO types VALUES (?, ?, ?, ?, ?, ?)", rows)
        connection.executemany("INSERT INTO prose VALUES (?, ?)", texts)
        connection.executemany("INSERT INTO rights VALUES (?, ?)", rights_)
        connection.executemany(
            "INSERT INTO meta VALUES (?, ?)",
            [("format", str(FORMAT)), ("source", source), ("version", version)],
        )
        connection.execute("COMMIT")
        connection.execute("VACUUM")
    finally:
        connection.close()


def _source_key() -> str:
    """The key of the pack's sources: the data's version and a hash of this file."""
    maker = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:12]
    return f"{FORMAT}:{SOURCE}=={_source_version()}:{maker}"


def _source_of(path: Path) -> str | None:
    if not path.is_file():
        return None
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    try:
        row = connection.execute("SELECT value FROM meta WHERE key = 'source'").fetchone()
    except sqlite3.DatabaseError:
        return None
    finally:
        connection.close()
    return str(row[0]) if row else None


def _data_folder() -> Path:
    spec = importlib.util.find_spec("cfnlint")
    if spec is None or spec.origin is None:
        raise importlib.metadata.PackageNotFoundError(SOURCE)
    return Path(spec.origin).parent / "data"


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _source_version() -> str:
    from importlib.metadata import version  # imported here: it is slow, and only building needs it

    return version(SOURCE)
