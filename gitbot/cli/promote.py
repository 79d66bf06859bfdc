"""``gitbot promote``: show, offline, what a promotion would change. Shell."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gitbot.cli.common import folder_option, json_option, show, show_json, tells_errors
from gitbot.errors import UserError

if TYPE_CHECKING:
    from gitbot.adapters.git.local import LocalRepository
    from gitbot.decisions.promotion.proposal import Proposal, StackText
    from gitbot.model.desired import Environment, LoadedTree
    from gitbot.model.freeze import Verdict
    from gitbot.model.promotion import PromotedStack
    from gitbot.model.tree import SpecTree
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
    `promotesFrom: SOURCE` where promotion is not off.

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
        show_json({"promotions": [_data(each) for each in found]})
        return
    for each in found:
        show(tuple(_lines(each)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """A promotion as it is shown. ``window`` is what the target's freeze windows say of it now.

    ``modules`` says what becomes of the commit that the target takes modules from.
    """

    told: PromotedStack
    proposal: Proposal
    window: Verdict
    modules: str


def _data(shown: _Shown) -> dict[str, Any]:
    from gitbot.model.codec import to_full_data

    return {
        "promotion": to_full_data(shown.told),
        "diff": list(_diff(shown.proposal)),
        "window": to_full_data(shown.window),
        "modules": shown.modules,
    }


def _proposals(folder: Path, source: str, name: str, base: str | None) -> Iterator[_Shown]:
    from gitbot.adapters.clock import SystemCalendar
    from gitbot.cli.clone import open_clone
    from gitbot.cli.specs import load
    from gitbot.decisions.freeze.windows import window_verdict
    from gitbot.decisions.promotion.finding import stacks_in, target_of, texts_of
    from gitbot.decisions.promotion.instances import named_in, window_of
    from gitbot.decisions.promotion.proposal import promoted, propose, target_path
    from gitbot.decisions.promotion.stacks import edge_of
    from gitbot.model.freeze import Act

    clone = open_clone(folder)
    tree, loaded = clone.working_specs(), load(folder)
    if source not in loaded.environments and not texts_of(tree, source):
        names = ", ".join(sorted(loaded.environments)) or "none"
        raise UserError(f"there is no environment {source!r}; there is: {names}")
    found = _source(stacks_in(texts_of(tree, source)), source, name)
    now = SystemCalendar().now()
    known_base = _base(clone, source, name, found, base)
    for target in _targets(loaded.environments, source):
        texts = texts_of(tree, target.name)
        edge = edge_of(target)
        ours = target_of(name, found, stacks_in(texts))
        beside = texts.get(target_path(found.path, edge))
        proposal = propose(known_base, found, ours, edge, beside=beside)
        yield _Shown(
            told=promoted(name, proposal, found, edge),
            proposal=proposal,
            window=window_of(
                {
                    one: window_verdict(target, Act.PROMOTE, one, now)
                    for one in named_in(name, proposal.merged.document)
                }
            ),
            modules=_modules(tree, loaded, source, target, name),
        )


def _modules(
    tree: SpecTree, loaded: LoadedTree, source: str, target: Environment, name: str
) -> str:
    """What becomes of the line `modules:` of the target, as a sentence; empty where it stays."""
    from gitbot.decisions.promotion.finding import is_promoted, stacks_in, texts_of
    from gitbot.decisions.promotion.pins import behind
    from gitbot.decisions.wanted import written_in

    known = loaded.environments.get(source)
    if known is None:
        return ""
    promotable = [one for one, at in stacks_in(texts_of(tree, source)).items() if is_promoted(at)]
    used = behind(tree, known, target, written_in(loaded, source), promotable)
    if name not in used:
        return ""
    others = ", ".join(sorted(used.keys() - {name}))
    along = f", together with {others}" if others else ""
    return f"`modules:` of {target.name} moves with it{along}: {', '.join(sorted(used[name]))} changed."


def _source(stacks: Mapping[str, StackText], source: str, name: str) -> StackText:
    from gitbot.decisions.promotion.finding import is_promoted
    from gitbot.model.names import written_name

    found = stacks.get(name)
    written = written_name(name)
    if found is None and written in stacks:
        raise UserError(
            f"a promotion brings the file of a stack with all of its regions: name {written}, without @"
        )
    if found is None:
        known = ", ".join(sorted(stacks)) or "none"
        raise UserError(f"specs/{source}/ has no stack {name!r} (it has: {known})")
    if not is_promoted(found):
        raise UserError(
            f"{source}/{name} is not promoted: {found.path} says `promote: false`, or has a `ttl` or "
            "`expires` of its own without `promote: true`"
        )
    return found


def _targets(environments: Any, source: str) -> list[Environment]:
    from gitbot.model.promotion import How

    found = [
        one
        for one in environments.values()
        if one.promotes_from is not None and one.promotes_from.source == source
    ]
    if not found:
        raise UserError(
            f"no environment without errors is promoted from {source}: write `promotesFrom: {source}` "
            "into the environment.yaml of the next one (`gitbot validate` lists errors)"
        )
    on = [one for one in found if one.promotes_from and one.promotes_from.how is not How.OFF]
    if not on:
        names = ", ".join(one.name for one in found)
        raise UserError(
            f"promotion from {source} to {names} is off: `promotesFrom.how` in its environment.yaml is "
            "`off`; write `pr` or `merge`"
        )
    return on


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


def _lines(shown: _Shown) -> Iterator[Line]:
    from gitbot.render.promotion import decisions, stays
    from gitbot.render.terminal import Line

    told, proposal = shown.told, shown.proposal
    state = "a draft" if told.is_draft else "new" if told.new else "clean"
    if proposal.is_nothing and not shown.modules:
        state = "nothing to promote"
    yield Line(f"{told.source}/{told.name} -> {told.target}: {state}", "bold")
    if told.regions and not proposal.is_nothing:
        yield Line(f"regions: {', '.join(told.regions)}, with a plan of each on the pull request")
    for line in _diff(proposal):
        yield Line(line, {"+": "green", "-": "red", "@": "cyan"}.get(line[:1], ""))
    for sentence in decisions(told):
        yield Line(f"decide: {sentence}", "yellow")
    for sentence in stays(told):
        yield Line(f"stays: {sentence}")
    if shown.modules:
        yield Line(f"modules: {shown.modules}")
    if not shown.window.allowed:
        yield Line(f"waits: {shown.window.why}", "yellow")
    yield Line("")
