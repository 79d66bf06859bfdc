"""Ask people for a review of a promotion, once. Shell."""

from __future__ import annotations

from dataclasses import replace

from gitbot.jobs.steps.promotion.told import tell_not_asked
from gitbot.jobs.steps.promotion.world import World
from gitbot.model.forge import PullRequest


def ask_people(world: World, head: PullRequest) -> None:
    """Ask the reviewers and assign the authors, where the target's rules name any.

    A row remembers it: asking twice would ask for a second review.
    """
    rows = [
        row
        for row in world.rows.values()
        if row.live is not None and row.live.number == head.number
    ]
    rules = world.rules
    asked = all(row.live is not None and row.live.asked for row in rows)
    if asked or not (rules.reviewers or rules.assign_authors):
        return
    authors = {one for row in rows if row.live is not None for one in row.live.authors}
    refused = world.seen.forge.ask_people(
        head.number,
        reviewers=rules.reviewers,
        assignees=sorted(authors) if rules.assign_authors else (),
    )
    for row in rows:
        if row.live is not None:
            world.put(replace(row, live=replace(row.live, asked=True)))
    if refused:
        tell_not_asked(world, head.number, refused)
