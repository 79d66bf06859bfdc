"""Words about promotions: what is promoted, what stays different, and what a person must decide. Pure.

The sentences hold code spans; ``escape.sentence`` makes Markdown of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gitbot.model.pins import Beside, PinMove
from gitbot.model.promotion import (
    Difference,
    Hold,
    How,
    Part,
    PlacedConflict,
    PromotedStack,
    PromotionRules,
    SpecPath,
    Why,
)
from gitbot.render.escape import code, plain, sentence

_LONGEST = 120
_LONGEST_LIST = 10_000


def pointer(path: SpecPath) -> str:
    """The path as a JSON pointer: https://www.rfc-editor.org/rfc/rfc6901"""
    return "/" + "/".join(str(one).replace("~", "~0").replace("/", "~1") for one in path)


def shown(value: Any) -> str:
    """A value in a code span, shortened; ``nothing`` where nothing is."""
    if value is None:
        return "nothing"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    flat = " ".join(text.replace("`", "'").split())
    return f"`{flat[:_LONGEST]}…`" if len(flat) > _LONGEST else f"`{flat or '(empty)'}`"


def decisions(stack: PromotedStack) -> Iterator[str]:
    """What a person must decide before the promotion can be merged, a sentence each."""
    for placed in stack.conflicts:
        one = placed.conflict
        yield (
            f"`{pointer(one.path)}` was changed in both: {stack.source} has {shown(one.source)} "
            f"({placed.source}), {stack.target} has {shown(one.target)} ({placed.target}). "
            f"gitbot leaves {stack.target}'s value: write what is right on this branch, or keep it."
        )
    for bound in stack.bound:
        yield (
            f"`{pointer(bound.path)}` becomes {shown(bound.value)}: {bound.what}. Write what is right "
            f"for {stack.target}, or make it a variable of the environment."
        )
    for lacking in stack.lacking:
        yield (
            f"`{pointer(lacking.of)}` needs `{pointer(lacking.path)}` in "
            f"`{lacking.file or stack.path}`, which {stack.target} does not have. Add it."
        )
    for other in stack.unproven:
        parts = ", ".join(f"`{part}`" for part in other.unproven)
        yield (
            f"`{stack.target}/{other.stack}` changes by {parts}, and no stack of {stack.source} uses that: nothing "
            "was applied with the change yet. Look at its plan here, and mark this as ready if it is right."
        )


def stays(stack: PromotedStack) -> Iterator[str]:
    """What stays different in the target and why, a sentence each."""
    for one in stack.differences:
        yield (
            f"`{pointer(one.path)}` stays {shown(one.target)} ({stack.source}: {shown(one.source)}): "
            f"{_why(one, stack)}."
        )
    if stack.deleted:
        names = ", ".join(f"`{one}`" for one in stack.deleted)
        yield (
            f"{names} {'is' if len(stack.deleted) == 1 else 'are'} not in {stack.source} any more and "
            f"{'stays' if len(stack.deleted) == 1 else 'stay'} in {stack.target}: deletions come in a "
            "pull request of their own."
        )


