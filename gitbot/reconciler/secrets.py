"""Compare values that are made of secrets without knowing the secrets. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from gitbot.model.codec import encode_value
from gitbot.model.desired import DesiredResource, DesiredStack
from gitbot.model.plan import PathChange
from gitbot.model.recorded import RecordedResource
from gitbot.model.schema import TypeSchema
from gitbot.model.secret_references import (
    made_of_secrets,
    parse_reference,
    with_versions,
    without_versions,
)
from gitbot.model.values import (
    Origin,
    Redacted,
    Redactor,
    Sensitive,
    Unknown,
    Value,
    has_secrets,
    leaves,
    map_leaves,
    redact,
)
from gitbot.reconciler.pointers import parse, words_of
from gitbot.reconciler.rules import rules_of

_SHOWN = 8


def versioned(stack: DesiredStack, versions: Mapping[str, str], redactor: Redactor) -> DesiredStack:
    """The stack, whose resources know the versions of their secrets."""
    return replace(
        stack,
        resources={
            address: _versioned(one, versions, redactor) for address, one in stack.resources.items()
        },
    )


def _versioned(
    one: DesiredResource, versions: Mapping[str, str], redactor: Redactor
) -> DesiredResource:
    replacing = one.lifecycle.replace_when
    if has_secrets(replacing):
        stamped = with_versions(replacing, versions)
        stamped = map_leaves(stamped, lambda leaf: _stamp(leaf, redactor))
        one = replace(one, lifecycle=replace(one.lifecycle, replace_when=stamped))
    if has_secrets(one.properties):
        one = replace(one, properties=with_versions(one.properties, versions))
    return one


def _stamp(leaf: Value, redactor: Redactor) -> Value:
    """In place of a value that only tells when it becomes another one: nobody opens its secrets."""
    if not isinstance(leaf, Unknown) or not leaf.secrets:
        return leaf
    return Sensitive([definition_of(leaf, redactor), sorted(leaf.secrets.items())])


def definition_of(unknown: Unknown, redactor: Redactor) -> str:
    """The keyed hash of the expression and of everything that it uses but secrets."""
    return redactor(encode_value(redact(without_versions(unknown), redactor))).digest


def kept(
    wanted: Mapping[str, Value],
    recorded: Mapping[str, Value],
    redactor: Redactor,
    changed: Collection[str] = (),
) -> Mapping[str, Value]:
    """The properties, in which what is made of secrets is the recorded hash where nothing moved.

    The same expression with the same versions gives the same value. Properties in ``changed`` stay
    as they are.
    """
    if not has_secrets(wanted):
        return wanted
    known = {origin.definition: (leaf, origin) for leaf, origin in _hashed(recorded)}

    def change(leaf: Value) -> Value:
        if not isinstance(leaf, Unknown) or not leaf.secrets:
            return leaf
        hashed, origin = known.get(definition_of(leaf, redactor), (leaf, None))
        return hashed if origin is not None and _same(leaf.secrets, origin.secrets) else leaf

    return {
        name: value if name in changed else map_leaves(value, change)
        for name, value in wanted.items()
    }


def _hashed(tree: Any) -> Iterator[tuple[Redacted, Origin]]:
    for leaf in leaves(tree):
        if isinstance(leaf, Redacted) and leaf.origin is not None:
            yield leaf, leaf.origin


def _same(now: Mapping[str, str], then: Mapping[str, str]) -> bool:
    """Whether the versions are the same. One that was not asked for is taken for the recorded."""
    return now.keys() == then.keys() and all(now[one] in ("", then[one]) for one in now)


def rotated(after: Any, recorded: Any, redactor: Redactor) -> str:
    """In words which secrets have another version than when the value was recorded; or empty."""
    known = {origin.definition: origin.secrets for _, origin in _hashed(recorded)}
    found: dict[str, None] = {}
    for leaf in made_of_secrets(after):
        then = known.get(definition_of(leaf, redactor), {})
        for one, now in leaf.secrets.items():
            if now and then.get(one, now) != now:
                found[f"{parse_reference(one).text} {_moved(then[one], now)}"] = None
    return f"rotated: {', '.join(found)}" if found else ""


def rotations(resources: Iterable[RecordedResource], now: Mapping[str, str]) -> tuple[str, ...]:
    """In words which secrets have another version now than what was recorded of the resources."""
    found = {
        f"{reference} {_moved(then, now[reference])}"
        for one in resources
        for _, origin in _hashed(one.properties)
        for reference, then in origin.secrets.items()
        if now.get(reference, then) != then
    }
    return tuple(sorted(found))


def _moved(then: str, now: str) -> str:
    if then.isdigit() and now.isdigit():
        return f"(version {then} → {now})"
    return f"(version {then[:_SHOWN]} → {now[:_SHOWN]})"


def shown_by_the_cloud(schema: TypeSchema, paths: Collection[PathChange]) -> str:
    """A sentence on the secrets that the cloud shows again to whoever reads the object; or empty."""
    write_only = rules_of(schema).write_only
    names = sorted(
        {
            words_of(parse(path.path))
            for path in paths
            if has_secrets(path.after) and not write_only.reaches(parse(path.path))
        }
    )
    if not names:
        return ""
    return (
        f"AWS shows {', '.join(names)} again to everybody who may read this object, with the value "
        "of the secret. Where the program in it can, let it read the secret itself by its role."
    )


def still_read(schema: TypeSchema, paths: Collection[PathChange]) -> str:
    """Sentences on where the former values of what is hidden can be read after the change; or empty."""
    says = [caution.says for caution in schema.cautions if caution.secret]
    gone = {parse(one.path)[:-1] for one in paths if one.removed}
    names = sorted(
        {
            words_of(steps)
            for one, steps in ((one, parse(one.path)) for one in paths)
            if _is_hidden(one) and (_was_there(one) or steps[:-1] in gone)
        }
    )
    if not says or not names:
        return ""
    return f"{' '.join(says)} That goes for {', '.join(names)}: see that nothing takes a former secret any more."


def _was_there(path: PathChange) -> bool:
    return path.before is not None and not path.added


def _is_hidden(path: PathChange) -> bool:
    """Whether a part of the former or of the new value is hidden."""
    return any(
        isinstance(leaf, (Redacted, Sensitive))
        or (isinstance(leaf, Unknown) and bool(leaf.secrets))
        for value in (path.before, path.after)
        for leaf in leaves(value)
    )
