"""Whether the plan that a pull request shows still speaks of the world as it is. Pure.

A plan is stale when the desired hash, the rules, the claim or the serial of a stack that the pull
request changes has moved since. A tip that moves nothing of this leaves the plan standing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from gitbot.language.hashing import rules_hash
from gitbot.model.desired import Environment, LoadedTree
from gitbot.model.forge import PullRequest
from gitbot.model.names import Sha
from gitbot.model.recorded import StackHeader
from gitbot.model.runs import Claim
from gitbot.model.said import PlannedMark, StackMark
from gitbot.model.values import sha256_hex
from gitbot.model.wanted import Wanted

GONE = "gone"
"""Stands for the hash of an environment that the tip does not have."""


NEVER = PlannedMark(head=Sha(""), base_ref="")
"""The mark of a pull request that was never planned: everything has moved since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TipFacts:
    """The tip and the records beside it, as far as plans depend on them.

    ``rules`` and ``contents`` map an environment to a hash of its rules, and of its rules and
    stacks. ``stacks`` maps ``env/name`` to the mark of every stack that tip, state or a claim knows.
    """

    tip: Sha
    rules: Mapping[str, str]
    contents: Mapping[str, str]
    stacks: Mapping[str, StackMark]

    @property
    def digest(self) -> str:
        """Names the facts: it changes with any of them."""
        marks = [
            f"{label}:{mark.desired_hash}:{mark.serial}:{mark.claimed_by}"
            for label, mark in sorted(self.stacks.items())
        ]
        contents = [f"{name}:{each}" for name, each in sorted(self.contents.items())]
        return sha256_hex("\n".join([self.tip, *contents, *marks]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """What a pull request touches of one environment.

    ``shared``: more counts than these stacks, because it changes a file that is not just their own,
    or the specs have problems that it shows.
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
) -> TipFacts:
    """The facts of one tip, computed once for all pull requests."""
    rules = {name: rules_hash(each) for name, each in loaded.environments.items()}
    hashes = {
        f"{environment}/{name}": stack.hash
        for environment, each in wanted.items()
        for name, stack in each.stacks.items()
    }
    # A stack that lived in another region has a header of its own there: the sum moves with either.
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
    """What the plan that is being made depends on. ``exact``: on this very tip."""
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
    )


def stale(
    known: PlannedMark | None, pull_request: PullRequest, facts: TipFacts, *, leave: bool
) -> bool:
    """Whether the pull request has to be planned again."""
    if known is None or known.head != pull_request.head or known.base_ref != pull_request.base_ref:
        return True
    if known.leave != leave or known.tip not in (None, facts.tip):
        return True
    number = pull_request.number
    return any(moved(known, facts, number, environment) for environment in known.environments)


def moved(
    known: PlannedMark,
    facts: TipFacts,
    number: int,
    environment: str,
    stacks: Collection[str] | None = None,
) -> str:
    """What moved in the environment since the pull request was planned, as a sentence; empty:
    nothing.

    ``stacks`` limits the question to these of the pull request's stacks; None: all of them. A claim
    of the pull request itself keeps nothing from being applied, so it moves nothing.
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
        return f"another pull request took or gave back {label} since it was planned"
    return ""


def _environment(facts: TipFacts, name: str, shared: bool) -> str:
    return (facts.contents if shared else facts.rules).get(name, GONE)


def _stack(facts: TipFacts, label: str) -> StackMark:
    return facts.stacks.get(label) or StackMark(serial=0)


def touched_files(before: Mapping[str, object], after: Mapping[str, object]) -> frozenset[str]:
    """Paths of the entries that differ between two trees of specs."""
    return frozenset(path for path in {*before, *after} if before.get(path) != after.get(path))


def is_shared(
    environment: str, files: Collection[str], own: Collection[str], rules: Environment | None
) -> bool:
    """Whether any changed file of the environment is more than one of these stacks' own."""
    folder = f"specs/{environment}/"
    return rules is None or any(
        file not in own
        for file in files
        if file.startswith(folder) or not file.startswith("specs/")
    )
