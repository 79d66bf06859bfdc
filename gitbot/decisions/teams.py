"""Names the teams that the rules of an environment give something to. Pure."""

from __future__ import annotations

from gitbot.model.desired import Environment


def new_teams(before: Environment | None, after: Environment | None) -> frozenset[str]:
    """The teams (``org/team``) that the rules after a change name, and did not name before it."""
    return _teams(after) - _teams(before)


def _teams(rules: Environment | None) -> frozenset[str]:
    """Whoever may give a command, override a window or is asked for a review."""
    if rules is None:
        return frozenset()
    named = [grant.teams for grant in rules.grants.values()]
    named += [window.teams for window in rules.freezes]
    reviewers = () if rules.promotes_from is None else rules.promotes_from.reviewers
    return frozenset(each for each in reviewers if "/" in each).union(*named)
