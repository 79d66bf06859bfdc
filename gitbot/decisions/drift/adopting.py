"""Write what the cloud has into the text of a spec file, as far as nobody else must. Pure.

Only literals are written, where the value stands: in the resource, or in the variable that the
resource takes it from. Whoever calls proves afterwards that the new text leaves nothing to do.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from gitbot.decisions.drift.regional import in_region
from gitbot.decisions.drift.undoing import shown_path
from gitbot.language.editing.literals import as_literal
from gitbot.language.editing.pieces import EditError, Entry, Piece, documents_of, pieces_of
from gitbot.language.editing.rewrite import rewritten
from gitbot.model.names import Address
from gitbot.model.plan import Drift, DriftKind, PathChange
from gitbot.model.secret_looks import is_user_data, looks_secret
from gitbot.model.secrets import Secrets
from gitbot.model.values import canonical_json
from gitbot.reconciler.contents import is_replaced
from gitbot.reconciler.own_tags import is_own_tag
from gitbot.reconciler.pointers import parse
from gitbot.reconciler.secretive import is_marked

_VARIABLE: Final = re.compile(r"\$\{\s*vars\.([a-z][a-z0-9_]*)\s*\}")
_EXPRESSION: Final = re.compile(r"(?<!\$)(?:\$\$)*\$\{")
NO_SECRETS: Final = Secrets()
HIDDEN: Final = (
    "its value is not written, because it is sensitive, comes from a secret, looks like one, or is "
    "user data: change the spec by hand"
)


OWN_TAGS: Final = (
    "gitbot's own tags are missing, which no spec writes: `/drift apply` puts them back"
)
UNREADABLE: Final = (
    "nobody can read what is there now: change the spec by hand, or let `/drift apply` put back what "
    "it says"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A difference that the new text has. ``line`` is where its value stands there, from 1."""

    address: Address
    path: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A difference that a person must write. ``why`` is a clause in Markdown."""

    address: Address
    path: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoption:
    """The new text of a spec file, and what of the drift it has."""

    text: str
    taken: tuple[Taken, ...] = ()
    left: tuple[Left, ...] = ()


class _Person(Exception):
    """A person must write this; the message says why."""


def adopt(
    text: str,
    document: int,
    drift: Sequence[Drift],
    tags_of: Callable[[str], str | None],
    secrets: Secrets = NO_SECRETS,
    region: str = "",
) -> Adoption:
    """The text of the file with what the cloud has, difference by difference.

    ``document`` is the number of the stack's document, ``tags_of`` gives the path of the tags of a type.
    ``secrets`` are the sensitive values of the specs. New values count in ``region``; empty: in all.

    Raises:
        EditError: the text cannot be read.
    """
    taken: list[tuple[Address, PathChange, tuple[str | int, ...]]] = []
    left: list[Left] = []
    for one in drift:
        if one.kind is DriftKind.DELETED:
            why = "it is gone: take it out of the spec, or let `/drift apply` create it again"
            left.append(Left(address=one.address, path="", why=why))
            continue
        for change in one.paths:
            try:
                _refuse_secrets(change, secrets)
                text, place = _with(text, document, one, change, tags_of(one.type), region)
                taken.append((one.address, change, place))
            except (_Person, EditError) as error:
                path = shown_path(change)
                left.append(Left(address=one.address, path=path, why=str(error)))
    root = pieces_of(text)[document]
    return Adoption(
        text=text,
        taken=tuple(
            Taken(address=address, path=shown_path(change), line=_line(text, root, place))
            for address, change, place in taken
        ),
        left=tuple(left),
    )


def _refuse_secrets(change: PathChange, secrets: Secrets) -> None:
    """Return when the value may be written into a file that everybody can read.

    Raises:
        _Person: it may be a secret, is a tag of gitbot's, or nobody can read it.
    """
    steps = parse(change.path)
    if is_own_tag(change.path):
        raise _Person(OWN_TAGS)
    if is_replaced(change):
        raise _Person(UNREADABLE)
    if is_marked(change.before) or is_marked(change.after) or is_user_data(steps):
        raise _Person(HIDDEN)
    written = canonical_json(change.before)
    if looks_secret(steps, change.before) or secrets.hide(written) != written:
        raise _Person(HIDDEN)


def _with(
    text: str,
    document: int,
    drift: Drift,
    change: PathChange,
    tags_path: str | None,
    region: str,
) -> tuple[str, tuple[str | int, ...]]:
    """The text with one difference taken over, and where its value stands now."""
    steps = parse(change.path)
    known = documents_of(text)[document]
    wanted = copy.deepcopy(known)
    if tags_path == f"/{steps[0]}" and len(steps) == 2:
        place = _put_tag(wanted, drift.address, steps, change)
    else:
        place = _put(wanted, drift.address, steps, change)
    wanted = in_region(known, wanted, region) if region else wanted
    return rewritten(text, wanted, document=document), place


def _put(
    wanted: Any, address: Address, steps: Sequence[str], change: PathChange
) -> tuple[str | int, ...]:
    """Change the value in the document; returns its path."""
    path: list[str | int] = ["spec", "resources", address]
    node: Any = _resource(wanted, address)
    last = len(steps) - 1
    for number, step in enumerate(("properties", *steps)):
        if isinstance(node, str) and _EXPRESSION.search(node):
            return _by_expression(wanted, node, whole=False, change=change)
        key = _key(node, step)
        path.append(key)
        if number <= last:
            node = _below(node, key)
            continue
        if change.removed:
            return _add(node, tuple(path), change)
        now = _at(node, key)
        if isinstance(now, str) and _EXPRESSION.search(now):
            return _by_expression(wanted, now, whole=True, change=change)
        _check_place(now, change)
        _set(node, key, change)
    return tuple(path)


def _resource(wanted: Any, address: Address) -> Any:
    resources = (wanted.get("spec") or {}).get("resources") if isinstance(wanted, dict) else None
    found = resources.get(address) if isinstance(resources, dict) else None
    if not isinstance(found, dict):
        raise _Person("it does not stand in the stack's own file: change it where it is declared")
    return found


def _key(node: Any, step: str) -> str | int:
    return int(step) if isinstance(node, list) and step.isdigit() else step


def _below(node: Any, key: str | int) -> Any:
    """What stands below the key; a map that is missing there is made."""
    if isinstance(node, dict):
        return node.setdefault(key, {})
    return _at(node, key)


def _at(node: Any, key: str | int) -> Any:
    if isinstance(node, dict):
        return node.get(str(key))
    if isinstance(node, list) and isinstance(key, int) and key < len(node):
        return node[key]
    raise _Person("the spec writes it in another form than the cloud: change it by hand")


def _add(node: Any, path: tuple[str | int, ...], change: PathChange) -> tuple[str | int, ...]:
    """Add an element, or a key of a map, that somebody added in the cloud; returns its path."""
    *above, key = path
    if isinstance(node, list):
        node.append(as_literal(change.before))
        return (*above, len(node) - 1)
    if not isinstance(node, dict) or str(key) == "-" or str(key).isdigit():
        raise _Person("the spec has no list there to add it to: change it by hand")
    if any(isinstance(step, int) for step in above):
        raise _Person("the spec may have that list in another order than the cloud: add it by hand")
    node[str(key)] = as_literal(change.before)
    return path


def _set(node: Any, key: str | int, change: PathChange) -> None:
    if not change.added:
        node[key] = as_literal(change.before)
    else:
        del node[key]


def _check_place(now: Any, change: PathChange) -> None:
    """Only a value that is the recorded one is known to be the right place.

    Raises:
        _Person: it is another one.
    """
    if now is None and not change.added:
        return
    if _plain(now) != _plain(as_literal(change.after)):
        raise _Person("the spec does not say there what was last applied: change it by hand")


def _plain(value: Any) -> Any:
    """The value in a form in which ``22`` and ``"22"``, or ``true`` and ``"true"``, are one."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return str(value).lower() if isinstance(value, bool) else str(value)


