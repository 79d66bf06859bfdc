"""Runs the cases of ``gitbot test``: offline, or against a local AWS. Shell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from gitbot.adapters.loader import ChildLoader
from gitbot.bootstrap.engine import Opened, open_engine
from gitbot.bootstrap.spec_test_facts import facts_of, recorded_facts
from gitbot.errors import GitbotError, SpecError, UserError
from gitbot.jobs.steps.lease import hold
from gitbot.jobs.steps.planning import Planned
from gitbot.jobs.steps.target import Target
from gitbot.jobs.steps.target_plans import apply_planned, open_cloud, plan_target
from gitbot.language.spec_tests import ENTRY, Case, tree_of
from gitbot.model.cloud import Purpose
from gitbot.model.desired import DesiredStack, LoadedTree
from gitbot.model.diagnostic import Diagnostic
from gitbot.model.names import Sha, StackId, written_name
from gitbot.model.places import SqlitePlace
from gitbot.model.plan import Plan
from gitbot.model.recorded import RecordedStack
from gitbot.model.tree import SpecTree
from gitbot.model.values import redactor
from gitbot.model.verdicts import Judgement
from gitbot.providers.aws.catalog import Catalog
from gitbot.reconciler.plan import make_plan

_ACCOUNT = "100000000001"
_COMMIT = Sha("0" * 40)
_KEY = "the key of tests, which keeps no state"
Chosen = Callable[[LoadedTree, str, str], DesiredStack | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of a case: ``failures`` is empty when it passed."""

    case: Case
    failures: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """Runs cases one after the other.

    ``chosen`` finds the stack of a name in what was loaded. ``fresh_cloud`` gives an empty local AWS,
    whose address is then in this process's environment.
    """

    loader: ChildLoader
    catalog: Catalog
    tree: SpecTree
    chosen: Chosen
    fresh_cloud: Callable[[], None]

    def run(self, case: Case) -> Result:
        """What became of the case. An error of gitbot is a failure of it."""
        try:
            failures = self._failures(case)
        except GitbotError as error:
            failures = [str(error)]
        return Result(case=case, failures=tuple(failures))

    def _failures(self, case: Case) -> list[str]:
        tree, file, name = tree_of(self.tree, case)
        loaded = self.loader.load(tree, reviewed=True)
        told = [one for one in loaded.errors() if _is_about(one, case, file, name)]
        if not told:
            desired = self.chosen(loaded, case.environment, name)
            if desired is None:
                return [
                    f"the stack {name} is not wanted now: it has expired, or has regions: write "
                    f"{name}@us-east-1"
                ]
            try:
                return [*_unexpected(case, ()), *self._tried(case, loaded, name, desired)]
            except SpecError as error:  # what only a plan finds: a precondition, for example
                told = list(error.diagnostics)
        return _unexpected(case, told) + [
            f"there is no plan for {one.that}" for one in case.asserts
        ]

    def _tried(self, case: Case, loaded: LoadedTree, name: str, desired: DesiredStack) -> list[str]:
        """What fails. Raises SpecError where the plan refuses the specs."""
        if case.apply:
            return self._applied(case, loaded, name, desired)
        return self._judged(case, facts_of(self._plan(desired), desired, {}, case))

    def _plan(self, desired: DesiredStack) -> Plan:
        """The plan where nothing is there yet. No cloud is asked."""
        stack = StackId(
            repository="test",
            environment=desired.environment,
            name=desired.name,
            region=desired.region,
        )
        return make_plan(
            stack=stack,
            desired=desired,
            recorded=RecordedStack(id=stack, lineage="test"),
            observed={},
            owners={},
            schemas=self.catalog.lookup,
            account=_ACCOUNT,
            commit=None,
            redactor=redactor(_KEY.encode(), "test"),
            bind=lambda requests: self.loader.bind(requests, reviewed=True),
            pack_version=self.catalog.version,
        )

    def _judged(self, case: Case, facts: Mapping[str, Any]) -> list[str]:
        asked = [Judgement(expression=_bare(one.that), inputs=facts) for one in case.asserts]
        failures = []
        for one, verdict in zip(case.asserts, self.loader.judge(asked, reviewed=True), strict=True):
            if verdict.holds is not True:
                why = verdict.error or one.says or "it is false"
                failures.append(f"{one.that}: {why}")
        return failures

    def _applied(
        self, case: Case, loaded: LoadedTree, name: str, desired: DesiredStack
    ) -> list[str]:
        """Apply the case, plan it again, judge, and destroy it."""
        self.fresh_cloud()
        with (
            TemporaryDirectory() as folder,
            open_engine(SqlitePlace(Path(folder) / "state.db"), hash_key=_KEY) as opened,
        ):
            target = Target(
                repository="test",
                environment=case.environment,
                tree=loaded,
                commit=_COMMIT,
                only=(name,),
            )
            engine = opened.engine

            planned, failures = _walk(opened, target)
            recorded = engine.state.read(planned.plan.stack)
            if not failures:
                cloud = open_cloud(engine, target, Purpose.PLAN)
                (again,) = plan_target(engine, target, cloud, unread={})
                left = [f"{one.address} ({one.action})" for one in again.plan.effective]
                failures += [f"a second plan is not empty: {', '.join(left)}"] if left else []
                facts = facts_of(planned.plan, desired, recorded_facts(recorded), case)
                failures += self._judged(case, facts)
            _, undone = _walk(opened, replace(target, towards_nothing=True))
            return failures + [f"destroying it: {one}" for one in undone]


