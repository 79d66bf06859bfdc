"""Make a plan from desired, recorded and observed. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from gitbot.errors import UnplannableError
from gitbot.model.conditions import OpenCondition
from gitbot.model.desired import MADE, DesiredOutput, DesiredResource, DesiredStack
from gitbot.model.graph import cycles, levels
from gitbot.model.names import Address, RemoteId, Sha, StackId
from gitbot.model.observed import Absent, Observation
from gitbot.model.ownership import Owner
from gitbot.model.plan import Action, Change, Drift, OutputChange, Plan, SettingChange
from gitbot.model.recorded import RecordedStack
from gitbot.model.schema import ReplaceOrder, SchemaLookup, TypeSchema
from gitbot.model.values import Redactor, Value
from gitbot.reconciler.across import give, used_values
from gitbot.reconciler.binding import Binder, Scope
from gitbot.reconciler.conditions import judge_conditions
from gitbot.reconciler.deciding.case import Case, Decision
from gitbot.reconciler.deciding.decide import decide
from gitbot.reconciler.deletions import deletions
from gitbot.reconciler.digest import digest
from gitbot.reconciler.exchanged import check_exchanged
from gitbot.reconciler.going_with import goes_with
from gitbot.reconciler.left_alone import ignored_words
from gitbot.reconciler.looked_up import Answering, Lookups, no_answers
from gitbot.reconciler.moves import Moved, moved
from gitbot.reconciler.naming import check_former_names, check_named_once
from gitbot.reconciler.ordering import Held, agree, binding, staying_users, uses_of
from gitbot.reconciler.other_keys import other_key
from gitbot.reconciler.outputs import output_changes
from gitbot.reconciler.own_tags import Marks
from gitbot.reconciler.owners import changing_attributes
from gitbot.reconciler.power import is_running, left_stopped
from gitbot.reconciler.problems.changes import say_name_lingers, say_replaced_in_use
from gitbot.reconciler.problems.collected import Problems
from gitbot.reconciler.problems.stacks import say_cycle, say_elsewhere, say_unknown_type
from gitbot.reconciler.reasons import LEFT_STOPPED


def make_plan(
    *,
    stack: StackId,
    desired: DesiredStack | None,
    recorded: RecordedStack,
    observed: Mapping[Address, Observation],
    owners: Mapping[Address, Owner],
    schemas: SchemaLookup,
    account: str,
    commit: Sha | None,
    redactor: Redactor,
    bind: Binder,
    pack_version: str,
    forced: Collection[Address] = (),
    answering: Answering = no_answers,
) -> Plan:
    """The plan that makes observed equal to desired; ``desired`` None plans to delete everything.

    ``observed`` is keyed by the address in the spec; an address that is missing there was not read.
    Changes come dependencies first; then the deletions, dependents first. Sensitive values are
    never in the clear. ``owners`` says whose the observed objects are; one that is missing there was
    not read. Those in ``forced`` are replaced. ``answering`` gives the answers of lookups. The same
    input gives the same plan. The caller, who knows the whole environment, adds the ``guards``.

    Raises:
        UnplannableError: everything that is wrong with the specs, given state and cloud.
    """
    scope = Scope(bind)
    if desired is not None:
        give(scope, desired, desired.withheld)
    lookups = Lookups({} if desired is None else desired.lookups, answering)
    facts = _Facts(
        observed=observed,
        owners=owners,
        schemas=_remembered(schemas),
        forced=frozenset(forced),
        marks=Marks.of(stack, recorded.lineage, None if desired is None else desired.moved_from),
    )
    problems = Problems(desired, stack)
    changes, drift, conditions = _decided(
        stack, desired, recorded, facts, account, redactor, scope, lookups, problems
    )
    outputs = _outputs(desired, recorded, scope, redactor)
    plan = Plan(
        stack=stack,
        account=account,
        commit=commit,
        serial=recorded.serial,
        lineage=recorded.lineage,
        desired_hash=None if desired is None else desired.hash,
        changes=changes,
        drift=drift,
        outputs=outputs,
        lookups=lookups.planned(recorded.lookups),
        left_alone=() if desired is None else ignored_words(desired),
        pack_version=pack_version,
        destroys=desired is None,
        lifetime=_lifetime(desired, recorded),
        conditions=conditions,
        uses=used_values(desired, redactor),
        renamed_from="" if recorded.id.name == stack.name else recorded.id.name,
        other_key=other_key(recorded, changes, outputs),
    )
    if problems.found:
        raise UnplannableError(problems.found, plan)
    return replace(plan, digest=digest(plan))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    """What is known of the cloud and of the types, and how the stack's objects are marked."""

    observed: Mapping[Address, Observation]
    owners: Mapping[Address, Owner]
    schemas: SchemaLookup
    forced: frozenset[Address]
    marks: Marks


