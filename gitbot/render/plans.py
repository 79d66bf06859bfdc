"""Renders a plan as blocks: summary, guards, a fold for each change, drift, outputs. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from gitbot.model.begun import Begun
from gitbot.model.hours import MACHINE_SETTINGS
from gitbot.model.names import Address
from gitbot.model.plan import (
    Action,
    Cause,
    Change,
    Drift,
    DriftKind,
    GuardHit,
    Plan,
    SettingChange,
    short_digest,
)
from gitbot.model.schema import Disruption, ReplaceOrder
from gitbot.model.values import Json
from gitbot.render.access import hidden, opened
from gitbot.render.blocks import (
    Block,
    Bullets,
    Code,
    DiffLine,
    Fold,
    Paragraph,
    Rank,
    Sign,
    Span,
    Strong,
    Words,
)
from gitbot.render.conditions import condition_blocks
from gitbot.render.instants import instant_words
from gitbot.render.line_diff import wrapped
from gitbot.render.lookups import lookup_blocks, lookup_lines
from gitbot.render.path_lines import drifted_lines, output_lines, path_lines
from gitbot.render.plan_words import MOST_NAMES, plan_headline
from gitbot.render.values import path_words

SYMBOLS = {
    Action.CREATE: "+",
    Action.UPDATE: "~",
    Action.REPLACE: "-/+",
    Action.DELETE: "-",
    Action.ADOPT: "⇐",
    Action.FORGET: ".",
    Action.NOOP: "=",
}
_HAPPENS = {
    Action.CREATE: "will be created",
    Action.UPDATE: "will be updated in place",
    Action.REPLACE: "will be replaced",
    Action.DELETE: "will be deleted",
    Action.ADOPT: "will be adopted",
    Action.FORGET: "will be taken out of state and stay as it is in the cloud",
    Action.NOOP: "stays as it is",
}
_DISRUPTIONS = {
    Disruption.RESTART: "Restart: it is stopped, changed, and started again if it was running.",
    Disruption.REPLACE: "Replacement: afterwards it is a new object with a new identity.",
}
_DIGEST = " names exactly this plan."
_PUT_BACK = "Changed{whose}; an apply puts it back:"
_ANOTHERS, _MAYBE_OURS = " behind gitbot's back", ", maybe by the apply that is not finished"
"""Who has changed what differs from the last apply: as far as an apply may have that was cut off, nobody knows."""


def plan_blocks(plan: Plan) -> Iterator[Block]:
    """The blocks about the plan of one stack, the most important first."""
    yield Paragraph(spans=_headline(plan), rank=Rank.VITAL)
    if plan.other_key:
        yield _other_key(plan.other_key)
    if plan.begun is not None:
        yield _begun(plan.begun)
    if plan.renamed_from:
        yield _renamed(plan)
    if plan.partial:
        yield _partial(plan)
    warnings = (*map(_guard, plan.guards), *_hidden(plan), *map(_foretold, plan.foretold))
    if warnings:
        yield Bullets(items=warnings, rank=Rank.VITAL)
    yield from condition_blocks(plan.conditions)
    if plan.lifetime is not None and plan.moves_end:
        yield Paragraph(spans=_end(plan.lifetime), rank=Rank.VITAL)
    done = (change for change in plan.changes if change.does_something)
    for change in sorted(done, key=_urgency):
        yield _change(change, _whose(plan, change.address))
    yield from lookup_blocks(plan)
    yield from _drift_blocks(plan)
    if plan.left_alone:
        yield Bullets(items=tuple((Words(words),) for words in plan.left_alone))
    if plan.outputs:
        yield Fold(
            symbol="⇒",
            name="outputs",
            about=_number(len(plan.outputs), "output changes", "outputs change"),
            diff=tuple(wrapped(line for output in plan.outputs for line in output_lines(output))),
        )


def _drift_blocks(plan: Plan) -> Iterator[Block]:
    """The blocks about drift that no change shows, one fold for each resource."""
    for found in _unshown(plan):
        gone = found.kind is DriftKind.DELETED
        about = "was deleted" if gone else "was changed"
        yield Fold(
            symbol="≠",
            name=found.address,
            about=f"{found.type} {about}{_whose(plan, found.address)}",
            diff=tuple(wrapped(line for path in found.paths for line in drifted_lines(path))),
        )


def _whose(plan: Plan, address: Address) -> str:
    """By whom the object was changed since the last apply."""
    ours = plan.begun is not None and address in plan.begun.addresses
    return _MAYBE_OURS if ours else _ANOTHERS


def _headline(plan: Plan) -> tuple[Span, ...]:
    headline = plan_headline(plan)
    spans: tuple[Span, ...] = (Strong(f"{headline[0].upper()}{headline[1:]}."),)
    if plan.destroys and plan.effective:
        what = "a part of the stack" if plan.partial else "the stack"
        spans += (Words(f" This destroys {what}."),)
    if plan.digest and not plan.asks_nobody:
        spans += (Words(" Digest "), Code(short_digest(plan.digest)), Words(_DIGEST))
    return spans


def _other_key(words: str) -> Paragraph:
    spans: tuple[Span, ...] = (Strong("Another GITBOT_HASH_KEY"), Words(f": {words}."))
    return Paragraph(spans=spans, tone="warning", rank=Rank.VITAL)


def _begun(begun: Begun) -> Paragraph:
    whose = f" ({begun.by})" if begun.by else ""
    ended = "It still runs, or was cut off." if begun.may_run else "It was cut off."
    spans: tuple[Span, ...] = (
        Strong("An apply is not finished"),
        Words(
            f": one{whose} began on {instant_words(begun.since, 'UTC')} what it has not recorded: {begun.words}. {ended} "
            "The next apply settles that first, and then does what is left: this plan still counts what may be there "
            "already. Who gives an apply its digest agrees to the rest of it, too; after a merge, gitbot may ask again."
        ),
    )
    return Paragraph(spans=spans, tone="warning", rank=Rank.VITAL)


def _renamed(plan: Plan) -> Paragraph:
    spans: tuple[Span, ...] = (
        Strong("Renamed"),
        Words(": the stack was applied as "),
        Code(plan.renamed_from),
        Words(". What it has in the cloud stays its own."),
    )
    return Paragraph(spans=spans, rank=Rank.VITAL)


def _partial(plan: Plan) -> Paragraph:
    spans: tuple[Span, ...] = (
        Strong("A part of the stack only"),
        Words(" ("),
        Code(" ".join(plan.partial)),
        Words("): what else would change is not shown and not done, nor are outputs and checks."),
    )
    return Paragraph(spans=spans, tone="warning", rank=Rank.VITAL)


def _end(lifetime: SettingChange) -> tuple[Span, ...]:
    """What the spec says about the stack's end, before and after."""
    sides = (lifetime.before, lifetime.after)
    before, after = (Words("not set") if each is None else Code(str(each)) for each in sides)
    return (Strong("Expiry"), Words(": "), before, Words(" → "), after, Words("."))


