"""Decides when the commit of an environment's modules moves, and which stacks that concerns. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from gitbot.decisions.promotion.instances import instances_in
from gitbot.decisions.promotion.standing import Next, Standing
from gitbot.language.calendars import calendars_used
from gitbot.language.editing.pieces import EditError, documents_of
from gitbot.language.editing.rewrite import rewritten
from gitbot.language.files import CALENDARS, MODULE_FILE, MODULES, TEMPLATES
from gitbot.model.desired import DesiredStack, Environment
from gitbot.model.names import written_name
from gitbot.model.pins import Beside, PinMove
from gitbot.model.promotion import PromotionRow
from gitbot.model.tree import SpecTree, TreeEntry, Version


def changed_parts(
    before: Mapping[str, TreeEntry], after: Mapping[str, TreeEntry]
) -> frozenset[str]:
    """The modules (``modules/<name>``), templates and calendars (``calendars/<name>``) that differ."""
    paths = {*before, *after}
    return frozenset(
        part
        for path in paths
        if before.get(path) != after.get(path) and (part := _part(path)) is not None
    )


def _part(path: str) -> str | None:
    folder, _, file = path.rpartition("/")
    if path.startswith(f"{TEMPLATES}/"):
        return path
    if folder.startswith(f"{MODULES}/") and file == MODULE_FILE:
        return folder
    return path.removesuffix(".yaml") if folder == CALENDARS else None


def behind(
    tree: SpecTree,
    source: Environment,
    target: Environment,
    stacks: Mapping[str, DesiredStack],
    promotable: Collection[str],
) -> dict[str, frozenset[str]]:
    """What of modules and calendars differs between source and target, by the promotable stack that
    uses it.

    It is empty where the commit of the target is not there.
    """
    return users(stacks, source, differing(tree, source, target), promotable)


def differing(tree: SpecTree, source: Environment, target: Environment) -> frozenset[str]:
    """The modules, templates and calendars that differ between source and target.

    A target without the line is behind in modules alone: without it, calendars are those of the tip.
    """
    before = target.modules
    if before is not None and not tree.versions.get(before, Version()).usable:
        return frozenset()
    known = _entries(tree, before) if before is not None else {}
    parts = changed_parts(known, _entries(tree, source.modules))
    if before is None:
        parts = frozenset(one for one in parts if not one.startswith(f"{CALENDARS}/"))
    return parts


def _entries(tree: SpecTree, commit: str | None) -> Mapping[str, TreeEntry]:
    """The modules and calendars of the commit; those of the tree itself for None."""
    return tree.entries if commit is None else tree.versions.get(commit, Version()).entries


def users(
    stacks: Mapping[str, DesiredStack],
    environment: Environment,
    parts: Collection[str],
    promotable: Collection[str],
) -> dict[str, frozenset[str]]:
    """Which of the parts each promotable stack of the source uses; only those that use any."""
    found = {}
    for name in sorted(promotable):
        here = [stacks[one] for one in instances_in(stacks, name)]
        used = frozenset(part for one in here for part in _used(one, environment) if part in parts)
        if used:
            found[name] = used
    return found


def beside(
    names: Collection[str],
    target: tuple[Environment, Mapping[str, DesiredStack]],
    source: tuple[Environment, Mapping[str, DesiredStack]],
    parts: Collection[str],
) -> tuple[Beside, ...]:
    """What proves these stacks of the target, which change by the move of its line alone, in this order.

    Of each changed part that one uses, that is the stack of the same name in the source; where that does
    not use it, every stack there that does. ``parts`` are those that differ.
    """
    environment, stacks = source
    known = users(stacks, environment, parts, {*map(written_name, stacks)})
    used = users(target[1], target[0], parts, {*map(written_name, names)})
    found = []
    for name in names:
        written = written_name(name)
        proofs = {
            part: frozenset(one for one, some in known.items() if part in some)
            for part in used.get(written, ())
        }
        found.append(
            Beside(
                stack=name,
                proofs=frozenset[str]().union(
                    *({written} if written in some else some for some in proofs.values())
                ),
                unproven=tuple(sorted(part for part, some in proofs.items() if not some)),
            )
        )
    return tuple(found)


def _used(stack: DesiredStack, environment: Environment) -> Iterator[str]:
    yield from (one.name for one in stack.modules if not one.tag)
    yield from (f"{CALENDARS}/{name}" for name in calendars_used(environment, [stack]))


def with_pin(text: str, commit: str) -> str:
    """The environment.yaml with this commit as ``modules:``, and no other line changed.

    Raises:
        EditError: it cannot be written so.
    """
    documents = documents_of(text)
    document = documents[0] if len(documents) == 1 else None
    if not isinstance(document, dict) or not isinstance(spec := document.get("spec"), dict):
        raise EditError("its environment.yaml is no plain Environment")
    wanted = {**document, "spec": {**spec, "modules": commit}}
    # A hash is always written in quotes: some could be read as numbers, and people copy what they see.
    written = rewritten(text, wanted)
    quoted = re.sub(rf"(\bmodules:[ \t]*){commit}\b", rf'\1"{commit}"', written)
    return quoted if documents_of(quoted) == [wanted] else written


def together(
    standings: Mapping[str, Standing], rows: Mapping[str, PromotionRow], move: PinMove | None
) -> dict[str, Standing]:
    """The standings, where one line is moved for several stacks.

    The line changes all of them in the target. So nobody brings it before every one of them is
    verified with it in the source, and none is held.
    """
    found = dict(standings)
    for stack in move.stacks if move is not None else ():
        known = found.get(stack)
        if known is not None and known.next is Next.CHANGES:
            why = next(_obstacles(stack, standings, rows, move), "")
            if why:
                found[stack] = replace(known, next=Next.WAITS, why=why, told=False)
    return found


def _obstacles(
    stack: str,
    standings: Mapping[str, Standing],
    rows: Mapping[str, PromotionRow],
    move: PinMove | None,
) -> Iterator[str]:
    for other in sorted(move.stacks - {stack} if move is not None else ()):
        standing, row = standings.get(other), rows.get(other)
        if row is not None and row.hold is not None:
            yield f"{other} uses the same modules, and its promotion is held"
        elif standing is not None and standing.next is Next.WAITS:
            yield f"{other} uses the same modules: {standing.why}"
