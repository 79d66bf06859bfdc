"""Read the stacks of both sides of a promotion, and what each would bring. Shell."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from gitbot.decisions.promotion.finding import is_promoted, stacks_in, target_of, texts_of
from gitbot.decisions.promotion.instances import instances_in, regions_of
from gitbot.decisions.promotion.proposal import Proposal, StackText, propose, target_path
from gitbot.decisions.promotion.stacks import Edge, edge_of, moves_of
from gitbot.errors import StaleError, UserError
from gitbot.jobs.steps.look import Look, Ports
from gitbot.jobs.steps.promotion.pins import pin_move
from gitbot.language.editing.pieces import EditError
from gitbot.model.desired import Environment
from gitbot.model.forge import CommitOrigin
from gitbot.model.names import EnvironmentKey, Sha, StackId, written_name
from gitbot.model.pins import PinMove
from gitbot.model.promotion import PromotionRow, PromotionRules
from gitbot.model.runs import RunKind, RunStatus
from gitbot.reconciler.affected import affected_by_apply

_MOST_RUNS = 50


@dataclass(slots=True, kw_only=True)
class World:
    """One edge as it is now: the target's rules, and the stacks of both sides at the tip.

    ``rows`` are what is known of each stack; whoever changes one puts it with ``put``. ``unapplied``
    are the stacks of the source of which an instance has another desired hash than its last completed
    apply. ``known`` are the instances of the source that state knows. A row, a text and a name here are
    of a document, which stands for an instance in each of its regions. ``origins`` is what
    was asked about commits of the tracked branch. ``waits`` says why nothing can be said of a stack now.
    ``pin`` is the move of the commit that the target takes modules from; None where it need not move.
    """

    ports: Ports
    seen: Look
    target: Environment
    source: Environment
    rules: PromotionRules
    edge: Edge
    sources: dict[str, StackText]
    targets: dict[str, StackText]
    texts: dict[str, str]
    unapplied: frozenset[str]
    known: frozenset[str] = frozenset()
    rows: dict[str, PromotionRow] = field(default_factory=dict)
    waits: dict[str, str] = field(default_factory=dict)
    origins: dict[Sha, CommitOrigin] = field(default_factory=dict)
    pin: PinMove | None = None
    _read: dict[tuple[str, str], dict[str, StackText]] = field(default_factory=dict)

    def stacks_at(self, commit: Sha, environment: str) -> dict[str, StackText]:
        """The stacks of an environment at a commit, each commit read once.

        Raises:
            StaleError: the commit is gone.
        """
        if (commit, environment) not in self._read:
            texts = texts_of(self.seen.mirror.specs(commit), environment)
            self._read[commit, environment] = stacks_in(texts)
        return self._read[commit, environment]

    def moves(self, stack: str) -> bool:
        """Whether the promotion of the stack moves the commit that the target takes modules from."""
        return self.pin is not None and stack in self.pin.stacks

    @property
    def key(self) -> EnvironmentKey:
        """The target's key in the stores."""
        return self.seen.key(self.target.name)

    def instances(self, stack: str) -> tuple[StackId, ...]:
        """The instances of a stack of the source that are wanted."""
        wanted = instances_in(self.seen.wanted(self.source.name).stacks, stack)
        return tuple(self.seen.stack_id(self.source, one) for one in wanted)

    def ever(self, stack: str) -> tuple[StackId, ...]:
        """The instances that a stack of the source has or had: those that are wanted or that state
        knows, and the one without a region."""
        names = {stack, *instances_in(self.known, stack)}
        others = {self.seen.stack_id(self.source, one) for one in names}
        return tuple(sorted({*others, *self.instances(stack)}))

    def put(self, row: PromotionRow) -> PromotionRow:
        """Record the row, and return it as it is recorded.

        Raises:
            RowChangedError: a command or another job has written it since the world was read.
        """
        known = self.rows.get(row.stack)
        if known is not None and replace(row, version=known.version) == known:
            return known
        self.rows[row.stack] = self.ports.records.promotions.put(row)
        return self.rows[row.stack]

    def row(self, stack: str) -> PromotionRow:
        """What is known of the stack. Of one that was never seen, its base is looked for."""
        known = self.rows.get(stack)
        if known is None or known.watched:
            first = _first_row(self, stack)
            return (
                first if known is None else replace(first, soak=known.soak, version=known.version)
            )
        return known

    def promotable(self) -> tuple[str, ...]:
        """The stacks of the source whose changes are promoted, sorted."""
        wanted = self.seen.wanted(self.source.name).stacks
        return tuple(
            name
            for name in sorted(self.sources)
            if instances_in(wanted, name) and is_promoted(self.sources[name])
        )


