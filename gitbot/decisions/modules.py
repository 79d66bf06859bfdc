"""Decides which environment uses which module, and which a change of one does not reach. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from gitbot.decisions.wanted import written_in
from gitbot.language.versions import module_path
from gitbot.model.desired import Environment, LoadedTree, ModuleUse
from gitbot.model.modules import ModuleLine
from gitbot.model.tree import SpecTree, Version


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
        if module_path(module) in files:
            yield module


def _sentence(environment: Environment, modules: Collection[str]) -> str:
    names = ", ".join(f"`{name}`" for name in modules)
    rules = environment.promotes_from
    moves = f"Promotion moves that line once {rules.source} runs with the change." if rules else ""
    return (
        f"`{environment.name}` stays as it is: its environment.yaml takes {names} from the commit "
        f"`{(environment.modules or '')[:12]}`. {moves}"
    ).strip()


def module_lines(loaded: LoadedTree, tree: SpecTree) -> tuple[ModuleLine, ...]:
    """Which environment uses which module from where, sorted; without ``missed``.

    Stacks with errors are left out. What is compared is the module's own file: one that uses another
    module, which alone differs, is the same; the other has a line of its own.
    """
    found: dict[tuple[str, ModuleUse], list[str]] = {}
    for name in loaded.environments:
        for stack in written_in(loaded, name).values():
            for use in stack.modules:
                found.setdefault((name, use), []).append(stack.name)
    return tuple(
        ModuleLine(
            environment=name, use=use, stacks=tuple(sorted(stacks)), differs=_differs(use, tree)
        )
        for (name, use), stacks in sorted(found.items(), key=lambda one: one[0])
    )


def _differs(use: ModuleUse, tree: SpecTree) -> bool:
    if not use.commit:
        return False
    version = tree.versions.get(use.tag or use.commit, Version())
    path = module_path(use.name)
    return version.entries.get(path) != tree.entries.get(path)
