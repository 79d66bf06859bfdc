"""Say how IAM lists, tags and refuses, for the types that are tables. Shell.

https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gitbot.model.cloud import Operation
from gitbot.model.schema import TagLimits
from gitbot.providers.aws.dialect import Dialect
from gitbot.providers.aws.native import Index
from gitbot.providers.aws.table import Described
from gitbot.providers.aws.tagging import (
    IAM_TAGS,
    Marks,
    creation_tags,
    generated_name,
    is_generated,
    tag_list,
)
from gitbot.providers.aws.types.iam.reading import GONE, PAGE, one_or_none

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

TAKEN = frozenset({"EntityAlreadyExists"})

READS = (
    "GetAccountAuthorizationDetails",
    "GetInstanceProfile",
    "GetRole",
    "GetRolePolicy",
    "ListAttachedRolePolicies",
    "ListInstanceProfiles",
    "ListInstanceProfilesForRole",
    "ListRolePolicies",
    "ListRoles",
)

IAM = Dialect(
    service="iam",
    absent=frozenset({GONE}),
    busy=frozenset({"DeleteConflict"}),
    reads=READS,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class IamListing:
    """Reads objects by name, one call each: the listing calls of IAM leave out the tags.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListInstanceProfiles.html

    ``noun`` is the object's name in calls (``get_<noun>``). ``answer`` is the key of an object in
    an answer. ``name`` is the property with the object's name.
    """

    noun: str
    answer: str
    name: str
    longest_name: int
    calls: tuple[str, ...] = ()
    index: Index | None = None

    def by_id(self, aws: Connection, ids: Iterable[str]) -> Iterator[Described]:
        """See ``table.Listing``."""
        found = aws.each(lambda name: self._one(aws, name), ids)
        return (one for one in found if one is not None)

    def _one(self, aws: Connection, name: str) -> Described | None:
        one = one_or_none(aws, f"get_{self.noun}", self.answer, **{self.name: name})
        return one if one is not None and one[self.name] == name else None

    def by_operation(self, aws: Connection, operation: Operation) -> Iterator[Described]:
        """Nothing: IAM cannot search for tags, but every object has a name."""
        return iter(())

    def by_marks(self, aws: Connection, marks: Marks) -> Iterator[Described]:
        """The objects whose names may have been generated for these addresses."""
        listing = (f"list_{self.noun}s", f"{self.answer}s")
        names = (one[self.name] for one in aws.pages("iam", *listing, PaginationConfig=PAGE))
        return self.by_id(
            aws, [n for n in names if is_generated(n, marks.addresses, self.longest_name)]
        )

    def by_key(self, aws: Connection, operation: Operation) -> Iterator[Described]:
        """See ``table.Listing``."""
        return self.by_id(aws, [self.name_of(operation)])

    def name_of(self, operation: Operation) -> str:
        """The object's name: the one in the spec, or one generated for the operation."""
        given = operation.properties.get(self.name)
        return str(given or generated_name(operation, self.longest_name))


@dataclass(frozen=True, slots=True, kw_only=True)
class IamTags:
    """Tags for the creating call; later by the object's name."""

    noun: str
    name: str
    declared: str = "Tags"
    limits: TagLimits = IAM_TAGS
    late: bool = False
    as_map: bool = False

    @property
    def calls(self) -> tuple[str, ...]:
        """See ``table.Tagging``."""
        return (f"tag_{self.noun}", f"untag_{self.noun}")

    def at_creation(self, operation: Operation) -> Mapping[str, Any]:
        """See ``table.Tagging``."""
        return {"Tags": tag_list(creation_tags(operation))}

    def put(self, aws: Connection, described: Described, tags: Mapping[str, str]) -> None:
        """See ``table.Tagging``."""
        named = {self.name: described[self.name]}
        aws.call("iam", f"tag_{self.noun}", **named, Tags=tag_list(tags))

    def remove(self, aws: Connection, described: Described, keys: Iterable[str]) -> None:
        """See ``table.Tagging``."""
        named = {self.name: described[self.name]}
        aws.call("iam", f"untag_{self.noun}", **named, TagKeys=list(keys))
