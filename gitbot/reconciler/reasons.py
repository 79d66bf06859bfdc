"""Write the sentences in which a plan gives its reasons. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gitbot.model.cautions import Caution
from gitbot.model.names import Address
from gitbot.model.placement import PLACEMENT
from gitbot.model.plan import PathChange, Trigger
from gitbot.model.recorded import RecordedResource
from gitbot.model.schema import TypeSchema
from gitbot.model.values import Value, canonical_json, is_known, is_sensitive
from gitbot.reconciler.pointers import PatternSet, parse, values_at, words_of
from gitbot.reconciler.turns import comes, turns
from gitbot.reconciler.weaker import stacks_of

_LONGEST_VALUE = 200

FORCED = "Somebody asked for its replacement (`--replace`)."
RECREATED = "It was deleted outside gitbot, so it is created again."
TAINTED = "Its creation did not finish, so it is replaced."
GONE = "It was deleted outside gitbot already, so it is only taken out of state."
KEPT = "`removed` says that it is kept, so it is taken out of state and stays in the cloud."
RETAINED = (
    "Its lifecycle.retain or its environment's deleteOnRemove says that it stays: it is only taken out "
    "of state."
)
LEFT_STOPPED = "An earlier apply stopped it and did not start it again, so it is started."
DEPOSED = "It is the old object of a replacement and was not deleted yet."
RESTART = (
    "The change needs a restart: it is stopped, changed and brought back to the state it was in."
)


def goes_with(other: Address) -> str:
    """Why it is replaced although nothing of it changes."""
    return f"It is deleted with the old object of {other}, and made again for the new one."


def of_replacement(paths: Sequence[PathChange], recorded: RecordedResource) -> tuple[str, ...]:
    """For each path that forces a replacement, or may force one, the reason why, each once."""
    made_with = PatternSet(recorded.create_only)
    found: list[str] = []
    for path in paths:
        words = _place(path)
        if path.forces and path.path == f"/{PLACEMENT}":
            found.append(
                f"It runs as {path.before}, and that is no choice of its placement any more."
            )
            continue
        if path.forces:
            found.append(f"{words} can only be set at creation, so changing it means replacing.")
        elif path.may_force and not is_known(path.after):
            found.append(
                f"{words} can only be set at creation and its value is known after apply: "
                f"if it differs, this is replaced.{_comes_from(path.after)}"
            )
        forcing = path.forces or path.may_force
        if forcing and recorded.create_only and not made_with.touches(parse(path.path)):
            found.append(
                f"{words} could still be changed in place when this was created: "
                "the schema pack has changed since."
            )
    return tuple(dict.fromkeys(found))


def _place(path: PathChange) -> str:
    """The path in words. An element that comes has the index of the spec, one that goes that of the cloud: told is neither."""
    steps = parse(path.path)
    comes_or_goes = path.added or (path.removed and path.after is None)
    element = comes_or_goes and len(steps) > 1 and steps[-1].isdigit()
    return f"{words_of(steps[:-1])}[…]" if element else words_of(steps)


def _comes_from(value: Value) -> str:
    """Which stacks to apply first, so that the plan knows a value that it does not know yet."""
    names = sorted(stacks_of(value))
    if not names:
        return ""
    return (
        f" It depends on outputs of {', '.join(names)}, which may change: once that is applied, a new plan "
        "tells."
    )


def triggered(trigger: Trigger) -> str:
    """Why a value of ``lifecycle.replaceWhen`` replaces the object, or may."""
    name = f"lifecycle.replaceWhen.{trigger.name}"
    if trigger.may:
        return (
            f"{name} is known after apply: if it is another one then, this is replaced."
            f"{_comes_from(trigger.after)}"
        )
    before, after = trigger.before, trigger.after
    anyway = f"{name} is another one, so this is replaced."
    if is_sensitive(before) or is_sensitive(after):
        return anyway
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        parts = ", ".join(_other_parts(before, after))
        return f"{name} is another one ({parts}), so this is replaced." if parts else anyway
    if not is_known(after):
        return anyway
    texts = [canonical_json(each) for each in (before, after)]
    if max(map(len, texts)) > _LONGEST_VALUE:
        return anyway
    return f"{name} changes from {texts[0]} to {texts[1]}, so this is replaced."


def _other_parts(before: Mapping[str, Value], after: Mapping[str, Value]) -> list[str]:
    """The keys under which two maps differ, as far as that is known."""
    found: list[str] = []
    for name in sorted(before.keys() | after.keys()):
        one, other = before.get(name), after.get(name)
        if isinstance(one, Mapping) and isinstance(other, Mapping):
            found += (f"{name}.{each}" for each in _other_parts(one, other))
        elif is_known(other) and canonical_json(one) != canonical_json(other):
            found.append(name)
    return found


def of_update(paths: Sequence[PathChange], *, restarted: bool) -> tuple[str, ...]:
    """What an update does besides setting values."""
    found = [
        f"{_place(path)} may be impossible to change in place: the cloud decides."
        for path in paths
        if path.may_force
    ]
    if restarted:
        found.append(RESTART)
    return tuple(dict.fromkeys(found))


def cautions(
    schema: TypeSchema,
    paths: Sequence[PathChange],
    observed: Mapping[str, Value],
    desired: Mapping[str, Value],
    *,
    restarted: bool,
) -> tuple[Caution, ...]:
    """What the type says about this update that people do not expect."""
    return tuple(
        caution
        for caution in schema.cautions
        if not caution.made
        and not caution.secret
        and (
            any(turns(path, caution, observed) for path in paths) if caution.changed else restarted
        )
        and _concerns(caution, observed)
        and comes(caution, observed, desired)
    )


def of_creation(schema: TypeSchema, properties: Mapping[str, Value]) -> tuple[str, ...]:
    """What the type says about a new object with these properties that people do not expect."""
    said = (
        caution.says
        for caution in schema.cautions
        if caution.made and _concerns(caution, properties)
    )
    return tuple(dict.fromkeys(said))


def _concerns(caution: Caution, properties: Mapping[str, Value]) -> bool:
    """Whether it is about an object with these properties."""
    if not caution.begins:
        return True
    found = values_at(properties, parse(caution.where))
    return any(str(value).startswith(caution.begins) for _, value in found)


def lost_with(schema: TypeSchema, *, snapshots: bool = False) -> str:
    """What is lost when an object of the type is deleted or replaced; empty for nothing."""
    if snapshots:
        return "its data stays in a snapshot alone"
    return schema.losses.gone or ("all its data is lost" if schema.stateful else "")


def fate(schema: TypeSchema | None, observed: Mapping[str, Value] | None) -> tuple[str, ...]:
    """What becomes of the parts of an object that goes; nothing where nobody knows."""
    if schema is None or schema.fate is None or observed is None:
        return ()
    return schema.fate(observed)


def other_type(before: str, after: str) -> str:
    """The address now names another type."""
    return f"Its type changes from {before} to {after}, so it is replaced."


def keeps_name(name: str) -> str:
    """Why the old object goes first."""
    return (
        f"It keeps {name}, which only one object can have at a time, so the old object is deleted "
        "before the new one is created."
    )


def placed(choices: str) -> str:
    """As what the new object is started."""
    return f"It is started as what AWS has room for: {choices}."


def belongs_to(owner: str) -> str:
    """Why a recorded object is not deleted."""
    return f"It belongs to {owner}, so it is only taken out of state here."


def stranded(left: Address) -> str:
    """What may keep an object from being deleted."""
    return f"`{left}` stays in the cloud and depends on it: the cloud may refuse to delete it."


def follows(dependent: Address) -> str:
    """Why a dependency is created first."""
    return f"The new object is created first, because {dependent} is replaced that way and uses it."


def goes_before(dependency: Address) -> str:
    """Why a dependent is deleted first."""
    return f"The old object is deleted first, because {dependency} is replaced that way and is used by it."


def held_by(dependents: Sequence[Address], name: str) -> str:
    """Why the cloud may refuse to delete the old object first."""
    use = "uses" if len(dependents) == 1 else "use"
    return (
        f"{', '.join(dependents)} still {use} the old object when it is to be deleted, and the cloud "
        f"may refuse: with another value than {name} the new object is made first."
    )


def may_be_renamed(new: Address, line: str, given: Sequence[str]) -> str:
    """How to keep an object whose address was only renamed: by this line, and ``given`` what it cannot be given later."""
    values = f"give it the former {' and '.join(given)} and " if given else ""
    return f"If `{new}` is the same object under a new name, {values}write {line}: then it is kept."
