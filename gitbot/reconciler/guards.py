"""Find what holds an apply, however well it was reviewed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gitbot.model.desired import DesiredStack
from gitbot.model.names import Address
from gitbot.model.plan import Action, Change, Guard, GuardHit, Plan
from gitbot.model.recorded import StackHeader


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedTag:
    """A tag that was at the commit ``before`` when a stack was last applied."""

    tag: str
    before: str
    after: str


MASS_DELETE_SHARE = 0.3
"""An apply that deletes more than this share of an environment's resources is held."""

MASS_DELETE_FROM = 10
"""In a smaller environment a share of the resources says nothing (docs/adr/0004)."""


_BLOCKED = (
    "Specs of this environment have errors, and what does not load looks as if it had been "
    "removed: nothing is deleted until they are fixed"
)
_RENAMED = (
    "Another stack with the same resources was removed or added in the same change. If it is "
    "this one under another name, set metadata.moved to the former name; otherwise what "
    "one creates the other deletes"
)


def guards(
    plan: Plan,
    *,
    environment_resources: int,
    environment_has_errors: bool,
    environment_deletions: int | None = None,
    renamed: bool = False,
    moved_tags: Iterable[MovedTag] = (),
    users: Sequence[str] = (),
) -> tuple[GuardHit, ...]:
    """The guards that hold an apply of the plan, in order of ``Guard``.

    ``environment_resources`` is how many resources state has in the whole environment before the
    apply; ``environment_deletions``, how many of them the plans of one apply delete together (None:
    this plan alone). ``moved_tags`` are those at which it takes modules, ``users`` other stacks that go
    on using its outputs. Taking a resource out of state meets no guard, nor does deleting the old
    object of a released replacement. Details end without a full stop, so they can be joined.
    """
    hits = [
        *_stateful(plan, Action.REPLACE, Guard.STATEFUL_REPLACE),
        *_stateful(plan, Action.DELETE, Guard.STATEFUL_DELETE),
        *_deleting(plan, environment_resources, environment_deletions, environment_has_errors),
    ]
    if renamed:
        hits.append(GuardHit(guard=Guard.RENAMED_STACK, detail=_RENAMED))
    if users:
        hits.append(GuardHit(guard=Guard.STILL_USED, detail=_used_by(users), blocks=True))
    hits.extend(_taken_over(plan))
    hits.extend(_already_there(plan))
    hits.extend(_moved_tag(plan, tuple(moved_tags)))
    return tuple(hits)


def _deleting(
    plan: Plan, resources: int, deletions: int | None, has_errors: bool
) -> Iterator[GuardHit]:
    """The guards against deleting much at once, and against deleting while specs have errors."""
    deleted = _addresses(plan, Action.DELETE, stateful=False)
    if not deleted:
        return
    total = len(deleted) if deletions is None else deletions
    if _is_mass(total, resources):
        detail = (
            f"{total} of the environment's {resources} resources would be deleted: "
            f"more than {MASS_DELETE_SHARE:.0%}"
        )
        yield GuardHit(guard=Guard.MASS_DELETE, detail=detail, addresses=deleted)
    if has_errors:
        yield GuardHit(
            guard=Guard.DIAGNOSTICS_BLOCK_DELETE, detail=_BLOCKED, blocks=True, addresses=deleted
        )


def _used_by(users: Sequence[str]) -> str:
    names = ", ".join(f"`{name}`" for name in users)
    use = "uses" if len(users) == 1 else "use"
    return f"{names} still {use} its outputs: destroy or change {names} first"


def _is_mass(deletions: int, resources: int) -> bool:
    return resources >= MASS_DELETE_FROM and deletions > MASS_DELETE_SHARE * resources