def _decided(
    stack: StackId,
    desired: DesiredStack | None,
    recorded: RecordedStack,
    facts: _Facts,
    account: str,
    redactor: Redactor,
    scope: Scope,
    lookups: Lookups,
    problems: Problems,
) -> tuple[tuple[Change, ...], tuple[Drift, ...], tuple[OpenCondition, ...]]:
    """All changes, all drift, and open conditions. Adds everything that is wrong to ``problems``."""
    state = moved(desired, recorded)
    problems.add(state.diagnostics)
    _check_place(stack, account, state, problems)
    deciding = _Deciding(
        desired, state, facts, redactor, scope, lookups, problems, left_stopped(recorded)
    )
    changes, drift = deciding.changes_and_drift()
    lookups.settle(scope)
    conditions: tuple[OpenCondition, ...] = ()
    if desired is not None:
        conditions = judge_conditions(desired, changes, scope, problems)
    return changes, drift, conditions


@dataclass(frozen=True, slots=True)
class _Deciding:
    """What every decision of one plan needs."""

    desired: DesiredStack | None
    state: Moved
    facts: _Facts
    redactor: Redactor
    scope: Scope
    lookups: Lookups
    problems: Problems
    stopped: frozenset[tuple[str, RemoteId]]

    def changes_and_drift(self) -> tuple[tuple[Change, ...], tuple[Drift, ...]]:
        """All changes in the order of the plan, and all drift by address."""
        decisions = [] if self.desired is None else self._decisions(self.desired)
        removed, gone = deletions(
            self.desired,
            self.state,
            self.facts.observed,
            self.facts.owners,
            self.facts.schemas,
            self.problems,
        )
        changes = self._finished(decisions)
        if self.desired is not None:
            check_former_names(
                self.desired, self.state, changes, removed, self.facts.schemas, self.problems
            )
            check_named_once(self.desired, changes, self.facts.schemas, self.problems)
            check_exchanged(
                self.desired, self.state.resources, changes, self.facts.schemas, self.problems
            )
        return (*changes, *map(self._started_first, removed)), _drift(decisions, gone)

    def _started_first(self, removed: Change) -> Change:
        """The removal; it says so if it leaves an object in the cloud that is started before."""
        seen, schema = self.facts.observed.get(removed.address), self.facts.schemas(removed.type)
        if (
            removed.action is not Action.FORGET
            or (removed.type, removed.remote_id) not in self.stopped
            or isinstance(seen, Absent)
            or (schema is not None and is_running(schema, seen))
        ):
            return removed
        return replace(removed, starts=True, reasons=(LEFT_STOPPED, *removed.reasons))

    def _decisions(self, desired: DesiredStack) -> list[Decision]:
        """One decision for each desired resource, dependencies first."""
        resources = desired.resources
        edges = {address: item.depends_on for address, item in resources.items()}
        if circles := cycles(edges):
            for circle in circles:
                say_cycle(self.problems, circle)
            return []
        decided: dict[Address, Decision] = {}
        changing = changing_attributes(desired, self.state.resources.keys(), self.facts.schemas)
        for level in levels(edges):
            self.lookups.settle(self.scope)
            trees = self.scope.bound(
                [
                    *(resources[address].properties for address in level),
                    *(resources[address].lifecycle.replace_when for address in level),
                ]
            )
            for number, address in enumerate(level):
                properties, replacing = trees[number], trees[len(level) + number]
                later = changing.get(address, frozenset())
                decision = self._decision(resources[address], properties, replacing, later, decided)
                if decision is not None:
                    decided[address] = decision
        return list(decided.values())

    def _finished(self, decisions: list[Decision]) -> list[Change]:
        """The changes, with replacement orders that can be carried out. Reports those that have none."""
        changes = [decision.change for decision in decisions]
        if self.desired is not None and any(one.action is Action.REPLACE for one in changes):
            named = {one.change.address: one.named for one in decisions if one.named}
            uses = uses_of(self.desired, named, self.facts.schemas)
            changes = agree(changes, named, uses)
            self._check_in_use(self.desired, changes, named, uses)
        origins = self.state.origins
        return [
            replace(one, moved_from=origins[one.address]) if one.address in origins else one
            for one in changes
        ]

    def _check_in_use(
        self,
        desired: DesiredStack,
        changes: list[Change],
        named: Mapping[Address, str],
        uses: Mapping[Address, Held],
    ) -> None:
        """Report replacements that must delete first what the cloud keeps, or whose name it keeps."""
        schemas, kept = self.facts.schemas, set[Address]()
        for one in changes:
            schema, resource = schemas(one.type), desired.resources[one.address]
            if schema is None or one.replace_order is not ReplaceOrder.DELETE_FIRST:
                continue
            if schema.kept_in_use:
                kept.add(one.address)
            if schema.name_lingers and one.address in named:
                why = schema.name_lingers
                say_name_lingers(self.problems, resource, named[one.address], why)
        bound = binding(changes, named, uses)
        for address, users in sorted(staying_users(changes, kept, uses).items()):
            cause = bound.get(address)
            name = "" if cause is None else named[cause]
            say_replaced_in_use(self.problems, desired.resources[address], name, cause, users)

    def _decision(
        self,
        resource: DesiredResource,
        properties: Mapping[str, Value],
        replacing: Mapping[str, Value],
        later: Collection[str],
        before: Mapping[Address, Decision],
    ) -> Decision | None:
        """What is decided of the resource; expressions do not see ``later`` attributes of it yet.

        ``before`` are the decisions on what it needs.
        """
        address = resource.address
        schema = self.facts.schemas(resource.type)
        if schema is None:
            say_unknown_type(self.problems, resource)
            return None
        recorded = self.state.resources.get(address)
        goes = goes_with(resource, schema, before)
        case = self._case(resource, schema, properties, replacing, goes)
        decision = decide(case, self.problems)
        informed = decision.exists or properties is not resource.properties
        attributes = decision.attributes
        if recorded is not None and decision.change.action in (Action.NOOP, Action.UPDATE):
            attributes = {**attributes, MADE: recorded.generation}
        known = {name: value for name, value in attributes.items() if name not in later}
        self.scope.add(address, known, informed=informed)
        return decision

    def _case(
        self,
        resource: DesiredResource,
        schema: TypeSchema,
        properties: Mapping[str, Value],
        replacing: Mapping[str, Value],
        goes: Address | None,
    ) -> Case:
        """All that the decision on the resource is made from."""
        address = resource.address
        recorded = self.state.resources.get(address)
        return Case(
            resource=resource,
            schema=schema,
            properties=properties,
            replace_when=replacing,
            recorded=recorded,
            observation=self.facts.observed.get(address),
            owner=self.facts.owners.get(address),
            redactor=self.redactor,
            former=None if recorded is None else self.facts.schemas(recorded.type),
            left_stopped=recorded is not None
            and (recorded.type, recorded.remote_id) in self.stopped,
            forced=address in self.facts.forced,
            goes_with=goes,
            marks=self.facts.marks,
            moved_from=tuple(one for at, one in self.state.origins.items() if at == address),
        )


