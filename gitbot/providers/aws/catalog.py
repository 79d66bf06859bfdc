"""Look up every resource type that gitbot knows: the native types over the schema pack. Shell.

Nothing here imports boto3, so the loader's child process starts fast and cannot reach AWS.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gitbot.model.lookups import SECRET_ATTRIBUTES, LookupKind
from gitbot.model.schema import TypeSchema
from gitbot.providers.aws.closed_maps import with_closed_maps
from gitbot.providers.aws.cloud_control.handler import CloudControlHandler
from gitbot.providers.aws.cloud_control.kinds import kind_of
from gitbot.providers.aws.lookup_table import ROWS
from gitbot.providers.aws.named_objects import with_named_objects
from gitbot.providers.aws.native import Handler
from gitbot.providers.aws.pack import SchemaPack
from gitbot.providers.aws.policy_kinds import POLICIES, with_policies
from gitbot.providers.aws.types import NATIVE_TYPES


class Catalog:
    """Looks resource types up by name. Safe to use from many threads."""

    def __init__(self, pack: SchemaPack) -> None:
        self._pack = pack
        self._made: dict[str, TypeSchema] = {}

    @property
    def version(self) -> str:
        """The version of the schema pack."""
        return self._pack.version

    def lookup(self, name: str) -> TypeSchema | None:
        """The type's schema; None when there is no such type."""
        native = NATIVE_TYPES.get(name)
        if native is None and name not in POLICIES:
            return self._pack.lookup(name)
        if name not in self._made:
            registry = self._pack.lookup(name)
            if registry is None:
                return None
            whole = registry
            if native is not None:
                whole = native.declaration.over(with_named_objects(registry))
            self._made[name] = with_closed_maps(with_policies(whole))
        return self._made[name]

    def prose(self, name: str) -> Mapping[str, str]:
        """What AWS says of the type's properties, by JSON pointer in the schema; {} if unknown."""
        return self._pack.prose(name)

    def names(self) -> tuple[str, ...]:
        """All type names, sorted."""
        return self._pack.names()

    def native_names(self) -> tuple[str, ...]:
        """Names of the types with a native handler, sorted."""
        return tuple(sorted(NATIVE_TYPES))

    def served_names(self) -> tuple[str, ...]:
        """Names of the types that this version manages, by either route, sorted."""
        return tuple(sorted(self._pack.provisioned().union(NATIVE_TYPES)))

    def lookup_kind(self, name: str) -> LookupKind | None:
        """What can be looked up of the type of this name; None when nothing can."""
        row = ROWS.get(name)
        schema = self.lookup(name) if name in NATIVE_TYPES else None
        if row is None and schema is None:
            return None
        readable = frozenset() if schema is None else _readable(schema)
        return LookupKind(type=name, attributes=readable) if row is None else row.kind(readable)

    def lookup_names(self) -> tuple[str, ...]:
        """Names of the types that can be looked up, sorted."""
        return tuple(sorted({*NATIVE_TYPES, *ROWS}))

    def handlers(self, name: str) -> Mapping[str, Sequence[str]]:
        """The permissions that AWS's own handlers of the type need, by verb; {} if unknown."""
        return self._pack.rights(name)

    def cloud_control_handler(self, name: str) -> Handler | None:
        """The handler for objects of the type that Cloud Control made; None when AWS makes none.

        It goes by the registry's schema, also for a type that has become native since.
        """
        registry = self._pack.lookup(name)
        if registry is None or not registry.served:
            return None
        return CloudControlHandler(kind_of(registry))

    def native_handler(self, name: str) -> Handler | None:
        """The native handler of the type of this name; None when there is none."""
        native = NATIVE_TYPES.get(name)
        return None if native is None else native.handler


def _readable(schema: TypeSchema) -> frozenset[str]:
    """The top-level properties that can be read back and hold no secrets."""
    names = {*schema.json_schema.get("properties", ())}
    names |= {path.strip("/").split("/")[0] for path in schema.read_only}
    return frozenset(names - {path.strip("/") for path in schema.write_only} - SECRET_ATTRIBUTES)


def open_catalog() -> Catalog:
    """The catalog over the schema pack in the package.

    Raises:
        UserError: the pack is missing; the message says how to build it.
    """
    return Catalog(SchemaPack.open())