def _stateful(plan: Plan, action: Action, guard: Guard) -> Sequence[GuardHit]:
    addresses = _addresses(plan, action, stateful=True)
    if not addresses:
        return ()
    changes = {
        change.address: change
        for change in plan.changes
        if change.action is action and _counts(change)
    }
    kept = [address for address in addresses if changes[address].snapshots]
    lost = [address for address in addresses if address not in kept]
    copied = ": nothing is copied" if action is Action.REPLACE else ""
    verb = "replaced" if action is Action.REPLACE else "deleted"
    details = []
    if lost:
        they = "it is" if len(lost) == 1 else "they are"
        names = _named(changes, lost)
        details.append(f"all data in {names} is lost when {they} {verb}{copied}")
    if kept:
        they = "it is" if len(kept) == 1 else "they are"
        names = _named(changes, kept)
        details.append(f"the data in {names} stays in a snapshot alone when {they} {verb}")
    return (GuardHit(guard=guard, detail="; ".join(details), addresses=addresses),)


def _named(changes: Mapping[Address, Change], addresses: Sequence[Address]) -> str:
    """The objects of the changes, by identifier and address."""
    return ", ".join(
        f"`{address}`"
        if (remote_id := changes[address].remote_id) is None
        else f"`{remote_id}` ({address})"
        for address in addresses
    )


def _taken_over(plan: Plan) -> Sequence[GuardHit]:
    taken = [change for change in plan.changes if change.takes_over]
    if not taken:
        return ()
    names = ", ".join(f"`{change.remote_id}` ({change.address})" for change in taken)
    was = "was" if len(taken) == 1 else "were"
    detail = (
        f"{names} {was} not made by gitbot. Whoever uses it now is not asked: it becomes what the "
        "spec says, and what the plan does not show of it may be lost"
    )
    return (
        GuardHit(
            guard=Guard.TAKE_OVER, detail=detail, addresses=tuple(each.address for each in taken)
        ),
    )


def _already_there(plan: Plan) -> Sequence[GuardHit]:
    made = [change for change in plan.changes if change.rivals]
    if not made:
        return ()
    found = "; ".join(f"`{c.address}`: {words}" for c in made for words in c.rivals)
    detail = (
        f"what would be created may be there already ({found}). If that state was lost or moved, bring "
        "it here first (docs/state.md); otherwise a second object is made beside it, or refused where there can be one of that name only"
    )
    return (
        GuardHit(
            guard=Guard.ALREADY_THERE, detail=detail, addresses=tuple(each.address for each in made)
        ),
    )


def moved_tags(
    desired: DesiredStack | None, recorded: Iterable[StackHeader]
) -> tuple[MovedTag, ...]:
    """The tags at which the stack takes modules, and that had another commit at its last apply.

    ``recorded`` are the stacks of its environment. A stack with a new name goes on with the former one.
    """
    if desired is None:
        return ()
    places = {one.id.name: one.module_tags for one in recorded if one.id.region == desired.region}
    known = places.get(desired.name) or places.get(desired.moved_from or "") or {}
    return tuple(
        MovedTag(tag=tag, before=known[tag], after=commit)
        for tag, commit in sorted(desired.module_tags.items())
        if known.get(tag, commit) != commit
    )


def _moved_tag(plan: Plan, moved: Sequence[MovedTag]) -> Sequence[GuardHit]:
    if not moved or plan.asks_nobody:
        return ()
    words = "; ".join(
        f"the tag `{one.tag}` was at the commit `{one.before[:12]}` when the stack was last applied, and "
        f"is at `{one.after[:12]}` now"
        for one in moved
    )
    detail = f"{words}. What its modules say has changed without a change of the specs"
    return (GuardHit(guard=Guard.MOVED_TAG, detail=detail),)


def _addresses(plan: Plan, action: Action, *, stateful: bool) -> tuple[Address, ...]:
    return tuple(
        sorted(
            change.address
            for change in plan.changes
            if change.action is action and _counts(change) and (change.stateful or not stateful)
        )
    )


def _counts(change: Change) -> bool:
    return change.deposed_operation is None
