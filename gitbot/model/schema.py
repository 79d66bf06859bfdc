"""What gitbot knows of a resource type: the registry's schema and its own rules. Pure.

Paths are JSON pointers below the properties, without ``/properties``. ``*`` stands for any index or key: ``/Tags/*/Key``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

from gitbot.model.cautions import Caution
from gitbot.model.placement import Kind
from gitbot.model.requests import AT_ONCE, Requests
from gitbot.model.tag_limits import TagLimits
from gitbot.model.values import Json


class TagShape(StrEnum):
    """The form of a type's tags: ``[{Key, Value}]`` or ``{key: value}``."""

    LIST = "list"
    MAP = "map"


class ReplaceOrder(StrEnum):
    """Whether a replacement creates first or deletes first."""

    CREATE_FIRST = "create-first"
    DELETE_FIRST = "delete-first"


class OnExpiry(StrEnum):
    """Whether the end of an expired stack keeps an object or deletes it."""

    KEEP = "keep"
    DELETE = "delete"


class Snapshots(StrEnum):
    """Whether what an object holds is kept in a snapshot before its deletion: never, when
    ``lifecycle.snapshotOnDelete`` asks for it, or unless that says otherwise."""

    NEVER = "never"
    ASKED = "asked"
    UNASKED = "unasked"


class Disruption(StrEnum):
    """What a change does to something that runs, from harmless to worst."""

    NONE = "none"
    RESTART = "restart"
    REPLACE = "replace"


class Route(StrEnum):
    """The API that serves a resource. It is recorded with the resource and never changes."""

    NATIVE = "native"
    CLOUD_CONTROL = "cloudcontrol"


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """What happens when a path leaves the spec: it is set to ``default``, or deleted for None.

    ``says`` describes that for people. ``asked``: only the cloud knows the whole default, so the handler is
    told that the property is removed and asks; ``default`` is then what plans show and compare.
    """

    default: Json
    says: str
    asked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Losses:
    """What people lose with an object, as a part of a sentence; empty: nothing.

    ``gone``: when it is deleted or replaced. ``restart``: when it is stopped and started again.
    """

    gone: str = ""
    restart: str = ""


