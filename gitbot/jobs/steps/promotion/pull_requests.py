"""Open, update and close the pull request of a group of stacks. Shell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gitbot.decisions.promotion.finding import BOM, target_of
from gitbot.decisions.promotion.grouping import branch_of
from gitbot.decisions.promotion.proposal import Proposal, StackText, promoted
from gitbot.decisions.promotion.remarks import with_remarks
from gitbot.errors import InvariantError
from gitbot.jobs.steps import proposals
from gitbot.jobs.steps.promotion.origins import authors_of
from gitbot.jobs.steps.promotion.world import World, proposed
from gitbot.language.editing.whole import stack_in
from gitbot.model.desired import Requirement
from gitbot.model.forge import PullRequest
from gitbot.model.names import Sha
from gitbot.model.promotion import Live, Part, PromotedStack, PromotionRow
from gitbot.model.proposals import Proposal as NewPullRequest
from gitbot.render.promotion import Pull, body, decisions, message, remark, title


@dataclass(frozen=True, slots=True, kw_only=True)
class Bringing:
    """What a pull request brings: the target's files by path, and of each stack what is told.

    ``proposals`` are those of the stacks, in the order of ``rows``.
    """

    part: Part
    files: dict[str, str]
    rows: tuple[PromotionRow, ...]
    proposals: tuple[Proposal, ...]
    stacks: tuple[PromotedStack, ...]
    origins: tuple[PullRequest, ...]
    authors: tuple[str, ...]

    @property
    def is_draft(self) -> bool:
        """Whether a person must look first."""
        return any(stack.is_draft for stack in self.stacks)


def bringing(
    world: World, rows: Sequence[PromotionRow], part: Part, origins: Sequence[PullRequest]
) -> Bringing:
    """What the stacks bring together. Several of them may be in one file of the target."""
    texts = dict(world.texts)
    found: list[Proposal] = []
    told: list[PromotedStack] = []
    for row in rows:
        one = proposed(world, row, texts)
        if not isinstance(one, Proposal):
            raise InvariantError(f"{row.stack} could be promoted alone, but not with the others.")
        shown = promoted(row.stack, one, world.sources[row.stack], world.edge)
        texts[one.path] = one.without if part is Part.DELETIONS else _remarked(one, shown)
        found.append(one)
        told.append(shown)
    files = {path: text for path, text in texts.items() if world.texts.get(path) != text}
    return Bringing(
        part=part,
        files=files,
        rows=tuple(rows),
        proposals=tuple(found),
        stacks=tuple(told),
        origins=tuple(origins),
        authors=tuple(
            sorted({*authors_of(world, origins), *(one for row in rows for one in row.makers)})
        ),
    )


def _remarked(one: Proposal, shown: PromotedStack) -> str:
    """The text. Where conflicts are all that there is, they stand in it as comments."""
    if not one.is_nothing or not shown.conflicts:
        return one.text
    lines = [(int(each.target.rpartition(":")[2]), remark(shown, each)) for each in shown.conflicts]
    return with_remarks(one.text, lines)


def keep(world: World, new: Bringing, known: PullRequest | None) -> PullRequest:
    """The open pull request that brings exactly this, with the rows that tell of it.

    ``known`` is the one that is open already. Its branch is only written to when it would bring
    something else.

    Raises:
        RefusedError: somebody else has committed to its branch.
        StaleError: the branch was moved meanwhile.
        UserError: GitHub refuses.
    """
    shown = _shown(world, new)
    if known is not None and _brings(world, known, new):
        world.seen.forge.edit_pull_request(known.number, title=title(shown), body=body(shown))
        found = known
    else:
        found = proposals.propose(
            world.ports,
            world.seen,
            NewPullRequest(
                branch=_branch(world, new),
                base=world.seen.tip,
                files=_bytes(world, new.files),
                message=message(shown),
                title=title(shown),
                body=body(shown),
                labels=(*world.rules.labels, *(["destroy"] if new.part is Part.DELETIONS else [])),
                draft=new.is_draft,
                makers=frozenset(new.authors),
            ),
        )
    for row, proposal, told in zip(new.rows, new.proposals, new.stacks, strict=True):
        world.put(replace(row, live=_live(world, new, row, proposal, told, found)))
    return found


def _shown(world: World, new: Bringing) -> Pull:
    return Pull(
        part=new.part,
        rules=world.rules,
        target=world.target.name,
        stacks=new.stacks,
        origins=tuple((each.number, each.title, each.author) for each in new.origins),
        authors=new.authors,
        former=next((row.former for row in new.rows if row.former is not None), None),
    )


def _branch(world: World, new: Bringing) -> str:
    for row in new.rows:
        if row.live is not None and row.live.part is new.part:
            return row.live.branch
    first = new.rows[0].stack
    deletions = new.part is Part.DELETIONS
    return branch_of(world.source.name, world.target.name, first, deletions=deletions)


def _brings(world: World, known: PullRequest, new: Bringing) -> bool:
    """Whether the head of the pull request has these files, and nothing stands in its way."""
    seen = world.seen
    own = world.ports.records.proposals.of_branch(seen.repository.id, known.head_ref)
    tree = seen.mirror.merge(seen.tip, known.head)
    if tree is None or own is None or not own.head:
        return False
    behind = Requirement.UP_TO_DATE in world.target.requirements
    if behind and not seen.mirror.contains(seen.tip, known.head):
        return False
    entries = seen.mirror.specs(Sha(tree)).entries
    return all(
        path in entries and entries[path].content == (text or "").encode()
        for path, text in _bytes(world, new.files).items()
    )


def _bytes(world: World, files: dict[str, str]) -> dict[str, str | None]:
    """The files as they are written: with the mark of bytes that a file had."""
    entries = world.seen.tree.entries
    marked = {
        path: path in entries and (entries[path].content or b"").startswith(BOM.encode())
        for path in files
    }
    return {path: BOM + text if marked[path] else text for path, text in files.items()}


def _live(
    world: World,
    new: Bringing,
    row: PromotionRow,
    proposal: Proposal,
    told: PromotedStack,
    found: PullRequest,
) -> Live:
    ours = target_of(row.stack, world.sources[row.stack], world.targets)
    after = new.files.get(proposal.path, proposal.text)
    number = stack_in(after, row.stack)
    document = StackText(path=proposal.path, text=after, document=number or 0)
    return Live(
        number=found.number,
        branch=found.head_ref,
        part=new.part,
        base=world.sources[row.stack].alone if new.part is Part.DELETIONS else proposal.base,
        before=ours.alone if ours is not None else "",
        after=document.alone if number is not None else "",
        was=row.base,
        undecided=len(list(decisions(told))),
        origins=tuple(each.number for each in new.origins),
        authors=new.authors,
    )


def close(world: World, known: PullRequest, rows: Sequence[PromotionRow]) -> None:
    """Close the pull request, of which nothing is left. The rows forget it first, so that nobody
    takes that for a person's close."""
    for row in rows:
        world.put(replace(row, live=None, wake_at=None))
    world.seen.forge.close_pull_request(known.number)
