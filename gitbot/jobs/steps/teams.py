"""Look for teams in which nobody can be found, to say so where they are named. Shell."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from gitbot.decisions.teams import new_teams
from gitbot.errors import TransientError, UserError
from gitbot.jobs.steps.look import Look
from gitbot.jobs.steps.proposal import Proposal
from gitbot.ports.forge import Forge

log = logging.getLogger(__name__)

MOST_ASKED = 10
"""How many teams to ask for: a pull request of anybody can name any number."""


def unseen_teams(forge: Forge, teams: Iterable[str]) -> tuple[str, ...]:
    """Those of the teams in which nobody can be found, in order.

    While GitHub does not answer, it is not known of any.
    """
    return tuple(each for each in sorted(set(teams))[:MOST_ASKED] if not _seen(forge, each))


def new_unseen_teams(seen: Look, proposal: Proposal, environment: str) -> tuple[str, ...]:
    """Such teams to which the pull request gives something in the environment."""
    before, after = (tree.environments.get(environment) for tree in (seen.at_tip, proposal.merged))
    return unseen_teams(seen.forge, new_teams(before, after))


def _seen(forge: Forge, team: str) -> bool:
    try:
        return bool(forge.team_members(team))
    except (TransientError, UserError) as error:
        log.warning("who is in %s is not known: %s", team, error)
        return True