def read_world(ports: Ports, seen: Look, target: Environment) -> World:
    """The edge into the target.

    Raises:
        UserError: it is promoted from nothing that loads.
    """
    rules = target.promotes_from
    if rules is None:
        raise UserError(f"{target.name} is promoted from no environment: it has no `promotesFrom`")
    source = seen.rules(rules.source)
    sources = stacks_in(texts_of(seen.tree, source.name))
    promotable = tuple(name for name, text in sources.items() if is_promoted(text))
    headers = ports.engine.state.headers(seen.repository.id, source.name)
    texts = texts_of(seen.tree, target.name)
    return World(
        ports=ports,
        seen=seen,
        target=target,
        source=source,
        rules=rules,
        edge=edge_of(target),
        sources=sources,
        targets=stacks_in(texts),
        texts=texts,
        pin=pin_move(seen, source, target, promotable),
        unapplied=frozenset(
            map(written_name, affected_by_apply(seen.wanted(source.name), headers))
        ),
        known=frozenset(header.id.name for header in headers),
        rows={row.stack: row for row in ports.records.promotions.of_target(seen.key(target.name))},
    )


def _first_row(world: World, stack: str) -> PromotionRow:
    """A row with the source's text as it was applied before the text that it has now."""
    text, commit = _before(world, stack)
    return PromotionRow(
        target=world.key,
        stack=stack,
        source=world.source.name,
        base=text,
        base_commit=commit,
    )


def _before(world: World, stack: str) -> tuple[str, Sha | None]:
    now = world.sources[stack].alone
    records = world.ports.records.runs
    runs = [
        run
        for one in world.ever(stack)
        for run in records.of_stack(one, RunKind.APPLY, [RunStatus.APPLIED], limit=_MOST_RUNS)
    ]
    for run in sorted(runs, key=lambda run: run.started_at, reverse=True):
        there = text_at(world, run.commit, world.source.name, stack)
        if there is not None and there.alone != now:
            return there.alone, run.tip
    return "", None


def text_at(world: World, commit: Sha, environment: str, stack: str) -> StackText | None:
    """The stack at that commit; None when it was not there, or the commit is gone."""
    try:
        return world.stacks_at(commit, environment).get(stack)
    except StaleError:
        return None


def text_changed(
    world: World, before: Sha | None, after: Sha, environment: str, stack: str
) -> bool:
    """Whether the stack's text differs between two commits or trees; ``before`` is None at the start."""
    commits = (before, after)
    found = [None if one is None else text_at(world, one, environment, stack) for one in commits]
    plain = [None if one is None else one.alone for one in found]
    return plain[0] != plain[1]


def with_moves(row: PromotionRow, source: StackText) -> PromotionRow:
    """The row with the renamings that the source names now."""
    return replace(row, moves={**row.moves, **moves_of(source.plain)})


def proposed(
    world: World, row: PromotionRow, texts: dict[str, str] | None = None
) -> Proposal | EditError:
    """What the stack would bring to the target, or why that cannot be written.

    ``texts`` are the target's files with what other stacks of the same pull request bring.
    """
    files = world.texts if texts is None else texts
    source = world.sources[row.stack]
    ours = target_of(row.stack, source, world.targets if texts is None else stacks_in(texts))
    try:
        return propose(
            row.base or None,
            source,
            ours,
            world.edge,
            moves=row.moves,
            beside=files.get(target_path(source.path, world.edge)),
            ended=regions_of(
                instances_in(world.seen.wanted(world.source.name).entombed, row.stack)
            ),
        )
    except EditError as error:
        return error
