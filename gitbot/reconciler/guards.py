"""What always holds an apply, however well it was reviewed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from gitbot.model.desired import DesiredStack
from gitbot.model.names import Address
from gitbot.model.plan import Action, Change, Guard, GuardHit, Plan
from gitbot.model.recorded import RecordedStack
from gitbot.model.schema import SchemaLookup
from gitbot.reconciler.naming import natural_name

MASS_DELETE_SHARE = 0.3
"""An apply that deletes more than this share of an environment's resources is held."""

MASS_DELETE_FROM = 10
"""How many resources an environment must have before a share of them says something
(docs/adr/0004)."""


def guards(
    plan: Plan,
    *,
    environment_resources: int,
    environment_has_errors: bool,
    environment_deletions: int | None = None,
    renamed: bool = False,
) -> tuple[GuardHit, ...]:
    """The guards that an apply of the plan meets, in order of ``Guard``.

    ``environment_resources`` is how many resources state has in the whole environment before the
    apply; ``environment_deletions`` how many of them the plans of one apply delete together, this
    one's alone when None. Taking something out of state, and deleting the old object of a
    replacement that was already released, meet no guard. A detail ends without a full stop, so
    that several can be joined.
    """
    deleted = _addresses(plan, Action.DELETE, stateful=False)
    hits = [
        *_stateful(plan, Action.REPLACE, Guard.STATEFUL_REPLACE),
        *_stateful(plan, Action.DELETE, Guard.STATEFUL_DELETE),
    ]
    total = len(deleted) if environment_deletions is None else environment_deletions
    many = environment_resources >= MASS_DELETE_FROM
    if deleted and many and total > MASS_DELETE_SHARE * environment_resources:
        detail = (
            f"{total} of the environment's {environment_resources} resources would be deleted: "
            f"more than {MASS_DELETE_SHARE:.0%}"
        )
        hits.append(GuardHit(guard=Guard.MASS_DELETE, detail=detail, addresses=deleted))
    if deleted and environment_has_errors:
        detail = (
            "Specs of this environment have errors, and what does not load looks as if it had been "
            "removed: nothing is deleted until they are mended"
        )
        hits.append(
            GuardHit(
                guard=Guard.DIAGNOSTICS_BLOCK_DELETE,
                detail=detail,
                blocks=True,
                addresses=deleted,
            )
        )
    if renamed:
        detail = (
            "Another stack with the same resources was removed or added in the same change. If it is "
            "this one under another name, set metadata.moved to the former name; otherwise what "
            "one creates the other deletes"
        )
        hits.append(GuardHit(guard=Guard.RENAMED_STACK, detail=detail))
    return tuple(hits)


def renamed_stacks(
    desired: Iterable[DesiredStack], recorded: Iterable[RecordedStack], schemas: SchemaLookup
) -> Mapping[str, str]:
    """Former name to new name of stacks that look renamed without ``metadata.moved``.

    A stack that state has and the specs have no more is taken for the new stack (one that state
    does not have) with which it shares most: every natural key, or every address with its type.
    """
    wanted = sorted(desired, key=lambda stack: stack.name)
    known = sorted((stack for stack in recorded if not stack.empty), key=lambda one: one.id.name)
    names = {stack.name for stack in wanted}
    before = {stack.id.name for stack in known}
    moved = {stack.moved_from for stack in wanted}
    fresh = [stack for stack in wanted if stack.name not in before]
    found: dict[str, str] = {}
    for gone in known:
        if gone.id.name in names or gone.id.name in moved:
            continue
        for stack in fresh:
            taken = stack.name in found.values() or stack.moved_from is not None
            if not taken and _looks_like(gone, stack, schemas):
                found[gone.id.name] = stack.name
                break
    return found


def _looks_like(gone: RecordedStack, stack: DesiredStack, schemas: SchemaLookup) -> bool:
    had = {(address, resource.type) for address, resource in gone.resources.items()}
    wants = {(address, resource.type) for address, resource in stack.resources.items()}
    if had and had == wants:
        return True
    had_names = _names(gone.resources, schemas)
    return bool(had_names & _names(stack.resources, schemas))


def _names(resources: Mapping[Address, object], schemas: SchemaLookup) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for resource in resources.values():
        type_, properties = getattr(resource, "type", ""), getattr(resource, "properties", {})
        schema = schemas(type_)
        name = natural_name(schema, properties) if schema is not None else ""
        if name:
            found.add((type_, name))
    return found


def _stateful(plan: Plan, action: Action, guard: Guard) -> Sequence[GuardHit]:
    addresses = _addresses(plan, action, stateful=True)
    if not addresses:
        return ()
    named = {
        change.address: f"`{change.remote_id}` ({change.address})"
        for change in plan.changes
        if change.action is action and _counts(change) and change.remote_id is not None
    }
    lost = ", ".join(named.get(address, f"`{address}`") for address in addresses)
    copied = ": nothing is copied" if action is Action.REPLACE else ""
    verb = "replaced" if action is Action.REPLACE else "deleted"
    they = "it is" if len(addresses) == 1 else "they are"
    detail = f"all data in {lost} is lost when {they} {verb}{copied}"
    return (GuardHit(guard=guard, detail=detail, addresses=addresses),)


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