def _why(one: Difference, stack: PromotedStack) -> str:
    match one.why:
        case Why.KEEP:
            return f"`promotesFrom.keep` of {stack.target} names it"
        case Why.OWN:
            return "every environment has its own"
        case Why.VALUES:
            return f"{stack.target} had set a value of its own"
        case Why.TARGET:
            return f"only {stack.target} has changed it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """What the pull request of a promotion says.

    ``origins`` are the numbers, titles and authors of the source's pull requests. ``makers`` are all who
    count as its authors, and what they did. ``former`` is the
    number of the pull request in whose place it stands, ``taken`` the branch that it does not use, since
    others have committed to it. ``doubt`` says why the authors may not be all. ``pin``: it moves the
    commit that the target takes modules from. ``beside`` are the stacks that change by that alone.
    """

    part: Part
    rules: PromotionRules
    target: str
    stacks: tuple[PromotedStack, ...]
    origins: tuple[tuple[int, str, str], ...] = ()
    makers: Mapping[str, str] = field(default_factory=dict)
    doubt: str = ""
    former: int | None = None
    taken: str = ""
    pin: PinMove | None = None
    beside: tuple[Beside, ...] = ()

    @property
    def names(self) -> str:
        """The stacks, for titles."""
        return ", ".join(stack.name for stack in self.stacks)


def title(pull: Pull) -> str:
    """The title of the pull request."""
    what = "Promote" if pull.part is Part.CHANGES else "Delete what is gone:"
    ways = f"from {pull.rules.source} to {pull.target}"
    return f"{pull.rules.title_prefix}{what} {pull.names} {ways}"


def message(pull: Pull) -> str:
    """The message of its commit."""
    what = "Promote" if pull.part is Part.CHANGES else "Delete what is gone of"
    head = f"{what} {pull.names} from {pull.rules.source} to {pull.target}"
    numbers = ", ".join(f"#{number}" for number, _, _ in pull.origins)
    return f"{pull.rules.commit_prefix}{head}" + (f"\n\nFrom {numbers}.\n" if numbers else "\n")


def remark(stack: PromotedStack, placed: PlacedConflict) -> str:
    """The comment in the file that shows a conflict where nothing else could."""
    one = placed.conflict
    return (
        f"Both changed {pointer(one.path)}: {stack.source} has {shown(one.source)}, {stack.target} "
        f"has {shown(one.target)}. Write what is right and remove this comment."
    )


def body(pull: Pull) -> str:
    """The text of the pull request, in Markdown."""
    source, target = pull.rules.source, pull.target
    parts = [_opening(pull), *_moved_pin(pull)]
    if pull.former is not None:
        parts.append(f"It stands in the place of #{pull.former}.")
    if pull.taken:
        parts.append(
            f"Others have committed to the branch {code(pull.taken)}: their work stays there and is no part of "
            "this."
        )
    origins = [f"#{number} {plain(name)} ({plain(by)})" for number, name, by in pull.origins]
    parts += _listed(f"What was applied in {source}", origins, "the commits name them")
    every = f"`gitbot promote {source} <stack> --dry-run` shows them all"
    needs = [sentence(one) for stack in pull.stacks for one in decisions(stack)]
    parts += _listed("What a person must decide", needs, every)
    if pull.part is Part.CHANGES:
        kept = [sentence(one) for stack in pull.stacks for one in stays(stack)]
        parts += _listed(f"What stays different in {target}, and why", kept, every)
    makers = [f"{code(one)} {sentence(what)}" for one, what in pull.makers.items()]
    parts += _listed("Whose approval does not count, since they made it", makers, "see the commits")
    if pull.doubt:
        parts.append(
            f"Not everybody who made it is known: {sentence(pull.doubt)}. So nobody can waive its soak, and "
            "where an approval is required, two people must approve it."
        )
    parts.append(_closing(pull))
    return "\n\n".join(parts)


def _listed(heading: str, lines: Sequence[str], where: str) -> list[str]:
    """The list with its heading, none for no lines. GitHub takes no text of any length: of a long list
    it says ``where`` the rest is."""
    shown = list(lines)
    while sum(map(len, shown)) > _LONGEST_LIST:
        shown.pop()
    left = len(lines) - len(shown)
    more = [f"- and {left} more: {where}"] if left else []
    return ["\n".join([f"**{heading}**", "", *(f"- {one}" for one in shown), *more])] * bool(lines)


def _opening(pull: Pull) -> str:
    names = ", ".join(_placed(stack) for stack in pull.stacks)
    source, target = pull.rules.source, pull.target
    if pull.part is Part.DELETIONS:
        gone = ", ".join(code(one) for stack in pull.stacks for one in stack.deleted) or names
        return f"{source} has {gone} no more. Merging this deletes it in {target}, with its data."
    if pull.pin is not None:
        return f"This brings to {target} what {source} changed in {names} and in what they use."
    return f"This brings to {target} what {source} changed in {names}, and no other line."


def _placed(stack: PromotedStack) -> str:
    """The stack, with the regions in which the target has it: each has a plan of its own."""
    regions = ", ".join(plain(one) for one in stack.regions)
    return f"{code(stack.name)} ({regions})" if regions else code(stack.name)


def _moved_pin(pull: Pull) -> Iterator[str]:
    """Says which commit modules come from then, and what differs in them."""
    move = pull.pin
    if move is None:
        return
    changed = ", ".join(code(one) for one in move.changed)
    was = f"was {code(move.before[:12])}" if move.before else "is new"
    yield (
        f"`modules:` in the environment.yaml of {plain(pull.target)} becomes {code(move.after[:12])} ({was}): "
        f"{changed} changed in between. It concerns every stack of {plain(pull.target)} that uses them: the plan "
        "on this pull request shows each that changes."
    )
    yield from _listed(
        f"What changes in {pull.target} by that alone",
        [_beside(pull, one) for one in pull.beside],
        "the plan shows each",
    )


def _beside(pull: Pull, one: Beside) -> str:
    """Says of a stack that is not promoted itself what runs with the same modules already."""
    runs = ", ".join(code(f"{pull.rules.source}/{name}") for name in sorted(one.proofs))
    waits = f"its gates wait for {runs}, which {_have(len(one.proofs))} the same" if runs else ""
    return f"{code(one.stack)}: its spec stays as it is{f'; {waits}' if waits else ''}"


def _have(number: int) -> str:
    return "uses" if number == 1 else "use"


def _closing(pull: Pull) -> str:
    how = (
        "gitbot merges it when every gate below is open."
        if pull.rules.how is How.MERGE and pull.part is Part.CHANGES
        else "A person merges it when every gate below is open."
    )
    return f"{how} Closing it without a merge holds the promotion until somebody says `/promote resume`."


def waits_for_other(source: str, target: str, stacks: Sequence[str]) -> str:
    """The comment on somebody's pull request that a promotion waits for it."""
    names = ", ".join(code(stack) for stack in stacks)
    return (
        f"A change of {names} was applied in {plain(source)} and is to be promoted to {plain(target)}. This "
        "pull request changes the same there, so the promotion waits until it is merged or closed."
    )


