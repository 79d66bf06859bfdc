"""Work out what the pull request of a group of stacks brings. Shell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gitbot.decisions.promotion.finding import BOM, stacks_in, target_of
from gitbot.decisions.promotion.makers import REBUILT, who_made
from gitbot.decisions.promotion.pins import with_pin
from gitbot.decisions.promotion.proposal import Proposal, StackText, promoted
from gitbot.decisions.promotion.remarks import with_remarks
from gitbot.jobs.steps.promotion.beside import beside_with
from gitbot.jobs.steps.promotion.origins import makers_of, origins_of
from gitbot.jobs.steps.promotion.world import World, proposed
from gitbot.language.editing.whole import stack_in, without_document
from gitbot.language.files import home_path_of
from gitbot.model.forge import PullRequest
from gitbot.model.pins import Beside, PinMove
from gitbot.model.promotion import Part, PromotedStack, PromotionRow
from gitbot.render.promotion import remark


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What is brought of one stack, and what the row keeps of it.

    ``base`` is the base once it is merged; ``before`` and ``after`` are the texts of the target's
    document, empty where there is none.
    """

    row: PromotionRow
    told: PromotedStack
    base: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bringing:
    """What a pull request brings: the target's files by path, None for one that is deleted.

    ``makers`` are the people who made it or commanded it, and what they did. ``pin``: it moves the
    commit that the target takes modules from. ``beside`` are the stacks that change by that alone.
    """

    part: Part
    files: dict[str, str | None]
    brought: tuple[Brought, ...]
    origins: tuple[PullRequest, ...]
    makers: Mapping[str, str]
    doubt: str
    pin: PinMove | None = None
    beside: tuple[Beside, ...] = ()

    @property
    def stacks(self) -> tuple[PromotedStack, ...]:
        """What people are told of each stack."""
        return tuple(each.told for each in self.brought)

    @property
    def rows(self) -> tuple[PromotionRow, ...]:
        """The row of each stack."""
        return tuple(each.row for each in self.brought)

    @property
    def is_draft(self) -> bool:
        """Whether a person must look first."""
        return any(stack.is_draft for stack in self.stacks)


def bringing(world: World, rows: Sequence[PromotionRow], part: Part) -> Bringing:
    """What the stacks bring together. Several of them may be in one file of the target.

    Raises:
        EditError: a file of the target cannot be written.
    """
    texts = dict(world.texts)
    brought = tuple(
        _whole(world, row, texts)
        if row.stack not in world.sources
        else _part(world, row, part, texts)
        for row in rows
    )
    move = world.pin if part is Part.CHANGES and any(world.moves(r.stack) for r in rows) else None
    if move is not None:
        home = home_path_of(world.target.name)
        texts[home] = with_pin(texts.get(home, ""), move.after)
    files: dict[str, str | None] = {
        path: text or None for path, text in texts.items() if world.texts.get(path) != text
    }
    names = {row.stack for row in rows}
    others = beside_with(world, files, move.after, names) if move is not None else ()
    origins = [origins_of(world, row) for row in rows]
    every = {each.number: each for one in origins for each in one.pull_requests}
    makers, doubt = makers_of(world, origins)
    made = [*(({one}, what) for one, what in makers.items()), *((r.makers, REBUILT) for r in rows)]
    return Bringing(
        part=part,
        files=files,
        brought=_with_unproven(brought, others),
        origins=tuple(every[number] for number in sorted(every)),
        makers=who_made(made),
        doubt=doubt,
        pin=move,
        beside=others,
    )


def _with_unproven(brought: tuple[Brought, ...], others: Sequence[Beside]) -> tuple[Brought, ...]:
    """The same; the first says which other stacks change by what nothing in the source has proven."""
    open_ = tuple(one for one in others if one.unproven)
    if not open_ or not brought:
        return brought
    told = replace(brought[0].told, unproven=open_)
    return (replace(brought[0], told=told), *brought[1:])


def _part(world: World, row: PromotionRow, part: Part, texts: dict[str, str]) -> Brought:
    """What the source changed of a stack that it still has. It is written into ``texts``."""
    one = proposed(world, row, texts)
    if not isinstance(one, Proposal):
        raise one
    source = world.sources[row.stack]
    told = promoted(row.stack, one, source, world.edge)
    ours = target_of(row.stack, source, stacks_in(texts))
    after = one.without if part is Part.DELETIONS else _remarked(one, told)
    texts[one.path] = after
    number = stack_in(after, row.stack)
    document = StackText(path=one.path, text=after, document=number or 0)
    return Brought(
        row=row,
        told=told,
        base=source.alone if part is Part.DELETIONS else one.base,
        before=ours.alone if ours is not None else "",
        after=document.alone if number is not None else "",
    )


def _whole(world: World, row: PromotionRow, texts: dict[str, str]) -> Brought:
    """The deletion of a stack that the source has no more. It is taken out of ``texts``."""
    ours = stacks_in(texts)[row.stack]
    texts[ours.path] = without_document(ours.text, ours.document)
    told = PromotedStack(
        name=row.stack, source=world.source.name, target=world.target.name, path=ours.path
    )
    return Brought(row=row, told=told, base="", before=ours.alone, after="")


def _remarked(one: Proposal, shown: PromotedStack) -> str:
    """The text. Where conflicts are all that there is, they stand in it as comments."""
    if not one.is_nothing or not shown.conflicts:
        return one.text
    lines = [(int(each.target.rpartition(":")[2]), remark(shown, each)) for each in shown.conflicts]
    return with_remarks(one.text, lines)


def written(world: World, files: dict[str, str | None]) -> dict[str, str | None]:
    """The files as they are written: with the mark of bytes that a file had."""
    entries = world.seen.tree.entries
    found: dict[str, str | None] = {}
    for path, text in files.items():
        known = entries.get(path)
        marked = known is not None and (known.content or b"").startswith(BOM.encode())
        found[path] = BOM + text if marked and text is not None else text
    return found
