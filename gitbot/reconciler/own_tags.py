"""Tell that gitbot's own tags were taken off an object, and that a change puts them back. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from gitbot.model.observed import Observation, Present
from gitbot.model.plan import Cause, PathChange
from gitbot.model.schema import TypeSchema
from gitbot.model.tags import LINEAGE_TAG
from gitbot.reconciler.pointers import PatternSet, parse

_SAYS = "somebody took gitbot's own tags off it, by which a lost state finds it again"


def taken_off(
    schema: TypeSchema, observed: Observation | None, lineage: str, ignore: Sequence[str]
) -> tuple[PathChange, ...]:
    """The tag of the lineage as a path that is missing, where a recorded object has lost it.

    It stands for all of gitbot's tags. What ``ignore`` names is left as it is.
    """
    if not isinstance(observed, Present) or not observed.unmarked or not lineage:
        return ()
    path = f"{schema.tags_path or '/Tags'}/{LINEAGE_TAG}"
    if ignore and PatternSet(ignore).reaches(parse(path)):
        return ()
    return (PathChange(path=path, after=lineage, added=True, cause=Cause.DRIFT, note=_SAYS),)


def is_own_tag(path: str) -> bool:
    """Whether the path of a change is that tag: no handler sets it, but who takes an object over does."""
    return path.rpartition("/")[2] == LINEAGE_TAG
