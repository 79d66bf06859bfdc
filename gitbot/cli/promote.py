"""``gitbot promote``: show, offline, what a promotion would change. Shell."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gitbot.cli.common import folder_option, json_option, show, show_json, tells_errors
from gitbot.errors import UserError

if TYPE_CHECKING:
    from gitbot.adapters.git.local import LocalRepository
    from gitbot.decisions.promotion.proposal import Proposal, StackText
    from gitbot.model.desired import Environment
    from gitbot.model.promotion import PromotedStack
    from gitbot.render.terminal import Line

_MOST_VERSIONS = 50


@click.command()
@click.argument("source")
@click.argument("stack")
@click.option("--dry-run", is_flag=True, help="Only show it. A server makes the pull requests.")
@click.option(
    "--base",
    help="The commit with the text that was promoted last [default: the newest other version of "
    "the stack in the history].",
)
@folder_option
@json_option
@tells_errors
def promote(
    source: str, stack: str, dry_run: bool, base: str | None, folder: Path, as_json: bool
) -> None:
    """Show what promoting STACK of the environment SOURCE would change, offline.

    The files are read as they are, committed or not. It is shown for every environment with
    `promotesFrom: SOURCE`.

    \b
      gitbot promote dev gpu-trainer --dry-run
    """
    if not dry_run:
        raise UserError(
            "gitbot promote only shows what a promotion would change: add --dry-run. The pull requests "
            "are made by `gitbot serve`, after an apply of the source (docs/promotion.md)"
        )
    found = list(_proposals(folder, source, stack, base))
    if as_json:
        from gitbot.model.codec import to_full_data

        show_json(
            {
                "promotions": [
                    {"promotion": to_full_data(told), "diff": list(_diff(proposal))}
                    for told, proposal in found
                ]
            }
        )
        return
    for told, proposal in found:
        show(tuple(_lines(told, proposal)))


def _proposals(
    folder: Path, source: str, name: str, base: str | None
) -> Iterator[tuple[PromotedStack, Proposal]]:
    from gitbot.adapters.git.folder import local_specs
    from gitbot.cli.clone import open_clone
    from gitbot.cli.specs import load
    from gitbot.decisions.promotion.finding import stacks_in, target_of, texts_of
    from gitbot.decisions.promotion.proposal import promoted, propose, target_path
    from gitbot.decisions.promotion.stacks import edge_of

    clone = open_clone(folder)
    tree, loaded = local_specs(clone.root), load(folder)
    if source not in loaded.environments and not texts_of(tree, source):
        names = ", ".join(sorted(loaded.environments)) or "none"
        raise UserError(f"there is no environment {source!r}; there is: {names}")
    stacks = stacks_in(texts_of(tree, source))
    found = stacks.get(name)
    if found is None:
        known = ", ".join(sorted(stacks)) or "none"
        raise UserError(f"specs/{source}/ has no stack {name!r} (it has: {known})")
    known_base = _base(clone, source, name, found, base)
    for target in _targets(loaded.environments, source):
        texts = texts_of(tree, target.name)
        edge = edge_of(target)
        ours = target_of(name, found, stacks_in(texts))
        beside = texts.get(target_path(found.path, edge))
        proposal = propose(known_base, found, ours, edge, beside=beside)
        yield promoted(name, proposal, found, edge), proposal


def _targets(environments: Any, source: str) -> list[Environment]:
    found = [
        one
        for one in environments.values()
        if one.promotes_from is not None and one.promotes_from.source == source
    ]
    if not found:
        raise UserError(
            f"no environment without errors is promoted from {source}: write `promotesFrom: {source}` "
            "into the environment.yaml of the next one"
        )
    return found


def _base(
    clone: LocalRepository, source: str, name: str, now: StackText, base: str | None
) -> str | None:
    """The source's text as it was before the change; None when the stack is new."""
    from gitbot.decisions.promotion.finding import stacks_in, texts_of

    commits = [base] if base is not None else clone.versions(now.path, _MOST_VERSIONS)
    for commit in commits:
        there = stacks_in(texts_of(clone.specs(clone.commit(commit)), source)).get(name)
        if there is not None and (base is not None or there.alone != now.alone):
            return there.alone
    if base is not None:
        raise UserError(f"{base} has no stack {name!r} in specs/{source}/")
    return None


def _diff(proposal: Proposal) -> Iterator[str]:
    before = (proposal.before or "").splitlines()
    lines = difflib.unified_diff(
        before, proposal.text.splitlines(), proposal.path, proposal.path, lineterm="", n=3
    )
    return iter(list(lines))


def _lines(told: PromotedStack, proposal: Proposal) -> Iterator[Line]:
    from gitbot.render.promotion import decisions, stays
    from gitbot.render.terminal import Line

    state = "a draft" if told.is_draft else "new" if told.new else "clean"
    if proposal.is_nothing:
        state = "nothing to promote"
    yield Line(f"{told.source}/{told.name} -> {told.target}: {state}", "bold")
    for line in _diff(proposal):
        yield Line(line, {"+": "green", "-": "red", "@": "cyan"}.get(line[:1], ""))
    for sentence in decisions(told):
        yield Line(f"decide: {sentence}", "yellow")
    for sentence in stays(told):
        yield Line(f"stays: {sentence}")
    yield Line("")