NOTHING_LOST = Losses()


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """What should be known before objects of a type are stopped and started again.

    ``states`` maps the values of the attribute ``power`` of the type to a ``Power``. ``size`` names the property that
    says how large the machine is. ``wiped`` are beginnings of sizes that can have disks which a stop wipes, ``gpus``
    those of sizes with GPUs.
    """

    states: Mapping[str, str]
    size: str
    wiped: tuple[str, ...] = ()
    gpus: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PartOf:
    """Says that the object is an element of a list that its owner can declare as a whole.

    The property ``reference`` names the owner, an object of type ``owner``. ``property`` is the list in the owner.
    ``others`` say it of owners of other types.
    """

    owner: str
    reference: str
    property: str
    others: tuple[PartOf, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Parent:
    """Says whose an object is that has no ownership tags: the owner of the ``type`` that ``reference`` names.

    Where the spec lacks that property, one of ``others`` says it. Making the object changes what the owner ``gives``."""

    type: str
    reference: str
    others: tuple[Parent, ...] = ()
    gives: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfReference:
    """How a spec may refer to its own object, which the cloud allows once the object exists.

    ``attributes`` are those that a reference may use, ``within`` the top-level paths where it may stand, as a whole
    value. ``word`` takes its place, and the handler puts the identifier there.
    """

    attributes: frozenset[str]
    within: frozenset[str]
    word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeSchema:
    """One resource type.

    ``route`` is the API for new objects; an object keeps its recorded route. ``served``: there is a handler for it.
    ``handled`` are the paths that the handler takes; None means all of them. ``instead`` says in a sentence what to
    write in place of a top-level path that it does not take, or of the type (the empty path). ``sets`` are lists whose order has no meaning.
    ``identities`` maps a list of maps to the keys by which its elements are paired; of ``renames``, whose elements may lack
    their keys or get others, what is left over pairs in order. ``open_lists`` are lists of which only the declared
    elements are managed, because the cloud adds others itself. ``closed`` are maps to which, and to all within them, it
    adds no key but those that are given: a key that nobody declared is somebody else's. ``removals`` says what happens when a
    declared path leaves the spec; a path without an entry cannot be removed. ``partial`` are maps of which the setter
    leaves alone the keys that a value leaves out: such a key needs an entry of its own to be removed, and one of these maps
    in another one, without an entry, is removed key by key. ``filled`` are paths that the cloud fills in where a spec gives none: taking one out changes nothing. ``grows`` are numbers that
    can only become larger, switches (also ``Enabled`` and ``Disabled``) that cannot be turned off, and elements that their list cannot lose. ``versions``
    are texts of which a spec may give the beginning: ``15`` is ``15.4``. ``stepwise`` are versions of which a change
    skips none, ``leaps`` those whose first number changes only where this property is true. ``restarts`` are top-level paths that change only while the object is stopped. ``volatile`` are read-only
    attributes that such a restart may change, ``follows`` are those that change with one of these top-level properties.
    ``power`` is the path of the attribute that is ``running`` while the object runs; empty: none tells. ``switch``: off-hours
    can stop and start objects of the type. ``losses`` and ``cautions`` say what people should know before it is deleted,
    replaced, restarted or changed. ``normalise`` brings properties into the form that is compared.

    ``marks`` maps a write-only top-level path to the attribute that is another one once somebody has replaced it.
    ``key_names`` are write-only names of KMS's keys: the cloud shows the ARN, and so tells of another ARN or id.
    ``client_token``: the creating call takes a token, and the same token again makes no second object; ``requests``
    says for how long. ``natural_key`` are the properties that name the object in the cloud, when the spec sets them.
    ``name_within`` are those that say where the name counts; None: any that a creation fixes may.
    ``refuses_taken``: the creating call refuses where an object has them, and tags what it makes with its owner.
    ``twins`` maps a list to the keys by which the cloud tells its elements apart. ``itself``: the object may be named
    in its own spec. ``tag_limits`` are what the service wants of tags. ``exclusive`` are properties with a value that
    only one object can have at a time. ``part_of``: the object is an element of another one's list. ``parent`` is whose
    owner owns this one too, unless its own tags say more. ``explains`` returns sentences about odd observed values.

    ``stateful``: the object holds data, so that its replacement and its deletion wait for consent.
    ``stateful_replacement``: only its replacement does, because it loses data that no spec shows. ``fate`` returns
    sentences on what becomes of the parts of an observed object when it goes. ``placement``: the objects can be
    started as one of several kinds of machine, in one of several places. ``snapshots``: what it holds can be kept in a
    snapshot, but for objects of which ``unkept`` tells, from their properties, why not (empty: it can).
    ``kept_in_use``: the cloud does not delete the object while another one uses it. ``name_lingers``: why
    the name of a deleted object cannot be taken again for days, as a sentence; empty: it can.
    """

    name: str
    route: Route
    served: bool = True
    create_only: tuple[str, ...] = ()
    conditional_create_only: tuple[str, ...] = ()
    read_only: tuple[str, ...] = ()
    write_only: tuple[str, ...] = ()
    marks: Mapping[str, str] = field(default_factory=dict)
    key_names: frozenset[str] = frozenset()
    primary_identifier: tuple[str, ...] = ()
    sets: frozenset[str] = frozenset()
    identities: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    renames: frozenset[str] = frozenset()
    handled: frozenset[str] | None = None
    instead: Mapping[str, str] = field(default_factory=dict)
    removals: Mapping[str, Removal] = field(default_factory=dict)
    partial: frozenset[str] = frozenset()
    filled: frozenset[str] = frozenset()
    grows: frozenset[str] = frozenset()
    versions: frozenset[str] = frozenset()
    stepwise: frozenset[str] = frozenset()
    leaps: Mapping[str, str] = field(default_factory=dict)
    restarts: frozenset[str] = frozenset()
    client_token: bool = False
    requests: Requests = AT_ONCE
    volatile: frozenset[str] = frozenset()
    follows: Mapping[str, frozenset[str]] = field(default_factory=dict)
    power: str = ""
    switch: Switch | None = None
    open_lists: frozenset[str] = frozenset()
    closed: Mapping[str, frozenset[str]] = field(default_factory=dict)
    normalise: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None
    natural_key: tuple[str, ...] | None = None
    name_within: frozenset[str] | None = None
    refuses_taken: bool = False
    exclusive: tuple[str, ...] = ()
    twins: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    itself: SelfReference | None = None
    tag_limits: TagLimits | None = None
    part_of: PartOf | None = None
    parent: Parent | None = None
    explains: Callable[[Any], tuple[str, ...]] | None = None
    tags_path: str | None = None
    tag_shape: TagShape | None = None
    replace_order: ReplaceOrder = ReplaceOrder.CREATE_FIRST
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
    json_schema: Mapping[str, Any] = field(default_factory=dict)
    schema_hash: str = ""


SchemaLookup: TypeAlias = Callable[[str], TypeSchema | None]
"""Returns the schema of a type; None for a type that is not in the registry."""
