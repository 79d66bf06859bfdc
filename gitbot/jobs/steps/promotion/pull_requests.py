"""Open, update and close the pull request of a group of stacks. Shell."""

from __future__ import annotations

from dataclasses import replace

from gitbot.decisions.promotion.drafts import Turn, reasons_of, turn
from gitbot.decisions.promotion.grouping import next_branches
from gitbot.decisions.promotion.makers import who_made
from gitbot.errors import MissingRightError
from gitbot.jobs.steps import proposals
from gitbot.jobs.steps.promotion.bringing import Bringing, Brought, written
from gitbot.jobs.steps.promotion.told import tell_closed
from gitbot.jobs.steps.promotion.world import World
from gitbot.model.desired import Requirement
from gitbot.model.forge import PullRequest
from gitbot.model.names import Sha
from gitbot.model.promotion import NEEDS_DECISION, Live, Part, PromotionRow
from gitbot.model.proposals import Proposal
from gitbot.render.promotion import Pull, body, message, title
from gitbot.render.promotion_gates import gates_in, with_gates


def keep(world: World, new: Bringing, branch: str, known: PullRequest | None) -> PullRequest:
    """The open pull request that brings exactly this, with the rows that tell of it.

    ``known`` is the one that is open already, from ``branch``. It is only written to when it would bring
    something else.

    Raises:
        OthersCommitsError: somebody else has committed to the branch of the one that is open. A new one
            gets another branch instead.
        StaleError: the branch was moved meanwhile.
        UserError: GitHub refuses.
    """
    free = branch if known is not None else _free(world, branch)
    shown = replace(_shown(world, new, known), taken="" if free == branch else branch)
    # The gates are written by ``settle_gates``, which comes after it: what stands there stays.
    text = with_gates(body(shown), gates_in(known.body) if known is not None else "")
    again = any(row.rebuild for row in new.rows)
    if known is not None and not again and _brings(world, known, new):
        world.seen.forge.edit_pull_request(known.number, title=title(shown), body=text)
        found = known
    else:
        found = proposals.propose(world.ports, world.seen, _proposal(world, new, free, shown, text))
    everybody = proposals.credit(world.ports, world.seen, found, new.makers.keys())
    authors = tuple(sorted(everybody - {world.seen.forge.login}))
    # Mark it before the rows say why: a process that dies in between marks it again.
    drafted = _mark(world, new, found, opened=known is None)
    for each in new.brought:
        live = replace(_live(world, new, each, found, authors), drafted=drafted)
        world.put(replace(each.row, live=live, rebuild=False))
    return found


def _proposal(world: World, new: Bringing, branch: str, shown: Pull, text: str) -> Proposal:
    """What to open, or to update the open one to."""
    return Proposal(
        branch=branch,
        base=world.seen.tip,
        files=written(world, new.files),
        message=message(shown),
        title=title(shown),
        body=text,
        labels=(*world.rules.labels, *(["destroy"] if new.part is Part.DELETIONS else [])),
        draft=new.is_draft,
        makers=frozenset(new.makers),
    )


def _free(world: World, branch: str) -> str:
    """The branch, or the first in its place to which nobody else has committed."""
    every = next_branches(branch)
    return next(one for one in every if proposals.is_free(world.ports, world.seen, one))


def _mark(world: World, new: Bringing, found: PullRequest, *, opened: bool) -> bool:
    """Make it a draft or ready as the reasons want it; returns whether it is a draft of ours now.

    Where there are no drafts, or gitbot may not make any, a label stands for it.
    """
    lives = [row.live for row in new.rows if row.live is not None]
    marked = found.draft or NEEDS_DECISION in found.labels
    ours = opened or any(live.drafted for live in lives)
    before = {reason for live in lives for reason in live.reasons}
    now = {reason for each in new.brought for reason in reasons_of(each.told)}
    forge = world.seen.forge
    match turn(before, now, marked=marked, ours=ours):
        case Turn.DRAFT:
            if not _made_draft(world, found):
                forge.label(found.number, add=[NEEDS_DECISION])
            return True
        case Turn.READY:
            forge.set_draft(found.number, draft=False)
            forge.label(found.number, remove=[NEEDS_DECISION])
            return False
        case Turn.STAY:
            return marked and ours


