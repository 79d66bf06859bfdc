"""Tell that gitbot's own tags were taken off an object or say something else, and that a change puts them right. Pure.

An object is the stack's own by state and by the tag of the lineage. What the other tags say gives it to nobody else; yet
by them a lost state finds it again, and rights to use it may be given.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gitbot.model.names import Address, StackId
from gitbot.model.observed import Observation, Present
from gitbot.model.plan import Cause, PathChange
from gitbot.model.schema import Route, TypeSchema
from gitbot.model.tags import LINEAGE_TAG, RESOURCE_TAG, STACK_TAG, address_text
from gitbot.reconciler.pointers import PatternSet, parse

_OFF = "somebody took gitbot's own tags off it, by which a lost state finds it again"
_OTHER = "somebody made gitbot's own tag say that it is another stack's or resource's"
_RENAMED = "the tag still has the former name of the stack"


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """What gitbot's own tags say on the objects of a stack.

    ``former`` is the label of the stack before it was renamed; empty if it was not.
    """

    lineage: str = ""
    label: str = ""
    former: str = ""

    @classmethod
    def of(cls, stack: StackId, lineage: str, former: str | None = None) -> Marks:
        """The marks of a stack, which may have had another name."""
        before = "" if former is None else f"{stack.environment}/{former}"
        return cls(lineage=lineage, label=stack.label, former=before)


def wrong_tags(
    schema: TypeSchema,
    observed: Observation | None,
    marks: Marks,
    addresses: Sequence[Address],
    ignore: Sequence[str],
) -> tuple[PathChange, ...]:
    """The tags of gitbot's that a recorded object lacks, or that say something else, as paths.

    The tag of the lineage stands for all that are missing. ``addresses`` are those that the tag of the resource may
    have: of one that moves, both. What ``ignore`` names is left as it is.
    """
    if not isinstance(observed, Present) or not marks.lineage:
        return ()
    root, patterns = schema.tags_path or "/Tags", PatternSet(ignore)
    found = [*_missing(root, observed, marks)]
    if schema.route is Route.NATIVE:  # of the others, many have tags that never change
        found += _saying(root, observed, marks, addresses)
    return tuple(one for one in found if not (ignore and patterns.reaches(parse(one.path))))


def _missing(root: str, observed: Present, marks: Marks) -> Iterator[PathChange]:
    if observed.unmarked:
        path = f"{root}/{LINEAGE_TAG}"
        yield PathChange(path=path, after=marks.lineage, added=True, cause=Cause.DRIFT, note=_OFF)


def _saying(
    root: str, observed: Present, marks: Marks, addresses: Sequence[Address]
) -> Iterator[PathChange]:
    label = observed.ownership.get(STACK_TAG, marks.label)
    if marks.label and label != marks.label:
        renamed = label == marks.former
        yield PathChange(
            path=f"{root}/{STACK_TAG}",
            before=label,
            after=marks.label,
            cause=Cause.CHANGE if renamed else Cause.DRIFT,
            note=_RENAMED if renamed else _OTHER,
        )
    wanted = [address_text(one) for one in addresses]
    address = observed.ownership.get(RESOURCE_TAG)
    if wanted and address is not None and address not in wanted:
        path = f"{root}/{RESOURCE_TAG}"
        yield PathChange(path=path, before=address, after=wanted[0], cause=Cause.DRIFT, note=_OTHER)


def is_own_tag(path: str) -> bool:
    """Whether the path of a change is such a tag: no handler sets it, but who takes an object over does."""
    return path.rpartition("/")[2] in (LINEAGE_TAG, STACK_TAG, RESOURCE_TAG)