def others_commits(branch: str, people: Sequence[str]) -> str:
    """The comment on our pull request that these people have committed to its branch. GitHub does not
    know everybody."""
    names = ", ".join(map(code, people)) or "Somebody else"
    return (
        f"{names} committed to the branch {code(branch)}, and gitbot overwrites nobody's work: newer changes are "
        "not added here, and gitbot does not merge it by itself. An approval by who committed here does not "
        "count.\n\n`/promote rebuild` makes the branch anew, from the tracked branch: what others committed is "
        "then left out of its files."
    )


def not_asked(target: str, names: Sequence[str]) -> str:
    """The comment that GitHub did not take some of the reviewers."""
    return (
        f"`promotesFrom.reviewers` of {plain(target)} names {', '.join(map(code, names))}, and GitHub takes "
        "no request for their review here. A login must be able to read this repository, and a team "
        "(`org/team`) must have access to it. Correct the environment.yaml, and ask somebody else here."
    )


def merged_by_gitbot(target: str) -> str:
    """The comment that gitbot has merged the pull request."""
    return (
        f"Every gate is open, and `promotesFrom.how` of {plain(target)} is `merge`: gitbot merges this. It is "
        "applied like any other merge."
    )


def held(target: str, stack: str, hold: Hold) -> str:
    """The comment that a promotion is held, by whom and why, and how it goes on."""
    return (
        f"The promotion of {code(stack)} to {plain(target)} is held: {plain(hold.actor)} did it "
        f"({sentence(hold.reason)}). Newer changes do not lift that. `/promote resume {target}/{stack}` goes "
        "on with it; opening a pull request again that was closed does so, too."
    )


def closes(why: str) -> str:
    """The comment that gitbot closes its pull request, and why."""
    return (
        f"gitbot closes this: {sentence(why)}. That is no hold: a later change is promoted again."
    )


def unwritten(source: str, target: str, stack: str, why: str) -> str:
    """The comment that the change of a stack cannot be promoted by gitbot, and why."""
    return (
        f"What {plain(source)} changed in {code(stack)} cannot be promoted to {plain(target)} by gitbot: "
        f"{sentence(why)}. Write it by hand in a pull request, or write that place in a plain form first."
    )
