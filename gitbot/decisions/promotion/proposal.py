"""Writes the promotion of one stack into the file of the target, and says which lines differ. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from gitbot.decisions.promotion.instances import named_in, regions_of
from gitbot.decisions.promotion.merging import NAMES
from gitbot.decisions.promotion.parts import part_of
from gitbot.decisions.promotion.stacks import Edge, MergedStack, merge_stack, with_deleted
from gitbot.language.editing.pieces import documents_of
from gitbot.language.editing.rewrite import Model, rewritten
from gitbot.language.editing.splices import rename_key
from gitbot.language.editing.whole import document_text, stack_in, with_document
from gitbot.language.files import ROOT
from gitbot.language.nodes import Node
from gitbot.language.problems import Problems
from gitbot.language.yaml12 import parse
from gitbot.model.promotion import PlacedConflict, PromotedStack, SpecPath


@dataclass(frozen=True, slots=True, kw_only=True)
class StackText:
    """A stack where it stands: the path and the whole text of its file, and the document's number."""

    path: str
    text: str
    document: int = 0

    @property
    def plain(self) -> dict[str, Any]:
        """The document's plain value."""
        found: dict[str, Any] = documents_of(self.text)[self.document]
        return found

    @property
    def alone(self) -> str:
        """The text of the document without the others of the file."""
        return document_text(self.text, self.document)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What promoting one stack makes of a file of the target.

    ``text`` still has the resources that would be deleted, ``without`` has them no more. ``base`` is
    to be kept as the base of the next promotion when ``text`` is merged; once the deletions are
    merged too, that is the source's text. ``before`` is None where the file is new.
    """

    path: str
    before: str | None
    text: str
    without: str
    base: str
    merged: MergedStack
    new: bool = False

    @property
    def is_nothing(self) -> bool:
        """Whether nothing is left to promote, deletions aside."""
        return self.text == self.before


def propose(
    base: str | None,
    source: StackText,
    target: StackText | None,
    edge: Edge,
    *,
    moves: Mapping[str, str] | None = None,
    beside: str | None = None,
    ended: Collection[str] = (),
) -> Proposal:
    """The promotion of one stack.

    ``base`` is the text of the source's document as last promoted. ``beside`` is the text of the file
    of which a new stack becomes a part, if that file exists. ``ended`` are the regions in which expiry
    ended the source. Doing it twice changes nothing.

    Raises:
        EditError: a file cannot be read, or not be changed without touching other lines.
    """
    known = documents_of(base)[0] if base is not None else None
    merged = merge_stack(
        known, source.plain, target.plain if target else None, edge, moves=moves, ended=ended
    )
    next_base = _next_base(source, base, known, merged, edge)
    if target is None:
        return _of_new(source, edge, merged, next_base, beside)
    text = target.text
    for new_key, old_key in merged.renamed.items():
        place = ("spec", "resources", old_key)
        text = rename_key(text, place, new_key, document=target.document)
    like, was = Model.of(source.text, source.document), Model.of(base)
    after = rewritten(text, merged.document, document=target.document, like=like, was=was)
    return Proposal(
        path=target.path,
        before=target.text,
        text=after,
        without=rewritten(after, merged.without, document=target.document, was=was),
        base=next_base,
        merged=merged,
    )


def _next_base(
    source: StackText,
    base: str | None,
    known: dict[str, Any] | None,
    merged: MergedStack,
    edge: Edge,
) -> str:
    """What the next promotion compares with: the source, and what the target is still to delete.

    ``known`` is the document of ``base``.
    """
    kept = source.plain
    if merged.deleted:
        kept, _ = with_deleted(kept, known, edge.region)
    return rewritten(source.alone, kept, like=Model.of(base))


def _of_new(
    source: StackText, edge: Edge, merged: MergedStack, base: str, beside: str | None
) -> Proposal:
    """The promotion of a stack that the target does not have yet."""
    new = rewritten(source.alone, merged.document)
    text = with_document(beside, new) if beside else new
    return Proposal(
        path=target_path(source.path, edge),
        before=beside,
        text=text,
        without=text,
        base=base,
        merged=merged,
        new=True,
    )


def promoted(name: str, found: Proposal, source: StackText, edge: Edge) -> PromotedStack:
    """What people are told of the proposal. Sensitive values are left out."""
    secret = _secret_names(found.merged.document) | _secret_names(source.plain)
    ours = None if found.before is None else _ours(name, found)
    return PromotedStack(
        name=name,
        source=edge.source,
        target=edge.target,
        path=found.path,
        new=found.new,
        regions=regions_of(named_in(name, found.merged.document)),
        deleted=found.merged.deleted,
        differences=tuple(
            replace(
                one,
                source=_veiled(one.path, one.source, secret),
                target=_veiled(one.path, one.target, secret),
            )
            for one in found.merged.differences
        ),
        conflicts=tuple(
            PlacedConflict(
                conflict=replace(
                    one,
                    source=_veiled(one.path, one.source, secret),
                    target=_veiled(one.path, one.target, secret),
                ),
                source=f"{source.path}:{line_of(source, one.path)}",
                target=f"{found.path}:{line_of(ours, one.path) if ours else 1}",
            )
            for one in found.merged.conflicts
        ),
        bound=tuple(
            replace(one, value=str(_veiled(one.path, one.value, secret)))
            for one in found.merged.bound
        ),
        lacking=found.merged.lacking,
    )


def _ours(name: str, found: Proposal) -> StackText:
    """The stack in the file of the target, as the promotion leaves it."""
    return StackText(path=found.path, text=found.text, document=stack_in(found.text, name) or 0)


def _secret_names(document: dict[str, Any]) -> frozenset[str]:
    return frozenset(
        name
        for name, variable in part_of(document, "variables").items()
        if isinstance(variable, dict) and variable.get("sensitive") is True
    )


def _veiled(path: SpecPath, value: Any, secret: frozenset[str]) -> Any:
    """The value; of a sensitive variable only that it is one."""
    holds = path[:2] in (("spec", "values"), ("spec", "variables"))
    if holds and len(path) > 2:
        return "(sensitive)" if path[2] in secret else value
    if not holds or not isinstance(value, dict):
        return value
    return {key: "(sensitive)" if key in secret else one for key, one in value.items()}


def target_path(path: str, edge: Edge) -> str:
    """The path in the target's folder that a file of the source's folder has there."""
    return f"{ROOT}/{edge.target}/" + path.removeprefix(f"{ROOT}/{edge.source}/")


def line_of(where: StackText, path: SpecPath) -> int:
    """The line of the path, or of the nearest part of it that the document has; from 1."""
    nodes = parse(where.text, Problems(file=where.path))
    node = nodes[where.document]
    line = node.mark[0]
    for step in path:
        below, mark = _below(node, step)
        if below is None:
            return line
        node, line = below, mark
    return line


def _below(node: Node, step: str | int) -> tuple[Node | None, int]:
    if isinstance(node.value, dict):
        return node.value.get(step), node.key_mark(str(step))[0]
    items = node.value if isinstance(node.value, list) else []
    for at, item in enumerate(items):
        if at == step or any(_is(item.get(name), step) for name in NAMES):
            return item, item.mark[0]
    return None, node.mark[0]


def _is(node: Node | None, step: str | int) -> bool:
    return node is not None and node.value == step
