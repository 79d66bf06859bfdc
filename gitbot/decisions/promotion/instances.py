"""Says which instances a promoted document stands for: one for each region that it names. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from gitbot.language.editing.pieces import EditError, documents_of
from gitbot.model.desired import DesiredStack
from gitbot.model.freeze import ALLOWED, Verdict
from gitbot.model.names import written_name
from gitbot.model.values import sha256_hex


def instances_in(stacks: Iterable[str], document: str) -> tuple[str, ...]:
    """The stacks that the document of this name stands for, sorted."""
    return tuple(sorted(one for one in stacks if written_name(one) == document))


def hash_of(stacks: Mapping[str, DesiredStack], document: str) -> str | None:
    """The desired hash of the document: of several instances it changes when that of any does.

    None when it has no instance.
    """
    names = instances_in(stacks, document)
    if not names or names == (document,):
        return stacks[document].hash if names else None
    return sha256_hex(repr([(name, stacks[name].hash) for name in names]))


def names_of(document: str, *texts: str) -> tuple[str, ...]:
    """The stacks of the document in these texts of it, sorted; empty texts have none."""
    found = set()
    for text in filter(None, texts):
        try:
            plain = documents_of(text)[0]
        except (EditError, IndexError):
            continue
        found |= set(named_in(document, plain))
    return tuple(sorted(found or {document}))


def named_in(document: str, plain: Any) -> tuple[str, ...]:
    """The stacks that a document of this name declares, in its order."""
    regions = _written(plain)
    return (document,) if regions is None else tuple(f"{document}@{one}" for one in regions)


def _written(plain: Any) -> list[str] | None:
    """The regions that the document names; None when it has no such list."""
    spec = plain.get("spec") if isinstance(plain, dict) else None
    regions = spec.get("regions") if isinstance(spec, dict) else None
    if not isinstance(regions, list):
        return None
    return [one for one in regions if isinstance(one, str)]


def with_ended(
    without: dict[str, Any], ours: dict[str, Any], ended: Collection[str]
) -> dict[str, Any]:
    """The document, also in those regions of the target in which expiry ended the source's instance."""
    now, wanted = _written(ours), _written(without)
    kept = [one for one in now or () if one in ended and one not in (wanted or ())]
    if not kept or wanted is None:
        return without
    regions = [one for one in now or () if one in kept or one in wanted]
    regions += [one for one in wanted if one not in regions]
    return {**without, "spec": {**without["spec"], "regions": regions}}


def with_regions_kept(
    without: dict[str, Any], ours: dict[str, Any], home: str
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The document in all regions in which the stack is now, and the stacks that would go otherwise.

    ``ours`` is what the target has, ``without`` what it is to have, and ``home`` the region of the
    target. The instance from which a stack without regions goes on (``metadata.moved``) does not go.
    """
    now, wanted = _written(ours), _written(without)
    before = [home] if now is None else now
    after = [home] if wanted is None else wanted
    metadata = without.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    moved = metadata.get("moved") if isinstance(metadata, dict) else None
    stays = {moved.partition("@")[2]} if wanted is None and isinstance(moved, str) else set()
    gone = [
        one
        for one in before
        if one not in stays and (one not in after or (wanted is None and now is not None))
    ]
    if not gone:
        return without, ()
    names = tuple(f"{name}@{one}" for one in gone)
    if wanted is None:
        # A stack with regions has no region to be moved from: both come with the deletions.
        former = ours.get("metadata")
        moves = {"moved": former["moved"]} if isinstance(former, dict) and "moved" in former else {}
        kept = {key: one for key, one in (metadata or {}).items() if key != "moved"}
        document = {**without, "metadata": {**kept, **moves}}
        return {**document, "spec": {**without["spec"], "regions": list(before)}}, names
    regions = [*before, *(one for one in after if one not in before)]
    return {**without, "spec": {**without["spec"], "regions": regions}}, names


def window_of(verdicts: Mapping[str, Verdict]) -> Verdict:
    """What the windows say of all stacks of a document: the one that keeps it longest, with its name."""
    closed = [(name, one) for name, one in sorted(verdicts.items()) if not one.allowed]
    if not closed:
        return next(iter(verdicts.values()), ALLOWED)
    forever = [(name, one) for name, one in closed if one.next_open is None]
    opens = sorted(closed, key=lambda each: str(each[1].next_open))
    name, verdict = forever[0] if forever else opens[-1]
    if len(verdicts) == 1:
        return verdict
    return Verdict(
        allowed=False,
        why=f"`{name}`: {verdict.why}",
        next_open=verdict.next_open,
        next_close=verdict.next_close,
    )


def regions_of(names: Sequence[str]) -> tuple[str, ...]:
    """The regions in the names of a document's stacks; none where it has none."""
    return tuple(one.partition("@")[2] for one in names if "@" in one)
