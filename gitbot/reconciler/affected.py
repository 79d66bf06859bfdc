"""Find the stacks that a pull request or an apply concerns, and environments that may not move. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gitbot.model.desired import DesiredStack, Environment, LoadedTree
from gitbot.model.diagnostic import Diagnostic, SourceSpan
from gitbot.model.graph import order
from gitbot.model.recorded import StackHeader
from gitbot.model.wanted import Wanted


def affected_by_pull_request(tip: Wanted, merged: Wanted) -> tuple[str, ...]:
    """Names of the stacks that the pull request changes, in the order in which they are applied.

    Those are the ones whose desired state differs between the tip and the merge of both. While the
    merge has errors, a stack that is missing there is not taken for removed: its file may be the
    broken one.
    """
    before, after = tip.stacks, merged.stacks
    changed = {
        name: stack
        for name, stack in after.items()
        if name not in before or before[name].hash != stack.hash
    }
    moved = {stack.moved_from for stack in after.values()}
    gone = before.keys() - after.keys() - moved - merged.entombed
    removed = () if merged.errors else sorted(gone)
    return (*_ordered(changed.values()), *removed)


def affected_by_apply(wanted: Wanted, recorded: Iterable[StackHeader]) -> tuple[str, ...]:
    """Names of the stacks that an apply of the environment has something to do for: those of the
    specs in dependency order, then by name, and after them those that the specs no longer have.

    Something to do: the evaluated desired hash is not that of the last completed apply, or that
    apply did not complete, or state still has resources of a stack that is gone, or its destruction
    is not recorded as complete. While the environment has errors nothing counts as gone.
    """
    here = [stack for stack in recorded if stack.id.environment == wanted.environment]
    known = {(stack.id.name, stack.id.region): stack for stack in here}
    due = [
        stack
        for stack in wanted.stacks.values()
        if _is_due(stack, known.get((stack.name, stack.region)))
    ]
    if not wanted.complete:
        return _ordered(due)
    followed = {
        stack.moved_from
        for stack in wanted.stacks.values()
        if (state := known.get((stack.name, stack.region))) is None or state.empty
    }
    gone = {
        stack.id.name
        for stack in here
        if not (stack.empty and stack.complete)
        and stack.id.name not in wanted.stacks
        and stack.id.name not in wanted.entombed
        and stack.id.name not in followed
    }
    return (*_ordered(due), *sorted(gone))


def environment_changes(tip: Environment | None, merged: Environment | None) -> str:
    """Why a pull request can only be validated in this environment, as a sentence; empty: it can be
    planned.

    Account, region and roles decide what a plan may reach, so they count only once merged.
    """
    if merged is None:
        return ""
    if tip is None:
        return "This pull request adds the environment: it is planned after the merge."
    parts = {
        "account": tip.account != merged.account,
        "region": tip.region != merged.region,
        "roles": tip.roles != merged.roles,
    }
    names = [name for name, differs in parts.items() if differs]
    if not names:
        return ""
    return (
        f"This pull request changes the environment's {' and '.join(names)}: "
        "it is planned after the merge."
    )


def environment_errors(
    loaded: LoadedTree, recorded: Iterable[StackHeader]
) -> tuple[Diagnostic, ...]:
    """What an environment may not do while state holds resources in it: go, or move to another
    account or region. An environment whose specs have errors has not gone."""
    held: dict[str, list[StackHeader]] = {}
    for stack in recorded:
        if not stack.empty:
            held.setdefault(stack.id.environment, []).append(stack)
    found: list[Diagnostic] = []
    for name in sorted(held):
        environment = loaded.environments.get(name)
        if environment is not None:
            found.extend(_moved(environment, held[name]))
        elif not loaded.errors(name):
            found.append(_gone(name, held[name]))
    return tuple(found)


def _is_due(stack: DesiredStack, state: StackHeader | None) -> bool:
    return state is None or not state.complete or state.desired_hash != stack.hash


def _ordered(stacks: Iterable[DesiredStack]) -> tuple[str, ...]:
    return order({stack.name: stack.depends_on for stack in stacks})


def _gone(name: str, held: Sequence[StackHeader]) -> Diagnostic:
    return Diagnostic(
        file=f"specs/{name}/environment.yaml",
        code="environment-removed",
        summary="An environment that still has resources is removed",
        detail=f"`{name}` is no longer in the specs, and state has resources of {_names(held)} in it.",
        fix="Bring its environment.yaml back and remove the stacks first; once their resources are "
        "deleted, the environment can go.",
        environment=name,
    )


def _moved(environment: Environment, held: Sequence[StackHeader]) -> list[Diagnostic]:
    places = [place for stack in held for place in stack.places]
    regions = {region for _, region in places} - {environment.region}
    accounts = {account for account, _ in places} - {environment.account}
    found: list[Diagnostic] = []
    for where in sorted(regions):
        found.append(_elsewhere(environment, "region", where, environment.region, held))
    for where in sorted(accounts) if environment.account is not None else ():
        found.append(_elsewhere(environment, "account", where, environment.account or "", held))
    return found


def _elsewhere(
    environment: Environment, what: str, before: str, after: str, held: Sequence[StackHeader]
) -> Diagnostic:
    source: SourceSpan = environment.source
    return Diagnostic(
        file=source.file,
        line=source.line,
        column=source.column,
        code=f"environment-{what}-changed",
        summary=f"The {what} of an environment that still has resources is changed",
        detail=f"`{environment.name}` now says {what} {after}, and state has resources of "
        f"{_names(held)} in {what} {before}.",
        fix=f"Keep {what} {before} here, and make a new environment for {after}.",
        environment=environment.name,
    )


def _names(held: Sequence[StackHeader]) -> str:
    return ", ".join(f"`{name}`" for name in sorted({stack.id.name for stack in held}))