def plan_fold(plan: Plan, about: str) -> Fold:
    """The whole plan as one fold, so that it can still be read after it was applied."""
    lines: list[DiffLine] = []
    for change in sorted((each for each in plan.changes if each.does_something), key=_urgency):
        fold = _change(change, _whose(plan, change.address))
        lines += [DiffLine(Sign.NOTE, f"{fold.symbol} {fold.name} {fold.about}"), *fold.diff]
    if plan.lifetime is not None and plan.moves_end:
        text = "".join(span.text for span in _end(plan.lifetime))
        lines.append(DiffLine(Sign.NOTE, text))
    for one in plan.new_lookups:
        lines += [DiffLine(Sign.NOTE, f"? {one.address}"), *wrapped(lookup_lines(one))]
    lines += wrapped(line for output in plan.outputs for line in output_lines(output))
    return Fold(symbol="≡", name="plan", about=about, diff=tuple(lines), rank=Rank.DETAIL)


def plan_urgency(plan: Plan) -> int:
    """The place of the plan among others: those that delete, replace or open come first."""
    return min(map(_urgency, plan.effective), default=len(_RANKS))


def _urgency(change: Change) -> int:
    """The place of the change: what deletes, replaces and opens something comes first."""
    if change.action in (Action.DELETE, Action.REPLACE):
        return 0 if change.action is Action.DELETE else 1
    if opened(change) or hidden(change):
        return 2
    return 4 if change.action is Action.CREATE else 3


_RANKS = (Rank.URGENT, Rank.URGENT, Rank.URGENT, Rank.NORMAL, Rank.DETAIL)
"""The rank of a change by its urgency."""


def _hidden(plan: Plan) -> Iterator[tuple[Span, ...]]:
    for change in plan.changes:
        for pointer in hidden(change):
            yield (
                Strong("⚠ Cannot be reviewed"),
                Words(": a value that is marked sensitive is hidden in "),
                Code(path_words(pointer)),
                Words(
                    f" of `{change.address}`, which says who may do what, or what runs. A merge does not "
                    "agree to what nobody can read: it is applied when somebody names its digest."
                ),
            )


def _guard(hit: GuardHit) -> tuple[Span, ...]:
    word = "Blocked" if hit.blocks else "A merge does not do this by itself"
    spans: tuple[Span, ...] = (Strong(f"⚠ {word}"), Words(f" ({hit.guard.value}): "))
    spans += (Words(f"{hit.detail.removesuffix('.')}."),)
    return spans


def _foretold(words: str) -> tuple[Span, ...]:
    return (Strong("⚠ The cloud will object"), Words(f": {words}"))