def _walk(opened: Opened, target: Target) -> tuple[Planned, list[str]]:
    """Plan and apply the one stack of the target; returns the plan, and what failed."""
    engine = opened.engine
    cloud = open_cloud(engine, target, Purpose.APPLY)
    who = engine.processes.name("gitbot test")
    with hold(engine.state, target.key, who, ttl=engine.lease_ttl, clock=engine.clock) as lease:
        (planned,) = plan_target(engine, target, cloud, unread={}, lease=lease)
        done = apply_planned(engine, opened, target, cloud, lease, planned, actor="test")
    return planned, [f"{one.address}: {one.message}" for one in done.failures]


def _bare(expression: str) -> str:
    text = expression.strip()
    return text[2:-1] if text.startswith("${") and text.endswith("}") else text


def _is_about(one: Diagnostic, case: Case, file: str, name: str) -> bool:
    """Whether the diagnostic is about what is tested: its stack, its environment or a module of it."""
    if case.module:
        return one.environment == case.environment or one.file.startswith(f"{case.module}/")
    names = (name, written_name(name))
    of_stack = one.file == file and one.stack in (None, *names)
    return one.environment == case.environment and (of_stack or one.stack in names)


def _unexpected(case: Case, told: Sequence[Diagnostic]) -> list[str]:
    """What was told and not expected, and what was expected and not told."""
    left = list(told)
    failures = []
    for expected in case.expected:
        found = [
            one
            for one in told
            if one.code == expected.code
            and expected.says in f"{one.summary} {one.detail} {one.fix}"
        ]
        if not found:
            failures.append(
                f"the diagnostic {expected.code} {expected.says}".rstrip() + " does not come"
            )
        left = [one for one in left if one not in found]
    return failures + [_words(one, case) for one in left]


def _words(one: Diagnostic, case: Case) -> str:
    """The diagnostic; without a position where it is in the stack that was made for the case."""
    text = f"{one.code}: {one.detail} {one.fix}"
    is_made = bool(case.module) and one.file.startswith("specs/")
    return text.replace(f"{ENTRY}.values", "values") if is_made else f"{one.span}: {text}"


def found_tests(root: Path, names: Sequence[str]) -> list[Path]:
    """The files with cases below specs/ and modules/, or those that are named.

    Raises:
        UserError: there is none.
    """
    from gitbot.language.files import TESTS

    places = [Path(one) for one in names] or [root / "specs", root / "modules"]
    files = [
        file
        for place in places
        for file in ([place] if place.is_file() else sorted(place.rglob(f"*{TESTS}")))
    ]
    if not files:
        raise UserError(
            f"there are no cases: write them into files *{TESTS} beside specs and modules"
        )
    return files
