"""Decides whether the plan that a pull request shows is still up to date. Pure.

A plan is stale when one of these has changed for a stack of the pull request: the desired hash at
the tip, the environment's rules, the claim, or the serial. Other changes of the tip do not matter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from gitbot.language.hashing import rules_hash
from gitbot.model.desired import Environment, LoadedTree
from gitbot.model.forge import PullRequest
from gitbot.model.freeze import HandFreeze
from gitbot.model.names import Sha
from gitbot.model.recorded import StackHeader
from gitbot.model.runs import Claim
from gitbot.model.said import PlannedMark, StackMark
from gitbot.model.values import sha256_hex
from gitbot.model.wanted import Wanted

GONE = "gone"
"""Takes the place of the hash of an environment that the tip does not have."""


NEVER = PlannedMark(head=Sha(""), base_ref="")
"""The mark of a pull request that was never planned: it is always stale."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TipFacts:
    """The facts at the tip that shown plans depend on.

    ``rules`` maps an environment to a hash of its rules, ``contents`` to a hash of its rules,
    stacks and diagnostics. ``stacks`` maps ``env/name`` to the mark of each stack that the tip, the
    state or a claim knows. ``frozen`` maps an environment that a person froze to that command.
    """

    tip: Sha
    rules: Mapping[str, str]
    contents: Mapping[str, str]
    stacks: Mapping[str, StackMark]
    frozen: Mapping[str, str] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """A hash that changes when any of the facts changes."""
        marks = [
            f"{label}:{mark.desired_hash}:{mark.serial}:{mark.claimed_by}"
            for label, mark in sorted(self.stacks.items())
        ]
        contents = [f"{name}:{each}" for name, each in sorted(self.contents.items())]
        frozen = [f"{name}:{each}" for name, each in sorted(self.frozen.items())]
        return sha256_hex("\n".join([self.tip, *contents, *marks, *frozen]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """The part of one environment that a pull request touches.

    ``stacks`` are those that it changes, and those whose outputs these use. ``shared``: the plan
    depends on the whole environment and not only on these stacks. It does when the pull request
    changes a file that other stacks use too, or shows problems in the specs.
    """

    environment: str
    stacks: Collection[str]
    shared: bool


def tip_facts(
    tip: Sha,
    loaded: LoadedTree,
    wanted: Mapping[str, Wanted],
    recorded: Iterable[StackHeader],
    claims: Iterable[Claim],
    freezes: Iterable[HandFreeze] = (),
) -> TipFacts:
    """The facts of one tip, computed once for all pull requests."""
    rules = {name: rules_hash(each) for name, each in loaded.environments.items()}
    hashes = {
        f"{environment}/{name}": stack.hash
        for environment, each in wanted.items()
        for name, stack in each.stacks.items()
    }
    # A stack that changed its region has a header in each region, so add up their serials.
    serials = Counter[str]()
    for header in recorded:
        serials[header.id.label] += header.serial
    holders = {claim.stack.label: claim.pull_request for claim in claims}
    return TipFacts(
        tip=tip,
        rules=rules,
        contents={name: _content(rules[name], wanted.get(name), loaded) for name in rules},
        stacks={
            label: StackMark(
                serial=serials[label],
                desired_hash=hashes.get(label),
                claimed_by=holders.get(label),
            )
            for label in {*hashes, *serials, *holders}
        },
        frozen={each.environment.environment: each.command for each in freezes},
    )


def _content(rules: str, wanted: Wanted | None, loaded: LoadedTree) -> str:
    stacks = wanted.stacks if wanted is not None else {}
    lines = [rules, *(f"{name}={stacks[name].hash}" for name in sorted(stacks))]
    if wanted is not None:
        lines += [
            f"{d.file}:{d.line}:{d.code}"
            for d in loaded.diagnostics
            if d.environment == wanted.environment
        ]
    return sha256_hex("\n".join(lines))


def mark(
    pull_request: PullRequest,
    facts: TipFacts,
    touched: Iterable[Touched],
    *,
    leave: bool,
    exact: bool = False,
) -> PlannedMark:
    """The mark of a new plan: all that it depends on. ``exact``: also on this exact tip."""
    parts = tuple(touched)
    labels = [f"{part.environment}/{name}" for part in parts for name in part.stacks]
    return PlannedMark(
        head=pull_request.head,
        base_ref=pull_request.base_ref,
        leave=leave,
        tip=facts.tip if exact else None,
        environments={
            part.environment: _environment(facts, part.environment, part.shared) for part in parts
        },
        stacks={label: _stack(facts, label) for label in labels},
        frozen={
            part.environment: facts.frozen[part.environment]
            for part in parts
            if part.environment in facts.frozen
        },
    )


def stale(
    known: PlannedMark | None, pull_request: PullRequest, facts: TipFacts, *, leave: bool
) -> bool:
    """Whether the pull request must be planned again."""
    if known is None or known.head != pull_request.head or known.base_ref != pull_request.base_ref:
        return True
    if known.leave != leave or known.tip not in (None, facts.tip):
        return True
    number = pull_request.number
    # Its comment says whether it is frozen; what the plan would do has not moved.
    if any(known.frozen.get(name) != facts.frozen.get(name) for name in known.environments):
        return True
    return any(moved(known, facts, number, environment) for environment in known.environments)


def moved(
    known: PlannedMark,
    facts: TipFacts,
    number: int,
    environment: str,
    stacks: Collection[str] | None = None,
) -> str:
    """What has changed in the environment since the pull request was planned, as a sentence.

    Empty when nothing has. ``stacks`` limits the question to some stacks of the pull request; None
    asks about all of them. The pull request's own claims do not count.
    """
    before = known.environments.get(environment)
    if before not in (facts.rules.get(environment, GONE), facts.contents.get(environment, GONE)):
        return f"the tracked branch changed {environment} since it was planned"
    for label, then in known.stacks.items():
        place, _, name = label.partition("/")
        if place != environment or (stacks is not None and name not in stacks):
            continue
        if why := _moved_stack(
            label, _unclaimed(then, number), _unclaimed(_stack(facts, label), number)
        ):
            return why
    return ""


def _unclaimed(mark: StackMark, number: int) -> StackMark:
    return replace(mark, claimed_by=None) if mark.claimed_by == number else mark


def _moved_stack(label: str, then: StackMark, now: StackMark) -> str:
    if then.desired_hash != now.desired_hash:
        return f"the tracked branch changed {label} since it was planned"
    if then.serial != now.serial:
        return f"{label} was applied since it was planned"
    if then.claimed_by != now.claimed_by:
        return f"another pull request claimed or released {label} since it was planned"
    return ""


def _environment(facts: TipFacts, name: str, shared: bool) -> str:
    return (facts.contents if shared else facts.rules).get(name, GONE)


def _stack(facts: TipFacts, label: str) -> StackMark:
    return facts.stacks.get(label) or StackMark(serial=0)


def touched_files(before: Mapping[str, object], after: Mapping[str, object]) -> frozenset[str]:
    """The paths of the entries that differ between two trees of specs."""
    return frozenset(path for path in {*before, *after} if before.get(path) != after.get(path))


def is_shared(
    environment: str, files: Collection[str], own: Collection[str], rules: Environment | None
) -> bool:
    """Whether a changed file of the environment is not one of the stacks' ``own`` files."""
    folder = f"specs/{environment}/"
    return rules is None or any(
        file not in own
        for file in files
        if file.startswith(folder) or not file.startswith("specs/")
    )
