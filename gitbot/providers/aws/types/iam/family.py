"""Say how IAM lists, tags and refuses, for the types that are tables. Shell.

https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gitbot.model.cloud import Operation
from gitbot.providers.aws.dialect import Dialect, Name
from gitbot.providers.aws.native import Index
from gitbot.providers.aws.plain import PlainTags
from gitbot.providers.aws.table import Described, Properties, Update
from gitbot.providers.aws.tagging import IAM_TAGS, Marks, is_generated
from gitbot.providers.aws.types.iam.holders import FEW, GONE, PAGE, Holder, held
from gitbot.providers.aws.types.iam.reading import one_or_none

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

TAKEN = frozenset({"EntityAlreadyExists"})

IAM = Dialect(
    service="iam",
    absent=frozenset({GONE}),
    busy=frozenset({"DeleteConflict"}),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class IamListing:
    """Reads objects by name, one call each: the listing calls of IAM leave out the tags.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListInstanceProfiles.html

    ``noun`` is the object's name in calls (``get_<noun>``). ``answer`` is the key of an object in
    an answer. With a ``holder``, many are read in pages of the account, with their policies. ``tagged``:
    objects have tags, so that a lost one is searched.
    """

    noun: str
    answer: str
    name: Name
    holder: Holder | None = None
    tagged: bool = True
    index: Index | None = None

    @property
    def calls(self) -> tuple[str, ...]:
        """See ``table.Listing``."""
        holding = self.holder.reads if self.holder is not None else ()
        searching = (f"list_{self.noun}s",) if self.tagged else ()
        return (f"get_{self.noun}", *searching, *holding)

    def by_id(self, aws: Connection, ids: Iterable[str]) -> Iterator[Described]:
        """See ``table.Listing``."""
        names = list(ids)
        if self.holder is not None and len(names) > FEW:
            return ({**detail, **held(detail)} for detail in self.holder.details(aws))
        found = aws.each(lambda name: self._one(aws, name), names)
        return (one for one in found if one is not None)

    def _one(self, aws: Connection, name: str) -> Described | None:
        own = self.name.property
        one = one_or_none(aws, f"get_{self.noun}", self.answer, **{own: name})
        return one if one is not None and one[own] == name else None

    def by_operation(self, aws: Connection, operation: Operation) -> Iterator[Described]:
        """Nothing: IAM cannot search for tags, but every object has a name."""
        return iter(())

    def by_marks(self, aws: Connection, marks: Marks) -> Iterator[Described]:
        """The objects whose names may have been generated for these addresses."""
        listing = (f"list_{self.noun}s", f"{self.answer}s")
        listed = aws.pages("iam", *listing, PaginationConfig=PAGE)
        names = [one[self.name.property] for one in listed]
        longest = self.name.longest
        return self.by_id(aws, [n for n in names if is_generated(n, marks.addresses, longest)])

    def by_key(self, aws: Connection, operation: Operation) -> Iterator[Described]:
        """See ``table.Listing``."""
        return self.by_id(aws, [self.name.of(operation)])


def moving(noun: str) -> Update:
    """The call that gives an object with this name in calls another path, and so another ARN."""
    return Update(
        call=f"update_{noun}",
        sends=("Path",),
        parameters=lambda new, _: {"NewPath": new["Path"]},
    )


def tags(noun: str, target: Callable[[Described], Properties], declared: str = "Tags") -> PlainTags:
    """The tags of objects with this name in calls; IAM's keys are one whatever the case of their letters."""
    return PlainTags(
        dialect=IAM,
        target=target,
        declared=declared,
        limits=IAM_TAGS,
        putting=f"tag_{noun}",
        removing=f"untag_{noun}",
    )