def _change(change: Change, whose: str) -> Fold:
    happens = _HAPPENS[change.action]
    if change.deposed_operation is not None:
        happens = "will be deleted: the old object of a replacement"
    elif change.decided_by:
        happens = f"may be replaced: it depends on outputs of {', '.join(change.decided_by)}"
    elif change.action is Action.NOOP and change.moved_from is not None:
        happens = "keeps its object under a new name"
    elif change.action is Action.NOOP and change.starts:
        happens = "will be started"
    elif change.action is Action.NOOP:
        happens = "keeps its object; its lifecycle settings change"
    opens = opened(change)
    if opens:
        happens += f"; ⚠ it opens {', '.join(opens[:MOST_NAMES])}"
    if change.loses:
        happens += f": {change.loses}"
    starts = change.starts and change.action is Action.NOOP
    return Fold(
        symbol=SYMBOLS[Action.UPDATE if starts else change.action],
        name=change.address,
        about=f"{change.type} {happens}",
        remarks=tuple((Words(remark),) for remark in _remarks(change)),
        diff=tuple(wrapped(_paths(change, whose))),
        rank=_RANKS[_urgency(change)],
    )


def _paths(change: Change, whose: str) -> Iterator[DiffLine]:
    """The lines for changes of the spec, then those for drift that the apply corrects, and ``whose`` it is."""
    for path in change.paths:
        if path.cause is Cause.CHANGE:
            yield from path_lines(change.action, path)
    drifted = [path for path in change.paths if path.cause is Cause.DRIFT]
    if drifted:
        yield DiffLine(Sign.NOTE, _PUT_BACK.format(whose=whose))
    for path in drifted:
        yield from path_lines(change.action, path)


def _unshown(plan: Plan) -> tuple[Drift, ...]:
    """The drift that is not visible in a change of the same resource."""
    shown = {change.address: change for change in plan.changes if change.deposed_operation is None}
    left: list[Drift] = []
    for found in plan.drift:
        change = shown.get(found.address)
        if change is None:
            left.append(found)
        elif found.kind is DriftKind.DELETED:
            if not change.reasons:  # they say that it was deleted
                left.append(found)
        else:
            paths = tuple(path for path in found.paths if not _is_shown(path.path, change))
            if paths:
                left.append(replace(found, paths=paths))
    return tuple(left)


def _is_shown(pointer: str, change: Change) -> bool:
    return any(
        f"{pointer}/".startswith(f"{path.path}/") or f"{path.path}/".startswith(f"{pointer}/")
        for path in change.paths
    )


def _remarks(change: Change) -> Iterator[str]:
    if change.moved_from is not None:
        yield f"It was called `{change.moved_from}` before."
    restarts_said = any("restart" in reason for reason in change.reasons)
    if change.action is not Action.CREATE and not (
        restarts_said and change.disruption is Disruption.RESTART
    ):
        disruption = _DISRUPTIONS.get(change.disruption)
        if disruption:
            yield disruption
    if change.replace_order is not None and change.action is Action.REPLACE:
        first = change.replace_order is ReplaceOrder.CREATE_FIRST
        yield f"The {'new object is created' if first else 'old object is deleted'} first."
    if change.snapshots:
        yield (
            f"A snapshot of `{change.remote_id or change.address}` is made and waited for before it is "
            "deleted (`lifecycle.snapshotOnDelete`)."
        )
    elif (
        change.stateful
        and change.action in (Action.REPLACE, Action.DELETE)
        and not any(reason.startswith("Data loss:") for reason in change.reasons)
    ):
        copied = ": nothing is copied to the new one" if change.action is Action.REPLACE else ""
        yield f"All data in `{change.remote_id or change.address}` is lost{copied}."
    if change.empties:
        yield "Everything in it is deleted first (`lifecycle.emptyOnDelete`)."
    for setting in change.settings:
        yield _setting(setting, made=change.action in (Action.CREATE, Action.ADOPT))
    yield from change.reasons
    if change.remote_id is not None and change.action is not Action.CREATE:
        yield f"In the cloud it is `{change.remote_id}`."


def _setting(setting: SettingChange, *, made: bool) -> str:
    """The sentence about a setting. ``made``: the object is new to gitbot, so nothing changes."""
    name = setting.name if setting.name in MACHINE_SETTINGS else f"lifecycle.{setting.name}"
    sides = (_side(setting.name, setting.before), _side(setting.name, setting.after))
    if made:
        return f"`{name}` is {sides[1]}."
    change = f"`{name}` changes from {sides[0]} to {sides[1]}"
    loses = setting.name == "protect" and not setting.after
    says = ": once this is applied, it may be deleted or replaced" if loses else ""
    return f"{change}{says}."


def _side(name: str, value: Json) -> str:
    """The value of a setting in words."""
    if isinstance(value, list):
        return ", ".join(f"`{item}`" for item in value)
    switch = name in ("protect", "retain", "emptyOnDelete", "snapshotOnDelete", "offhours.enforce")
    return (
        f"`{value}`" if isinstance(value, str) else "yes" if value else "no" if switch else "none"
    )


def _number(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
