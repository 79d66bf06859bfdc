"""Find out what of a stack's drift can be written into its file, and prove it. Shell."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from gitbot.decisions.drift.adopting import Adoption, Left, adopt
from gitbot.decisions.drift.ignores import in_force
from gitbot.decisions.drift.proving import WRITTEN_BADLY, not_applied, not_ignored, unproven
from gitbot.errors import RefusedError
from gitbot.jobs.steps.look import Look, Ports
from gitbot.jobs.steps.observing import Seen, observe, read_state
from gitbot.jobs.steps.planning import plan_stack
from gitbot.language.editing.whole import stack_in
from gitbot.model.cloud import Purpose
from gitbot.model.desired import DesiredStack, Environment, LoadedTree
from gitbot.model.names import Address, StackId, written_name
from gitbot.model.plan import Drift, Plan
from gitbot.model.recorded import RecordedStack
from gitbot.model.tree import SpecTree, TreeEntry
from gitbot.ports.cloud import Cloud


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """An adoption whose own plan leaves nothing to do but what is left for a person."""

    file: str
    adoption: Adoption


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """One stack, looked at once."""

    ports: Ports
    seen: Look
    rules: Environment
    stack: StackId
    cloud: Cloud
    desired: DesiredStack
    recorded: RecordedStack
    looked: Seen

    def plan(self, desired: DesiredStack, *, reviewed: bool) -> Plan:
        """The plan towards ``desired`` from what was looked at."""
        return plan_stack(
            self.ports.engine,
            self.cloud,
            stack=self.stack,
            desired=desired,
            recorded=self.recorded,
            commit=self.seen.tip,
            reviewed=reviewed,
            seen=self.looked,
        )


def prove_adoption(ports: Ports, seen: Look, stack: StackId) -> Proven:
    """What of the drift can be written into the stack's file, proven by loading and planning it.

    Raises:
        RefusedError: the tip has changes of the stack that were not applied, or nothing differs.
        UserError, CloudError, TransientError: the stack cannot be planned.
    """
    case = _case(ports, seen, stack)
    plan = case.plan(case.desired, reviewed=True)
    if waits := not_applied(plan):
        raise RefusedError(
            f"`{stack.label}` has changes on the tracked branch that were not applied yet: "
            f"{'; '.join(waits)}. Apply them first, then adopt what still differs"
        )
    ignored = in_force(case.rules.drift.ignore, stack.name, ports.engine.calendar.now())
    drift = tuple(not_ignored(plan.drift, ignored))
    if not drift:
        raise RefusedError(
            f"nothing differs in `{stack.label}` any more: there is nothing to adopt"
        )
    file, text, document = _source(seen, case.desired)
    return Proven(file=file, adoption=_proven(case, file, text, document, drift))


def _case(ports: Ports, seen: Look, stack: StackId) -> _Case:
    rules = seen.rules(stack.environment)
    desired = seen.wanted(rules.name).stacks.get(stack.name)
    if desired is None:
        raise RefusedError(
            f"the tracked branch has no stack `{stack.label}` without errors: mend that first"
        )
    cloud = ports.engine.clouds.open(rules, Purpose.PLAN)
    recorded = read_state(ports.engine, stack, desired)
    (looked,) = observe(ports.engine, cloud, [(desired, recorded)])
    return _Case(
        ports=ports,
        seen=seen,
        rules=rules,
        stack=stack,
        cloud=cloud,
        desired=desired,
        recorded=recorded,
        looked=looked,
    )


def _source(seen: Look, desired: DesiredStack) -> tuple[str, str, int]:
    """The path and text of the stack's file, and the number of its document."""
    file = desired.source.file
    text = text_of(seen.tree, file)
    document = stack_in(text, written_name(desired.name))
    if document is None:
        raise RefusedError(f"`{file}` declares no stack of the name `{written_name(desired.name)}`")
    return file, text, document


