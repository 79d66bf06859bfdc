"""Decides which environments a change of a module does not reach. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from gitbot.decisions.wanted import written_in
from gitbot.model.desired import Environment, LoadedTree


def staying_behind(
    before: LoadedTree, merged: LoadedTree, files: Collection[str]
) -> tuple[str, ...]:
    """A sentence for each environment that goes on with the former version of a changed module.

    ``files`` are the paths that differ. An environment whose commit is moved by the same change does
    not stay behind.
    """
    return tuple(
        _sentence(environment, modules)
        for name, environment in sorted(merged.environments.items())
        if _pin(before, name) == environment.modules is not None
        and (modules := sorted(_changed(merged, environment, files)))
    )


def _pin(tree: LoadedTree, name: str) -> str | None:
    known = tree.environments.get(name)
    return known.modules if known is not None else None


def _changed(tree: LoadedTree, environment: Environment, files: Collection[str]) -> Iterator[str]:
    """The modules that the environment uses of its commit, and that differ."""
    stacks = written_in(tree, environment.name).values()
    used = {one.name for stack in stacks for one in stack.modules if not one.tag}
    for module in used:
        if any(file.startswith(f"{module}/") for file in files):
            yield module


def _sentence(environment: Environment, modules: Collection[str]) -> str:
    names = ", ".join(f"`{name}`" for name in modules)
    rules = environment.promotes_from
    moves = f"Promotion moves that line once {rules.source} runs with the change." if rules else ""
    return (
        f"`{environment.name}` stays as it is: its environment.yaml takes {names} from the commit "
        f"`{(environment.modules or '')[:12]}`. {moves}"
    ).strip()
