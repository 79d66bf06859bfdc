"""Decides what keeps gitbot from merging a promotion by itself, and how it merges. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from gitbot.model.forge import MergeMethod, MergeRules


def blocks(
    rules: MergeRules, checks: Mapping[str, bool | None], *, others: bool, approvals: int
) -> str:
    """What the branch asks for and does not have, as a clause; empty when nothing is in the way.

    ``checks`` says of each check on the head whether it has passed; None while it runs. ``others``:
    somebody else has committed to the branch. ``approvals`` counts those that GitHub takes.
    """
    found = []
    if others:
        found.append("somebody else has committed to its branch: a person merges it")
    if rules.queue:
        found.append("merges go through a queue: a person puts it there")
    if not rules.methods:
        found.append("the rules of the branch allow no way to merge")
    if approvals < rules.approvals:
        found.append(
            f"the branch asks for {rules.approvals} approvals and has {approvals}; gitbot approves "
            "nothing by itself. To let it merge without one, add its App to the ruleset's bypass list"
        )
    for name in rules.required_checks:
        if name not in checks:
            found.append(f"the required check {name} has not come")
        elif checks[name] is None:
            found.append(f"the required check {name} still runs")
        elif not checks[name]:
            found.append(f"the required check {name} has failed")
    return "; ".join(found)


def method_of(rules: MergeRules) -> MergeMethod:
    """How to merge: the first method that is allowed."""
    return rules.methods[0]
