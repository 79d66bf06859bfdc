"""Read the schema pack: how the CloudFormation registry describes every resource type. Shell.

``pack_build`` makes the file when gitbot is installed; here it is only read.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from gitbot.errors import UserError
from gitbot.model.lookups import SECRET_OUTPUTS
from gitbot.model.requests import Requests
from gitbot.model.schema import ReplaceOrder, Route, TagShape, TypeSchema
from gitbot.providers.aws.cloud_control.facts import (
    TOKEN_LASTS,
    lists,
    natural_key,
    resent,
    tagging_of,
    timeouts_of,
)
from gitbot.providers.aws.cloud_control.normalising import Normaliser
from gitbot.providers.aws.costs import costs_of
from gitbot.providers.aws.data_stores import DATA_STORES
from gitbot.providers.aws.pack_build import FORMAT
from gitbot.providers.aws.unserved import INSTEAD
from gitbot.providers.aws.value_orders import with_orders

DEFAULT_PATH = Path(__file__).with_name("schemas.sqlite")
_CACHED_TYPES = 512
_HOW_TO_BUILD = (
    "Build it with `make install`, or with"
    " `python -m pip install --no-deps --no-build-isolation --editable .`"
)


class SchemaPack:
    """All resource types, read on demand. Safe to share between threads."""

    def __init__(self, connection: sqlite3.Connection, version: str) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self._version = version
        # One cache per pack, so that a pack and its types are freed together.
        self._cached = lru_cache(maxsize=_CACHED_TYPES)(self._load)
        self._names: tuple[str, ...] | None = None

    @classmethod
    def open(cls, path: Path | None = None) -> SchemaPack:
        """The pack at ``path``, by default the one that was built with gitbot.

        Raises:
            UserError: the file is missing or is not a pack of this format; says how to build it.
        """
        file = path or DEFAULT_PATH
        if not file.is_file():
            raise UserError(f"The schema pack {file} is missing. {_HOW_TO_BUILD}.")
        connection = sqlite3.connect(
            f"{file.resolve().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
        )
        try:
            meta = dict(connection.execute("SELECT key, value FROM meta"))
        except sqlite3.DatabaseError as error:
            connection.close()
            raise UserError(f"{file} is not a schema pack ({error}). {_HOW_TO_BUILD}.") from error
        if meta.get("format") != str(FORMAT):
            connection.close()
            raise UserError(f"The schema pack {file} has another format. {_HOW_TO_BUILD}.")
        return cls(connection, meta["version"])

    @property
    def version(self) -> str:
        """The name of the content: the source's version and a hash. Every plan records it."""
        return self._version

    def close(self) -> None:
        """Close the file. Types that are in the cache can still be looked up."""
        self._connection.close()

    def names(self) -> tuple[str, ...]:
        """All type names, sorted."""
        if self._names is None:
            with self._lock:
                rows = self._connection.execute("SELECT name FROM types ORDER BY name").fetchall()
            self._names = tuple(name for (name,) in rows)
        return self._names

    def provisioned(self) -> frozenset[str]:
        """Names of the types that Cloud Control can create, read and delete."""
        with self._lock:
            rows = self._connection.execute("SELECT name FROM types WHERE provisioned").fetchall()
        return frozenset(name for (name,) in rows)

    def lookup(self, name: str) -> TypeSchema | None:
        """The type as the registry describes it; None when there is no such type."""
        return self._cached(name)

    def prose(self, name: str) -> Mapping[str, str]:
        """What AWS says of the type's properties, by JSON pointer in the schema; {} if unknown."""
        with self._lock:
            row = self._connection.execute(
                "SELECT texts FROM prose WHERE name = ?", (name,)
            ).fetchone()
        texts: dict[str, str] = {} if row is None else json.loads(zlib.decompress(row[0]))
        return texts

    def rights(self, name: str) -> Mapping[str, Sequence[str]]:
        """The permissions that each of AWS's handlers of the type needs, by verb; {} if unknown."""
        with self._lock:
            row = self._connection.execute(
                "SELECT actions FROM rights WHERE name = ?", (name,)
            ).fetchone()
        actions: dict[str, list[str]] = {} if row is None else json.loads(zlib.decompress(row[0]))
        return actions

    def _load(self, name: str) -> TypeSchema | None:
        with self._lock:
            row = self._connection.execute(
                "SELECT hash, stateful, provisioned, sets, schema FROM types WHERE name = ?",
                (name,),
            ).fetchone()
        if row is None:
            return None
        schema_hash, stateful, provisioned, sets, packed = row
        schema = with_orders(json.loads(zlib.decompress(packed)))
        holds = bool(stateful) or name in DATA_STORES
        found = _type_schema(name, schema, schema_hash, holds, json.loads(sets))
        said = costs_of(name, schema["properties"])
        instead = {"": INSTEAD[name]} if name in INSTEAD else {}
        return replace(found, served=bool(provisioned), cautions=said, instead=instead)


