"""Read what a pull request does to the expiries of an environment, in sentences. Shell."""

from __future__ import annotations

from gitbot.decisions.expiry.preview import Side, previews
from gitbot.jobs.steps.look import Look, Ports
from gitbot.jobs.steps.proposal import Proposal
from gitbot.model.names import region_of
from gitbot.render.expiry import preview_words


def expiry_previews(
    ports: Ports, seen: Look, proposal: Proposal, environment: str
) -> tuple[str, ...]:
    """A sentence about each stack whose expiry the pull request makes, moves or takes away."""
    before, after = (tree.environments.get(environment) for tree in (seen.at_tip, proposal.merged))
    if after is None:
        return ()
    key = seen.key(environment)
    found = previews(
        Side(
            stacks=proposal.wanted_before(environment).stacks,
            rules=None if before is None else before.expiry,
        ),
        Side(stacks=proposal.wanted(environment).stacks, rules=after.expiry),
        {row.stack.name: row for row in ports.records.expiries.of_environment(key)},
        {
            header.id.name: header
            for header in ports.engine.state.headers(key.repository, environment)
            if header.id.region == region_of(header.id.name, after.region)
        },
        ports.engine.calendar.now(),
    )
    return tuple(preview_words(each, after.timezone) for each in found)