def _proven(case: _Case, file: str, text: str, document: int, drift: Sequence[Drift]) -> Adoption:
    """The adoption of as many resources as are proven; the others are left for a person."""
    bad: frozenset[Address] = frozenset()
    while True:
        some = [one for one in drift if one.address not in bad]
        adoption = adopt(
            text,
            document,
            some,
            lambda type_: _tags_of(case, type_),
            case.seen.secrets,
            region=_own_region(case),
        )
        adoption = replace(adoption, left=(*adoption.left, *_badly_written(drift, bad)))
        if not adoption.taken:
            return adoption
        more = _unproven(case, file, adoption)
        if not more:
            return adoption
        taken = {one.address for one in adoption.taken}
        # What is unproven and was not written follows from what was: then nothing is certain.
        bad |= (more & taken) or taken


def _own_region(case: _Case) -> str:
    """The region of the instance, where the document has others; else empty."""
    name = written_name(case.stack.name)
    others = [one for one in case.seen.wanted(case.rules.name).stacks if written_name(one) == name]
    return case.stack.region if len(others) > 1 else ""


def _unproven(case: _Case, file: str, adoption: Adoption) -> frozenset[Address]:
    """The resources that are not proven: after the edit an apply would still change them."""
    engine = case.ports.engine
    loaded = engine.loader.load(with_text(case.seen.tree, file, adoption.text))
    everything = frozenset(one.address for one in adoption.taken)
    if new_errors(case.seen.at_tip, loaded, case.rules.name):
        return everything
    wanted = engine.wanted(loaded, case.seen.key(case.rules.name)).stacks
    desired = wanted.get(case.stack.name)
    if desired is None or _moves_others(case, loaded):
        return everything
    return unproven(case.plan(desired, reviewed=False), adoption.left)


def _moves_others(case: _Case, loaded: LoadedTree) -> bool:
    """Whether the edit changes another stack than this one, in any environment."""
    before, after = (_hashes(case.seen, tree) for tree in (case.seen.at_tip, loaded))
    mine = (case.rules.name, case.stack.name)
    return any(before.get(name) != after.get(name) for name in {*before, *after} - {mine})


def _hashes(seen: Look, tree: LoadedTree) -> Mapping[tuple[str, str], str]:
    return {
        (environment, name): stack.hash
        for environment in tree.environments
        for name, stack in seen.engine.wanted(tree, seen.key(environment)).stacks.items()
    }


def _badly_written(drift: Sequence[Drift], bad: Collection[Address]) -> tuple[Left, ...]:
    return tuple(
        Left(address=one.address, path=path.path, why=WRITTEN_BADLY)
        for one in drift
        if one.address in bad
        for path in one.paths
    )


def _tags_of(case: _Case, type_: str) -> str | None:
    schema = case.ports.engine.clouds.schemas(type_)
    return None if schema is None else schema.tags_path


def text_of(tree: SpecTree, file: str) -> str:
    """The text of a spec file.

    Raises:
        RefusedError: the tree has no such file that can be read.
    """
    entry = tree.entries.get(file)
    if entry is None or entry.content is None:
        raise RefusedError(f"`{file}` cannot be read")
    return entry.content.decode()


def with_text(tree: SpecTree, file: str, text: str) -> SpecTree:
    """The tree with another text of the file, before any commit has it."""
    content = text.encode()
    entry = TreeEntry(content=content, size_bytes=len(content))
    return replace(tree, id=f"{tree.id}+", entries={**tree.entries, file: entry})


def new_errors(before: LoadedTree, after: LoadedTree, environment: str) -> tuple[str, ...]:
    """What is wrong after an edit and was not before, as sentences."""
    known = {(one.file, one.summary, one.detail) for one in before.errors(environment)}
    return tuple(
        f"{one.file}:{one.line}: {one.detail}"
        for one in after.errors(environment)
        if (one.file, one.summary, one.detail) not in known
    )