def _made_draft(world: World, found: PullRequest) -> bool:
    try:
        return world.seen.forge.set_draft(found.number, draft=True)
    except MissingRightError:
        return False


def is_decided(world: World, head: PullRequest) -> bool:
    """Whether a person has decided what there was to decide: by a commit to the branch, by marking the
    draft as ready, or by taking the label away."""
    own = world.ports.records.proposals.of_branch(world.seen.repository.id, head.head_ref)
    if own is not None and own.head not in ("", head.head):
        return True
    return not head.draft and NEEDS_DECISION not in head.labels


def _shown(world: World, new: Bringing, known: PullRequest | None) -> Pull:
    records, repository = world.ports.records, world.seen.repository.id
    counted = records.proposals.makers(repository, known.number) if known is not None else set()
    earlier = counted - {world.seen.forge.login}
    formers = {row.former for row in new.rows} - {None, known.number if known is not None else None}
    return Pull(
        part=new.part,
        rules=world.rules,
        target=world.target.name,
        stacks=new.stacks,
        origins=tuple((each.number, each.title, each.author) for each in new.origins),
        makers=who_made([({one}, what) for one, what in new.makers.items()], earlier),
        doubt=new.doubt,
        pin=new.pin,
        beside=new.beside,
        former=max((one for one in formers if one is not None), default=None),
    )


def _brings(world: World, known: PullRequest, new: Bringing) -> bool:
    """Whether the head of the pull request has these files, and nothing stands in its way."""
    seen = world.seen
    own = world.ports.records.proposals.of_branch(seen.repository.id, known.head_ref)
    if own is None or not own.head or not seen.mirror.has(known.head):
        return False
    tree = seen.mirror.merge(seen.tip, known.head)
    if tree is None:
        return False
    behind = Requirement.UP_TO_DATE in world.target.requirements
    if behind and not seen.mirror.contains(seen.tip, known.head):
        return False
    wanted = {
        path: None if text is None else text.encode()
        for path, text in written(world, new.files).items()
    }
    before, after = seen.tree.entries, seen.mirror.specs(Sha(tree)).entries
    changed = {path for path in {*before, *after} if before.get(path) != after.get(path)}
    return changed == wanted.keys() and all(
        (path not in after) if content is None else after[path].content == content
        for path, content in wanted.items()
    )


def _live(
    world: World, new: Bringing, each: Brought, found: PullRequest, authors: tuple[str, ...]
) -> Live:
    move = new.pin if new.pin is not None and each.row.stack in new.pin.stacks else None
    return Live(
        number=found.number,
        branch=found.head_ref,
        part=new.part,
        base=each.base,
        before=each.before,
        after=each.after,
        was=each.row.base,
        base_commit=world.seen.tip,
        was_commit=each.row.base_commit,
        reasons=reasons_of(each.told),
        asked=each.row.live is not None and each.row.live.asked,
        head=each.row.live.head if each.row.live is not None else None,
        head_since=each.row.live.head_since if each.row.live is not None else None,
        origins=tuple(one.number for one in new.origins),
        authors=authors,
        doubt=new.doubt,
        pin_before=(move.before or "") if move is not None else "",
        pin_after=move.after if move is not None else "",
    )


def close(world: World, number: int, why: str) -> None:
    """Say why, and close the pull request. A process that dies in between leaves a close of our own,
    which is no hold."""
    tell_closed(world, number, why)
    world.seen.forge.close_pull_request(number)
    for row in list(world.rows.values()):
        if row.live is not None and row.live.number == number:
            leave(world, row)


def leave(world: World, row: PromotionRow) -> None:
    """Record that the stack is in no pull request any more."""
    world.put(replace(row, live=None, wake_at=None))