def _lifetime(desired: DesiredStack | None, recorded: RecordedStack) -> SettingChange | None:
    """What the spec says about the stack's end; None when it says nothing and never did."""
    before = recorded.lifetime.text if recorded.lifetime else None
    after = desired.lifetime.text if desired and desired.lifetime else None
    if before is None and after is None:
        return None
    return SettingChange(name="expiry", before=before, after=after)


def _drift(decisions: list[Decision], gone: list[Drift]) -> tuple[Drift, ...]:
    found = [decision.drift for decision in decisions if decision.drift is not None]
    return tuple(sorted([*found, *gone], key=lambda drift: drift.address))


def _outputs(
    desired: DesiredStack | None, recorded: RecordedStack, scope: Scope, redactor: Redactor
) -> tuple[OutputChange, ...]:
    wanted: Mapping[str, DesiredOutput] = {} if desired is None else desired.outputs
    values = scope.bound([output.value for output in wanted.values()])
    bound = dict(zip(wanted, values, strict=True))
    return output_changes(wanted, bound, recorded.outputs, redactor)


def _check_place(stack: StackId, account: str, state: Moved, problems: Problems) -> None:
    """Report recorded resources in another account or region than the connection leads to."""
    accounts: dict[str, list[Address]] = {}
    regions: dict[str, list[Address]] = {}
    held = [*state.resources.values(), *(item.resource for item in state.deposed)]
    for resource in held:
        if resource.account != account:
            accounts.setdefault(resource.account, []).append(resource.address)
        if resource.region != stack.region:
            regions.setdefault(resource.region, []).append(resource.address)
    for where in sorted(accounts):
        say_elsewhere(problems, "account", where, account, sorted(set(accounts[where])))
    for where in sorted(regions):
        say_elsewhere(problems, "region", where, stack.region, sorted(set(regions[where])))


def _remembered(schemas: SchemaLookup) -> SchemaLookup:
    """The lookup with each type looked up once: then the rules of its schema are parsed once."""
    found: dict[str, TypeSchema | None] = {}

    def lookup(name: str) -> TypeSchema | None:
        if name not in found:
            found[name] = schemas(name)
        return found[name]

    return lookup