def _by_expression(
    wanted: Any, written: str, *, whole: bool, change: PathChange
) -> tuple[str | int, ...]:
    """Change the variable that the value is, where it has its value; returns that path."""
    found = _VARIABLE.fullmatch(written.strip())
    if found is None or not whole or change.added:
        raise _Person(f"its value comes from `{_shown(written)}`: change what that uses")
    name = found[1]
    if len(re.findall(rf"\bvars\.{name}\b", str(wanted))) > 1:
        raise _Person(f"its value is `vars.{name}`, which other values use too: change it by hand")
    spec = wanted["spec"]
    given, declared = spec.get("values") or {}, (spec.get("variables") or {}).get(name)
    if not isinstance(declared, dict) or declared.get("sensitive"):
        raise _Person(HIDDEN)
    is_given = name in given
    holder, key = (given, name) if is_given else (declared, "default")
    now = holder.get(key)
    if isinstance(now, str) and _EXPRESSION.search(now):
        raise _Person(
            f"its value is `vars.{name}`, which is `{_shown(now)}`: change what that uses"
        )
    _check_place(now, change)
    holder[key] = as_literal(change.before)
    return ("spec", "values", name) if is_given else ("spec", "variables", name, "default")


def _put_tag(
    wanted: Any, address: Address, steps: Sequence[str], change: PathChange
) -> tuple[str | int, ...]:
    """Change one tag of the resource. A tag from the labels or the environment gets an own value."""
    name, key = steps
    path = ("spec", "resources", str(address), "properties", name)
    tags = _below(_resource(wanted, address), "properties").setdefault(name, [])
    if isinstance(tags, dict):
        return _put_tag_in_map(wanted, tags, path, key, change)
    if not isinstance(tags, list):
        raise _Person("its tags come from an expression: change what that uses")
    return _put_tag_in_list(wanted, tags, path, key, change)


