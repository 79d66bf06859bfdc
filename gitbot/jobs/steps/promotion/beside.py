"""Find the stacks of the target that change by new modules alone, and what proves them. Shell."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from gitbot.decisions.promotion.pins import beside, differing
from gitbot.jobs.steps.promotion.health import drift_words, soaked
from gitbot.jobs.steps.promotion.world import World
from gitbot.language.files import CALENDARS, MODULES, TEMPLATES
from gitbot.model.names import Sha, written_name
from gitbot.model.pins import Beside
from gitbot.model.promotion import PromotionRow
from gitbot.model.tree import SpecTree, TreeEntry, Version
from gitbot.model.wanted import Wanted
from gitbot.reconciler.affected import affected_by_pull_request

_FOLDERS = (f"{MODULES}/", f"{TEMPLATES}/", f"{CALENDARS}/")


def beside_with(
    world: World, files: Mapping[str, str | None], after: Sha, stacks: Collection[str]
) -> tuple[Beside, ...]:
    """The stacks that change in the target once it has these files, beside those that are brought.

    ``after`` is the commit that it takes modules from then.
    """
    seen = world.seen
    loaded = seen.engine.loader.load(_with_files(seen.tree, seen.mirror.specs(after), files, after))
    return beside_in(world, seen.engine.wanted(loaded, world.key), stacks)


def beside_in(world: World, after: Wanted, stacks: Collection[str]) -> tuple[Beside, ...]:
    """The same, of what the target wants then."""
    seen, source = world.seen, world.source
    changed = affected_by_pull_request(seen.wanted(world.target.name), after)
    return beside(
        [name for name in changed if written_name(name) not in stacks],
        (world.target, after.stacks),
        (source, seen.wanted(source.name).stacks),
        differing(seen.tree, source, world.target),
    )


def _with_files(
    tree: SpecTree, there: SpecTree, files: Mapping[str, str | None], after: Sha
) -> SpecTree:
    """The tree of the tip with these files, and with what modules are at that commit."""
    entries = {path: one for path, one in tree.entries.items() if path not in files}
    for path, text in files.items():
        if text is not None:
            content = text.encode()
            entries[path] = TreeEntry(content=content, size_bytes=len(content))
    modules = {path: one for path, one in there.entries.items() if path.startswith(_FOLDERS)}
    version = Version(commit=after, contained=True, entries=modules)
    versions = {**there.versions, **tree.versions, after: version}
    return SpecTree(id=tree.id, entries=entries, versions=versions)


def proofs_of(world: World, one: Beside) -> tuple[PromotionRow, ...]:
    """The rows of the stacks of the source that run with the same modules, their soak counted until now."""
    return tuple(_proof(world, name) for name in sorted(one.proofs))


def _proof(world: World, stack: str) -> PromotionRow:
    known = world.rows.get(stack) or PromotionRow(
        target=world.key, stack=stack, source=world.source.name, watched=True
    )
    return world.put(replace(known, soak=soaked(world, known, world.ports.engine.calendar.now())))


def unapplied_in(world: World, rows: Sequence[PromotionRow]) -> str:
    """Which of these stacks of the source is not applied as it is now, as a clause; empty for none.

    While specs of the source have errors, another stack may be the one that counts.
    """
    if world.seen.wanted(world.source.name).errors:
        return f"specs of {world.source.name} have errors, so nobody can tell what uses the modules"
    names = [row.stack for row in rows if row.stack in world.unapplied]
    return f"{world.source.name}/{names[0]} is not applied with exactly this yet" if names else ""


def drift_in(world: World, rows: Sequence[PromotionRow]) -> str:
    """What drifts in these stacks of the source, as a clause; empty when nothing does."""
    return next(filter(None, (drift_words(world, row.stack) for row in rows)), "")
