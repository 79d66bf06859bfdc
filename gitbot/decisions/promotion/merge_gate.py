"""Decides what keeps gitbot from merging a promotion by itself, and how it merges. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from gitbot.model.durations import duration_words
from gitbot.model.forge import MergeMethod, MergeRules, Review, ReviewState
from gitbot.model.names import Sha
from gitbot.render.escape import code

_ASKS_REVIEW = re.compile(r"review|approval", re.IGNORECASE)

LATE = timedelta(minutes=30)
"""After this long a required check that has not come is told as one that may never come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """What the branch asks for and does not have, as a clause; empty when nothing is in the way.

    ``who``: nothing but what a person must do is in the way.
    """

    why: str = ""
    who: bool = False


FREE: Final = Blocked()
"""Nothing is in the way."""


def unreadable(why: str) -> Blocked:
    """What is in the way when gitbot may not read the rules; ``why`` names the right that is missing."""
    return Blocked(
        why=f"gitbot cannot read the rules of the branch, so a person merges it: {why}", who=True
    )


def refused(why: str) -> Blocked:
    """What is in the way when GitHub refuses the merge with these words. Older branch protection can
    be read by administrators only, so its rules are first met here."""
    if not _ASKS_REVIEW.search(why):
        return Blocked(why=why)
    return Blocked(
        why=f"{why.rstrip('.')}. gitbot approves nothing by itself; to let it merge without that, let "
        "its App bypass the rule (Settings, Branches or Rules)",
        who=True,
    )


def blocks(
    rules: MergeRules,
    checks: Mapping[str, bool | None],
    *,
    others: bool,
    approvals: int,
    against: Sequence[str] = (),
    waited: timedelta = timedelta(),
) -> Blocked:
    """What keeps gitbot from merging.

    ``checks`` says of each check on the head whether it has passed; None while it runs. ``others``:
    somebody else has committed to the branch. ``approvals`` counts those of the newest commit,
    ``against`` have requested changes, ``waited`` is how long that commit is known.
    """
    people = list(_people(rules, others=others, approvals=approvals, against=against))
    machines = list(_machines(rules, checks, waited))
    return Blocked(why="; ".join([*people, *machines]), who=bool(people) and not machines)


def _people(
    rules: MergeRules, *, others: bool, approvals: int, against: Sequence[str]
) -> Iterator[str]:
    if others:
        yield "somebody else has committed to its branch: a person merges it"
    if against:
        yield f"{', '.join(against)} requested changes"
    if not rules.methods:
        yield "the rules of the branch allow no way to merge"
    by = f" (ruleset {', '.join(map(code, rules.rulesets))})" if rules.rulesets else ""
    stops = []
    if rules.queue:
        stops.append(f"merges go through a queue{by}: a person puts it there")
    if rules.locked:
        stops.append(f"only those on its bypass list may change the branch{by}")
    if approvals < rules.approvals:
        stops.append(
            f"the branch asks for {rules.approvals} approvals of the newest commit and has "
            f"{approvals}{by}; gitbot approves nothing by itself"
        )
    if stops:
        stops[-1] += (
            ". To let gitbot merge without that, add its App to the bypass list of the ruleset "
            "(Settings, Rules, Rulesets)"
        )
    yield from stops


def _machines(
    rules: MergeRules, checks: Mapping[str, bool | None], waited: timedelta
) -> Iterator[str]:
    for name in rules.required_checks:
        check = f"the required check {code(name)}"
        if name not in checks and waited < LATE:
            yield f"{check} has not come yet"
        elif name not in checks:
            yield (
                f"{check} has not come for {duration_words(LATE)} and more: see whether anything still "
                "reports it, or take it out of the rules of the branch"
            )
        elif checks[name] is None:
            yield f"{check} still runs"
        elif not checks[name]:
            yield f"{check} has failed"


def verdicts(reviews: Sequence[Review], head: Sha) -> tuple[frozenset[str], tuple[str, ...]]:
    """Who approves this commit, and who requests changes, by the newest verdict of each; ``reviews``
    are sorted, oldest first."""
    last = {each.author: each for each in reviews if each.state is not ReviewState.COMMENTED}
    approve = frozenset(
        who
        for who, each in last.items()
        if each.state is ReviewState.APPROVED and each.commit == head
    )
    against = (w for w, each in last.items() if each.state is ReviewState.CHANGES_REQUESTED)
    return approve, tuple(sorted(against))


def method_of(rules: MergeRules) -> MergeMethod:
    """How to merge: the first method that is allowed."""
    return rules.methods[0]
