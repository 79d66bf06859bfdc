"""Find the stacks that a pull request or an apply concerns, and environments that may not move. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gitbot.language.files import home_path_of
from gitbot.model.desired import DesiredStack, Environment, LoadedTree
from gitbot.model.diagnostic import Diagnostic, SourceSpan
from gitbot.model.graph import order
from gitbot.model.names import region_of
from gitbot.model.recorded import StackHeader
from gitbot.model.wanted import Wanted
from gitbot.reconciler.across import affected_users, has_news, in_order


def affected_by_pull_request(tip: Wanted, merged: Wanted) -> tuple[str, ...]:
    """Names of the stacks that the pull request changes, in the order in which they are applied.

    A stack is changed when its desired state in ``merged`` differs from the one in ``tip``, or when
    it uses an output that such a change may change. While
    ``merged`` has errors, a stack that is missing there does not count as removed: its file may be
    the broken one.
    """
    before, after = tip.stacks, merged.stacks
    changed = {
        name: stack
        for name, stack in after.items()
        if name not in before or before[name].hash != stack.hash
    }
    moved = {stack.moved_from for stack in after.values()}
    changed |= {name: after[name] for name in affected_users(before, after, changed)}
    gone = before.keys() - after.keys() - moved - merged.entombed
    removed = () if merged.errors else sorted(gone)
    return (*_ordered(changed.values()), *removed)


def affected_by_apply(wanted: Wanted, recorded: Iterable[StackHeader]) -> tuple[str, ...]:
    """Names of the stacks that an apply of the environment has work for.

    The stacks of the specs come first, in dependency order, then by name. The stacks that the specs
    no longer have follow.

    A stack of the specs has work when its desired hash is not the one of the last completed apply,
    when that apply did not complete, or when an output of another stack that it uses has another
    value since. A stack that is gone from the specs has work while state
    holds resources of it, or does not record its destruction as complete; who used an output comes
    before the stack of that output. While the environment has
    errors, no stack counts as gone.
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
    return (*_ordered(due), *in_order(gone, {}, here))


def environment_changes(tip: Environment | None, merged: Environment | None) -> str:
    """One sentence that says why the pull request can only be validated in this environment.

    Empty when it can be planned. Account, region and roles decide what a plan may reach, so a
    change of them takes effect only once it is merged.
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
    """The errors of an environment that was removed or moved while state holds resources in it.

    Moved means: to another account or region. An environment whose specs have errors does not count
    as removed.
    """
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
    return (
        state is None
        or not state.complete
        or state.desired_hash != stack.hash
        or has_news(stack, state)
    )


def _ordered(stacks: Iterable[DesiredStack]) -> tuple[str, ...]:
    return order({stack.name: stack.depends_on for stack in stacks})


def _gone(name: str, held: Sequence[StackHeader]) -> Diagnostic:
    return Diagnostic(
        file=home_path_of(name),
        code="environment-removed",
        summary="An environment that still has resources is removed",
        detail=f"`{name}` is no longer in the specs, and state has resources of {_names(held)} in it.",
        fix="Bring its environment.yaml back and remove the stacks first; once their resources are "
        "deleted, the environment can go.",
        environment=name,
    )


def _moved(environment: Environment, held: Sequence[StackHeader]) -> list[Diagnostic]:
    places = [place for stack in held for place in stack.places]
    regions = {
        region
        for stack in held
        for _, region in stack.places
        if region != region_of(stack.id.name, environment.region)
    }
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