def _put_tag_in_map(
    wanted: Any, tags: dict[str, Any], path: tuple[str, ...], key: str, change: PathChange
) -> tuple[str | int, ...]:
    if change.added:
        _take_out(tags, key, key in tags)
        return path
    now = tags.get(key)
    if isinstance(now, str) and _EXPRESSION.search(now):
        return _by_expression(wanted, now, whole=True, change=change)
    tags[key] = as_literal(change.before)
    return (*path, key)


def _put_tag_in_list(
    wanted: Any, tags: list[Any], path: tuple[str, ...], key: str, change: PathChange
) -> tuple[str | int, ...]:
    at = next(
        (n for n, tag in enumerate(tags) if isinstance(tag, dict) and tag.get("Key") == key), None
    )
    if change.added:
        _take_out(tags, at, at is not None)
        return path
    if at is None:
        tags.append({"Key": as_literal(key), "Value": as_literal(change.before)})
        return (*path, len(tags) - 1)
    now = tags[at].get("Value")
    if isinstance(now, str) and _EXPRESSION.search(now):
        return _by_expression(wanted, now, whole=True, change=change)
    tags[at]["Value"] = as_literal(change.before)
    return (*path, at, "Value")


def _take_out(holder: Any, key: Any, is_there: bool) -> None:
    if not is_there:
        raise _Person(
            "the tag comes from the labels of the stack or the tags of the environment, so that one "
            "resource cannot be without it"
        )
    del holder[key]


def _shown(written: str) -> str:
    text = " ".join(written.split()).replace("`", "'")
    return text if len(text) <= 80 else f"{text[:80]}…"


def _line(text: str, root: Piece, path: tuple[str | int, ...]) -> int:
    """The line on which the value at the path stands, or what is left of its surroundings."""
    piece, start = root, root.start
    for step in path:
        entry: Entry | None = piece.entry(step)
        if entry is None:
            break
        piece, start = entry.piece, entry.start
    return text.count("\n", 0, start) + 1
