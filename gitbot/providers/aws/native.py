"""Define a native resource type: its declaration and the calls that serve it. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from gitbot.model.cautions import Caution
from gitbot.model.cloud import Operation, Power
from gitbot.model.names import Address, RemoteId
from gitbot.model.observed import Found, Observation, ReadRequest
from gitbot.model.placement import Kind
from gitbot.model.requests import AT_ONCE, Requests
from gitbot.model.schema import (
    NOTHING_LOST,
    Losses,
    Parent,
    PartOf,
    Removal,
    ReplaceOrder,
    Route,
    SelfReference,
    Snapshots,
    Switch,
    TypeSchema,
)
from gitbot.model.tag_limits import TagLimits
from gitbot.providers.aws.rights import Rights

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection
    from gitbot.providers.aws.tagging import Marks


class Handler(Protocol):
    """The calls of one type. Each method has the contract of its namesake in ``ports.Cloud``."""

    def read(
        self, aws: Connection, requests: Sequence[ReadRequest]
    ) -> Mapping[Address, Observation]: ...

    def create(self, aws: Connection, operation: Operation) -> RemoteId: ...

    def settle(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None: ...

    def update(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None: ...

    def delete(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None: ...

    def find(self, aws: Connection, operation: Operation) -> Found | None: ...

    def adopt(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None: ...


@runtime_checkable
class Resuming(Protocol):
    """A handler whose ``update`` alone cannot finish an update that a crashed process began."""

    def resume(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None: ...


@runtime_checkable
class Tagged(Protocol):
    """A handler that finds objects by their ownership tags."""

    def tagged(self, aws: Connection, marks: Marks) -> Iterable[Found]:
        """The live objects that have these tags, and perhaps others."""


@runtime_checkable
class Powered(Protocol):
    """A handler whose objects can be stopped and started."""

    def power(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> Power | None: ...

    def start(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None: ...

    def stop(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None: ...


def last_part(arn: str) -> str:
    """What stands last in an ARN, after a slash or a colon."""
    return re.split("[/:]", arn)[-1]


def kind_in(arn: str) -> str:
    """The service and kind of the object that an ARN names, as ``Index`` has them."""
    _, _, service, _, _, rest = arn.split(":", 5)
    if rest.startswith("/"):  # kinds and identifiers take turns: /apis/a1b2c3/stages/dev
        return f"{service}:/{'/'.join(rest[1:].split('/')[::2])}"
    kind = re.match("[^/:]+(?=[/:])", rest)
    return f"{service}:{kind[0] if kind else ''}"


@dataclass(frozen=True, slots=True)
class Index:
    """Where AWS's index of tags has the objects of a type.

    ``kind`` is their service and kind as ARNs have them (``ec2:subnet``), with nothing after the colon where ARNs name
    no kind (``s3:``), and the kinds of a path (``apigateway:/apis/stages``). ``own`` returns the identifier from an ARN. Where an ARN has only a part of it, ``whole`` asks for the whole ones of those that exist, by this part.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
    """

    kind: str
    own: Callable[[str], str] = last_part
    whole: Callable[[Connection, Iterable[str]], Mapping[str, str]] | None = None

    @property
    def searched(self) -> str:
        """What the index is asked for: the kind, or the service where ARNs have paths or no kinds."""
        return self.kind.partition("/")[0].rstrip(":")


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """What the native type adds to the registry's schema; see ``TypeSchema`` for the fields.

    A property path is handled if ``handled`` has it or one of its ancestors. None for ``create_only`` and
    ``replace_order`` keeps the registry's values. A type that is stateful in the registry stays so. ``refine`` changes
    the JSON Schema that specs are checked against, where the handler requires more or less than the registry.

    ``rights`` are the actions that IAM must allow for the type's calls. ``passes_role_to`` is the service that gets a
    role through it; empty: none. ``index`` is where AWS's index of tags has the objects; None: it does not. ``unshown``
    are attributes of the registry that expressions cannot use: their values change with other objects.
    """

    name: str
    handled: frozenset[str]
    rights: Rights
    passes_role_to: str = ""
    index: Index | None = None
    unshown: frozenset[str] = frozenset()
    instead: Mapping[str, str] = field(default_factory=dict)
    create_only: tuple[str, ...] | None = None
    write_only: tuple[str, ...] = ()
    marks: Mapping[str, str] = field(default_factory=dict)
    sets: frozenset[str] = frozenset()
    identities: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    removals: Mapping[str, Removal] = field(default_factory=dict)
    partial: frozenset[str] = frozenset()
    filled: frozenset[str] = frozenset()
    grows: frozenset[str] = frozenset()
    versions: frozenset[str] = frozenset()
    stepwise: frozenset[str] = frozenset()
    leaps: Mapping[str, str] = field(default_factory=dict)
    restarts: frozenset[str] = frozenset()
    client_token: bool = False
    volatile: frozenset[str] = frozenset()
    follows: Mapping[str, frozenset[str]] = field(default_factory=dict)
    power: str = ""
    switch: Switch | None = None
    open_lists: frozenset[str] = frozenset()
    key_names: frozenset[str] = frozenset()
    normalise: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None
    natural_key: tuple[str, ...] | None = None
    name_within: tuple[str, ...] = ()
    refuses_taken: bool = False
    exclusive: tuple[str, ...] = ()
    twins: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    itself: SelfReference | None = None
    tag_limits: TagLimits | None = None
    part_of: PartOf | None = None
    parent: Parent | None = None
    explains: Callable[[Any], tuple[str, ...]] | None = None
    replace_order: ReplaceOrder | None = None
    stateful: bool = False
    stateful_replacement: bool = False
    kept_in_use: bool = False
    name_lingers: str = ""
    snapshots: Snapshots = Snapshots.NEVER
    unkept: Callable[[Mapping[str, Any]], str] | None = None
    placement: Kind | None = None
    fate: Callable[[Mapping[str, Any]], tuple[str, ...]] | None = None
    losses: Losses = NOTHING_LOST
    cautions: tuple[Caution, ...] = ()
    updatable: bool = True
    requests: Requests = AT_ONCE
    refine: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None

    def over(self, registry: TypeSchema) -> TypeSchema:
        """The registry's schema, overridden by the values of this declaration."""
        create_only = registry.create_only if self.create_only is None else self.create_only
        return replace(
            registry,
            route=Route.NATIVE,
            served=True,
            read_only=tuple(path for path in registry.read_only if path not in self.unshown),
            create_only=create_only,
            conditional_create_only=(),  # a native type always says in ``create_only`` what replaces
            write_only=self.write_only,
            marks=self.marks,
            sets=registry.sets | self.sets,
            identities=self.identities,
            handled=self.handled,
            instead=self.instead,
            removals=self.removals,
            partial=self.partial,
            filled=self.filled,
            grows=self.grows,
            versions=self.versions,
            stepwise=self.stepwise,
            leaps=self.leaps,
            restarts=self.restarts,
            client_token=self.client_token,
            requests=self.requests,
            volatile=self.volatile,
            follows=self.follows,
            power=self.power,
            switch=self.switch,
            open_lists=self.open_lists,
            key_names=self.key_names,
            normalise=self.normalise,
            natural_key=self.natural_key,
            name_within=frozenset(self.name_within),
            refuses_taken=self.refuses_taken,
            exclusive=self.exclusive,
            twins=self.twins,
            itself=self.itself,
            tag_limits=self.tag_limits,
            part_of=self.part_of,
            parent=self.parent,
            explains=self.explains,
            replace_order=self.replace_order or registry.replace_order,
            stateful=self.stateful or registry.stateful,
            stateful_replacement=self.stateful_replacement,
            kept_in_use=self.kept_in_use,
            name_lingers=self.name_lingers,
            snapshots=self.snapshots,
            unkept=self.unkept,
            placement=self.placement,
            fate=self.fate,
            losses=self.losses,
            cautions=(*self.cautions, *registry.cautions),
            updatable=self.updatable,
            json_schema=(
                self.refine(registry.json_schema) if self.refine else registry.json_schema
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NativeType:
    """One entry of the registry of native types."""

    declaration: Declaration
    handler: Handler
