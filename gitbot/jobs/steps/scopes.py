"""Find what to plan of each environment that a proposal touches. Shell."""

from __future__ import annotations

from collections.abc import Sequence

from gitbot.decisions.scope import Scope, ScopeFacts, scope
from gitbot.jobs.steps.look import Look, Ports
from gitbot.jobs.steps.proposal import Proposal


def scopes(ports: Ports, seen: Look, proposal: Proposal, note: str) -> Sequence[Scope]:
    """What to plan, by environment. ``note`` says why all of it is only validated, or is empty."""
    headers = ports.engine.state.headers(seen.repository.id)
    found = (
        scope(
            ScopeFacts(
                environment=name,
                tip=proposal.before,
                merged=proposal.merged,
                tip_wanted=proposal.wanted_before(name),
                merged_wanted=proposal.wanted(name),
                recorded=[header for header in headers if header.id.environment == name],
                note=note,
            )
        )
        for name in proposal.environments()
    )
    return tuple(each for each in found if each is not None)
