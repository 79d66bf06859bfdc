"""Say how a plain service describes, finds and tags its objects. Shell.

A call describes an object by its identifier, objects have names, other calls put tags on an ARN.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

from gitbot.errors import CloudError
from gitbot.model.cloud import Operation
from gitbot.model.tag_limits import TagLimits
from gitbot.model.tags import OPERATION_TAG, RESOURCE_TAG, address_text
from gitbot.providers.aws.asking import ask, ask_pages, inside
from gitbot.providers.aws.believing import Memory
from gitbot.providers.aws.dialect import Dialect, Name
from gitbot.providers.aws.native import Index
from gitbot.providers.aws.refusals import means
from gitbot.providers.aws.table import Described
from gitbot.providers.aws.tag_reading import indexed, read_tags
from gitbot.providers.aws.tagging import (
    STRICT_TAGS,
    Marks,
    creation_tags,
    tag_list,
    tag_map,
)

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

INDEX = "tag:GetResources"
"""The right to search AWS's index of tags."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainTags:
    """Tags that calls of the service put on an object; see ``table.Tagging`` for the other fields.

    ``target`` makes the parameters that name the object. ``at`` is the parameter for tags of the creating call; empty:
    it takes none. ``putting`` and ``removing`` are the calls for ``Tags`` and ``TagKeys``, under the names ``put_as``
    and ``remove_as``. ``reading`` is the call that reads tags, where a description lacks them, and ``answer`` the path
    of the tags in its answer or in the description. ``arn`` is the key of the ARN in it, where ``target`` lacks that.
    ``mapped``: the API takes ``{key: value}``, otherwise pairs with the names in ``pair``. ``as_map``: a spec has ``{key: value}``.
    """

    dialect: Dialect
    target: Callable[[Described], Mapping[str, Any]]
    declared: str = "Tags"
    limits: TagLimits = STRICT_TAGS
    at: str = "Tags"
    putting: str = "tag_resource"
    removing: str = "untag_resource"
    put_as: str = "Tags"
    remove_as: str = "TagKeys"
    reading: str = ""
    answer: str = "Tags"
    arn: str = ""
    mapped: bool = False
    pair: tuple[str, str] = ("Key", "Value")
    as_map: bool = False

    @property
    def late(self) -> bool:
        """See ``table.Tagging``."""
        return not self.at

    @property
    def calls(self) -> tuple[str, ...]:
        """See ``table.Tagging``."""
        return (self.putting, self.removing)

    def at_creation(self, operation: Operation) -> Mapping[str, Any]:
        """See ``table.Tagging``."""
        tags = creation_tags(operation, self.declared)
        return {self.at: self._form(tags)} if self.at and tags else {}

    def put(self, aws: Connection, described: Described, tags: Mapping[str, str]) -> None:
        """See ``table.Tagging``."""
        if tags:
            parameters = {**self.target(described), self.put_as: self._form(tags)}
            ask(aws, self.dialect, self.putting, **parameters)

    def remove(self, aws: Connection, described: Described, keys: Iterable[str]) -> None:
        """See ``table.Tagging``."""
        parameters = {**self.target(described), self.remove_as: list(keys)}
        ask(aws, self.dialect, self.removing, **parameters)

    def read(self, aws: Connection, described: Described) -> list[dict[str, str]]:
        """The tags of a described object, as pairs. Costs a call where the description lacks them."""
        answer = described
        if self.reading:
            answer = ask(aws, self.dialect, self.reading, **self.target(described))
        told = inside(answer, self.answer) or {}
        if isinstance(told, Mapping):
            return tag_list(told)
        key, value = self.pair
        return [{"Key": one[key], "Value": one.get(value, "")} for one in told]

    def arn_of(self, described: Described) -> str:
        """The ARN of a described object; some other name of it where nothing tells the ARN."""
        told = described[self.arn] if self.arn else [*self.target(described).values()][-1]
        return str(told[0] if isinstance(told, list) else told)

    def _form(self, tags: Mapping[str, str]) -> Any:
        if self.mapped:
            return dict(tags)
        key, value = self.pair
        return [{key: one["Key"], value: one["Value"]} for one in tag_list(tags)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """How objects of a plain service are described and found; fits ``table.Listing``.

    ``call`` describes an object by the parameters that ``asks`` makes from its identifier, and ``answer`` is its
    key in the answer (empty: the answer itself). With ``many`` the call describes up to ``most`` objects, and that
    parameter takes their identifiers; with neither, it lists all objects in pages. ``more`` are further parameters.

    ``name`` is the property with the object's name, and ``id_of`` the identifier of the object with a name, None if
    there is none. ``keyed`` returns identifiers of objects without a name that may have the natural key, ``marked``
    those of objects that may have tags which say who owns them. ``also`` makes what descriptions lack, such as an ARN.
    ``index`` is where AWS's index of tags has the objects; without it, whoever searches for tags lists all with
    ``listing`` (call, key of the objects, and what makes an identifier of one). ``memory`` is about sources that lag.
    """

    dialect: Dialect
    call: str
    answer: str = ""
    asks: Callable[[str], Mapping[str, Any]] | None = None
    many: str = ""
    most: int = 100
    more: Mapping[str, Any] | None = None
    tags: PlainTags | None = None
    name: Name | None = None
    keyed: Callable[[Connection, Operation], Iterable[str]] | None = None
    marked: Callable[[Connection, Marks], Iterable[str]] | None = None
    id_of: Callable[[Connection, str], str | None] = lambda _, name: name
    also: Callable[[Connection, Described], Mapping[str, Any]] = lambda aws, described: {}
    index: Index | None = None
    listing: tuple[str, str, Callable[[Any], str]] | None = None
    memory: Memory | None = None

    @property
    def calls(self) -> tuple[str, ...]:
        """See ``table.Listing``."""
        listing = self.listing[:1] if self.listing is not None else ()
        reading = (self.tags.reading,) if self.tags is not None and self.tags.reading else ()
        return (self.call, *listing, *reading, *((INDEX,) if self.index is not None else ()))

    def believing(self, memory: Memory) -> Self:
        """See ``table_protocols.Believing``."""
        return replace(self, memory=memory if memory.by_id else None)

    def untagged(self) -> Self:
        """See ``table_protocols.Believing``."""
        return replace(self, tags=None) if self.tags is not None and self.tags.reading else self

    def by_id(self, aws: Connection, ids: Iterable[str]) -> Iterator[Described]:
        """See ``table.Listing``."""
        some = self._described(aws, sorted(set(ids)))
        found = [{**one, **self.also(aws, one)} for one in some if one is not None]
        tags = self.tags
        if tags is None:
            return iter(found)
        told = read_tags(aws, tags, found, self.memory if self.index is not None else None)
        return (
            {**one, "Tags": its} for one, its in zip(found, told, strict=True) if its is not None
        )

    def by_operation(self, aws: Connection, operation: Operation) -> Iterator[Described]:
        """See ``table.Listing``. An object with a name is found by its name."""
        if self.name is not None:
            return iter(())
        return self._searched(aws, {OPERATION_TAG: [operation.token]})

    def by_marks(self, aws: Connection, marks: Marks) -> Iterator[Described]:
        """See ``table.Listing``."""
        if self.marked is not None:
            return self.by_id(aws, self.marked(aws, marks))
        key, value = marks.tag
        addresses = sorted(map(address_text, marks.addresses))
        return self._searched(aws, {key: [value], RESOURCE_TAG: addresses})

    def by_key(self, aws: Connection, operation: Operation) -> Iterator[Described]:
        """See ``table.Listing``."""
        if self.keyed is not None:
            return self.by_id(aws, self.keyed(aws, operation))
        own = None if self.name is None else self.id_of(aws, self.name.of(operation))
        return iter(()) if own is None else self.by_id(aws, [own])

    def _described(self, aws: Connection, ids: list[str]) -> Iterable[Described | None]:
        if self.asks is not None:
            return aws.each(lambda asked: self._one(aws, asked), map(self.asks, ids))
        if self.many:
            batches = [ids[at : at + self.most] for at in range(0, len(ids), self.most)]
            return [one for batch in batches for one in self._some(aws, batch)]
        return ask_pages(aws, self.dialect, self.call, self.answer, **(self.more or {}))

    def _one(self, aws: Connection, asked: Mapping[str, Any]) -> Described | None:
        try:
            answer = ask(aws, self.dialect, self.call, **asked, **(self.more or {}))
        except CloudError as error:
            if means(error, self.dialect.absent):
                return None
            raise
        one = answer.get(self.answer) if self.answer else answer
        one = one[0] if isinstance(one, list) and one else one
        return {**asked, **one} if one else None

    def _some(self, aws: Connection, ids: list[str]) -> list[Described]:
        """The objects with these identifiers; some services refuse the call if one of them is gone."""
        try:
            parameters: dict[str, Any] = {self.many: ids, **(self.more or {})}
            answer = ask(aws, self.dialect, self.call, **parameters)
        except CloudError as error:
            if not means(error, self.dialect.absent):
                raise
            return [] if len(ids) == 1 else [one for id_ in ids for one in self._some(aws, [id_])]
        return list(answer.get(self.answer) or ())

    def _searched(self, aws: Connection, wanted: Mapping[str, list[str]]) -> Iterator[Described]:
        """The objects whose tags have one of the values of each key. Each is read once more."""
        if self.index is not None:
            ids = indexed(aws, self.index, wanted)
        elif self.listing is not None:
            call, key, own = self.listing
            ids = [own(one) for one in ask_pages(aws, self.dialect, call, key)]
        else:
            ids = []
        for one in self.by_id(aws, ids):
            its = tag_map(one.get("Tags"))
            if all(its.get(key) in values for key, values in wanted.items()):
                yield one


def named(parameter: str) -> Callable[[str], Mapping[str, Any]]:
    """``asks``: the identifier, as this parameter."""
    return lambda remote_id: {parameter: remote_id}


def arn_of(service: str, kind: str) -> Callable[[Connection, str], str]:
    """``id_of`` for objects that are identified by their ARN: ``kind`` stands before the name."""

    def make(aws: Connection, name: str) -> str:
        return f"arn:{aws.partition}:{service}:{aws.region}:{aws.account}:{kind}{name}"

    return make
