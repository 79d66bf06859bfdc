"""Say what the next job does with a promotion, for the answer to a command. Shell."""

from __future__ import annotations

from collections.abc import Sequence

from gitbot.decisions.promotion.standing import Next
from gitbot.jobs.steps.look import Ports, look
from gitbot.jobs.steps.promotion.ends import follow_ends
from gitbot.jobs.steps.promotion.others import others_of
from gitbot.jobs.steps.promotion.pending import standing_of
from gitbot.jobs.steps.promotion.world import read_world
from gitbot.model.promotion import PromotionRow
from gitbot.render.promotion_answers import Outlook


def outlooks(ports: Ports, repository: str, rows: Sequence[PromotionRow]) -> list[Outlook]:
    """What becomes of each of the rows, as they are recorded now."""
    opened = ports.forges.open(repository).open_pull_requests()
    seen = look(ports, repository, *(each.number for each in opened if not each.from_fork))
    found = []
    for each in rows:
        world = read_world(ports, seen, seen.rules(each.target.environment))
        standing = standing_of(world, each.stack, follow_ends(world), seen.wanted(each.source))
        row = world.rows[each.stack]
        other = others_of(world, tuple(opened), each.stack) if row.live is None else None
        if standing.next is Next.NOTHING:
            found.append(Outlook(row=row, nothing=standing.why))
        elif standing.next is Next.WAITS or other is None:
            found.append(Outlook(row=row, waits=standing.why))
        else:
            why = f"#{other.number} of {other.author} changes it in {world.target.name}"
            found.append(Outlook(row=row, waits=why))
    return found