def _type_schema(
    name: str, schema: Mapping[str, Any], schema_hash: str, stateful: bool, sets: Iterable[str]
) -> TypeSchema:
    read_only = _paths(schema, "readOnlyProperties")
    identifier = _paths(schema, "primaryIdentifier")
    tags_path, tag_shape = _tags(schema, read_only)
    create_only, write_only = (
        _paths(schema, "createOnlyProperties"),
        _paths(schema, "writeOnlyProperties"),
    )
    delete_first = schema.get("replacementStrategy") == "delete_then_create"
    found = TypeSchema(
        name=name,
        route=Route.CLOUD_CONTROL,
        create_only=create_only,
        conditional_create_only=_paths(schema, "conditionalCreateOnlyProperties"),
        read_only=read_only,
        write_only=write_only,
        primary_identifier=identifier,
        sets=frozenset(sets),
        natural_key=natural_key(schema, identifier, read_only),
        client_token=True,
        requests=Requests(
            token_lasts=TOKEN_LASTS,
            resends=resent(write_only, create_only),
            hidden=SECRET_OUTPUTS.get(name, frozenset()),
            timeouts=timeouts_of(schema),
        ),
        normalise=Normaliser(schema),
        tags_path=tags_path,
        tag_shape=tag_shape,
        replace_order=ReplaceOrder.DELETE_FIRST if delete_first else ReplaceOrder.CREATE_FIRST,
        stateful=stateful,
        updatable="update" in schema.get("handlers", {}),
        json_schema=schema,
        schema_hash=schema_hash,
    )
    tagging = tagging_of(found)
    tagged = tagging is not None and tagging.at_creation and lists(schema)
    return replace(found, requests=replace(found.requests, traceless=not tagged))


def _paths(schema: Mapping[str, Any], keyword: str) -> tuple[str, ...]:
    return tuple(pointer.removeprefix("/properties") for pointer in schema.get(keyword) or ())


def _tags(
    schema: Mapping[str, Any], read_only: tuple[str, ...]
) -> tuple[str | None, TagShape | None]:
    """The path and shape of the type's tags, if specs can set them and the shape is a known one."""
    tagging = schema.get("tagging") or {}
    if not tagging.get("taggable", schema.get("taggable", True)):
        return None, None
    path = tagging.get("tagProperty", "/properties/Tags").removeprefix("/properties")
    declared = schema["properties"].get(path.removeprefix("/"))
    if declared is None or path in read_only:
        return None, None
    shape = _tag_shape(schema, declared)
    return (path, shape) if shape else (None, None)


def _tag_shape(schema: Mapping[str, Any], declared: Mapping[str, Any]) -> TagShape | None:
    tags = _resolved(schema, declared)
    if "items" in tags:
        element = _resolved(schema, tags["items"])
        return TagShape.LIST if {"Key", "Value"} <= set(element.get("properties", ())) else None
    kinds = tags.get("type")
    is_map = kinds == "object" or (isinstance(kinds, list) and "object" in kinds)
    return TagShape.MAP if is_map and not tags.get("properties") else None


def _resolved(schema: Mapping[str, Any], node: Mapping[str, Any]) -> Mapping[str, Any]:
    for _ in range(8):  # follow nested definitions; registry schemas have two levels at most
        reference = node.get("$ref")
        if not isinstance(reference, str):
            break
        node = schema.get("definitions", {}).get(reference.rsplit("/", 1)[-1], {})
    return node
