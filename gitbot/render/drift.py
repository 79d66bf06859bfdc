"""Renders the issues that tell of drift: their titles, bodies and comments. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import assert_never

from gitbot.model.causes import Cause
from gitbot.model.drift import Difference, Differs, DriftRow, Finding, Phase
from gitbot.model.names import Address
from gitbot.model.plan import PathChange
from gitbot.render.blocks import (
    Block,
    Bullets,
    Code,
    DiffLine,
    Fold,
    Paragraph,
    Spans,
    Strong,
    Words,
)
from gitbot.render.causes import cause_sentence
from gitbot.render.markdown import LONGEST_COMMENT, markdown
from gitbot.render.path_lines import drifted_lines

LONGEST_BODY = LONGEST_COMMENT - 1_000
"""Leaves room for the hidden marker."""
_LINES = (400, 100, 40, 15, 5, 1, 0)
"""How many lines each resource may take: the largest number with which all of them find room."""
_MOST_RESOURCES = 200

_SIGNS: Mapping[Differs, str] = {
    Differs.GONE: "-",
    Differs.UNMANAGED: "+",
    Differs.STOPPED: "⏸",
    Differs.ERROR: "⚠",
}
_TITLES: Mapping[Finding, str] = {
    Finding.DRIFT: "Drift: {} differs in the cloud from what was applied",
    Finding.ERROR: "Drift: {} cannot be compared with the cloud",
    Finding.UNMANAGED: "Drift: the cloud has objects of {} that gitbot does not know",
    Finding.ROLL_UP: "Drift: many stacks of {} differ in the cloud from what was applied",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftView:
    """One issue: its row, and what was found of the causes, by resource.

    ``listed`` maps each stack of a roll-up to the issue that it has of its own, if it has one.
    ``most`` is how many issues there may be at a time. ``offers`` are the commands that people may give
    here, each with what it does. ``heals``: the environment lets gitbot put something back by itself.
    ``reports_until``: it was put back so often that until then gitbot only reports it.
    """

    row: DriftRow
    causes: Mapping[Address, Cause] = field(default_factory=dict)
    listed: Mapping[str, int | None] = field(default_factory=dict)
    most: int = 0
    offers: Sequence[tuple[str, str]] = ()
    heals: bool = False
    reports_until: datetime | None = None


def drift_title(row: DriftRow) -> str:
    """The title. It never changes, so that people may rename the issue."""
    return _TITLES[row.finding].format(_name(row))


def drift_body(view: DriftView) -> str:
    """The body: what differs now, since when and by whom, and what people can do.

    It is shortened resource by resource when it is too long: each is named, as far as there is room.
    """
    for lines in _LINES:
        text = markdown(tuple(_blocks(view, lines)))
        if len(text) <= LONGEST_BODY:
            return text
    return text[:LONGEST_BODY]


def time_words(at: datetime) -> str:
    """The time in UTC."""
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _name(row: DriftRow) -> str:
    return row.stack.environment if row.finding is Finding.ROLL_UP else row.stack.label


def _blocks(view: DriftView, lines: int) -> Iterator[Block]:
    row = view.row
    if not row.live and row.phase is not Phase.SUSPECT:
        words = (
            f"Nothing of this is so any more{_ended_at(row)}: the last comment says how it ended."
        )
        yield Paragraph(spans=(Strong(words),), tone="good")
        return
    yield Paragraph(spans=tuple(_lead(view)))
    if view.reports_until is not None:
        words = (
            "gitbot has put back drift of this stack three times within a day, and it came back: until "
            f"{time_words(view.reports_until)} gitbot only reports it. Find out what changes it."
        )
        yield Paragraph(spans=(Strong(words),), tone="warning")
    if row.former is not None:
        yield Paragraph(spans=(Words(f"The issue before this one: #{row.former}."),))
    if row.finding is Finding.ROLL_UP:
        yield Bullets(items=tuple(_listed(view)))
    else:
        causes = {
            address: cause_sentence(cause, row.stack.environment)
            for address, cause in view.causes.items()
        }
        yield from resource_blocks(row.differences, causes, lines)
    yield from _what_to_do(view)


def _ended_at(row: DriftRow) -> str:
    return "" if row.ended_at is None else f" since {time_words(row.ended_at)}"


def _lead(view: DriftView) -> Iterator[Words | Code]:
    row = view.row
    match row.finding:
        case Finding.DRIFT:
            yield Words("The cloud differs from what gitbot last applied to ")
            yield Code(row.stack.label)
            yield Words(
                ". Somebody changed it there, or something did. "
                + (
                    "gitbot puts back by itself what the environment's `drift.heal` names; the rest "
                    "stays until an apply of the stack puts it back, and its plan says so."
                    if view.heals
                    else "gitbot changes nothing because of this issue; the next apply of the stack "
                    "would put it back, and its plan says so."
                )
            )
        case Finding.ERROR:
            yield Words("gitbot cannot tell whether ")
            yield Code(row.stack.label)
            yield Words(" differs from what was applied: looking at it is refused.")
        case Finding.UNMANAGED:
            yield Words("These objects carry the tags of ")
            yield Code(row.stack.label)
            yield Words(
                ", but gitbot's state does not know them: an apply may have died in a way that left "
                "them, or state was lost. They may cost money, and nothing will delete them."
            )
        case Finding.ROLL_UP:
            yield Words(
                f"More than {view.most} stacks need an issue about drift, so this one lists them all. "
                "When many differ at once, there is often one cause: a role, a policy, a script."
            )
        case _:
            assert_never(row.finding)


def _listed(view: DriftView) -> Iterator[Spans]:
    for label, number in view.listed.items():
        yield (Code(label), *((Words(f": #{number}"),) if number else ()))


def resource_blocks(
    differences: Sequence[Difference], causes: Mapping[Address, str], lines: int
) -> Iterator[Block]:
    """The differences, resource by resource, with at most as many lines for each.

    ``causes`` are sentences, by resource.
    """
    groups = [
        (address, tuple(group)) for address, group in groupby(differences, key=lambda d: d.address)
    ]
    for address, group in groups[:_MOST_RESOURCES]:
        yield _resource(address, group, causes.get(address, ""), lines)
    more = len(groups) - _MOST_RESOURCES
    if more > 0:
        yield Paragraph(spans=(Words(f"And {more} more resources."),))


def _resource(address: Address, group: Sequence[Difference], cause: str, lines: int) -> Fold:
    first = group[0]
    remarks: list[Spans] = [(Words(one.detail),) for one in group if one.detail]
    if cause:
        remarks.append((Words(cause),))
    diff = [line for one in group for line in _lines(one)]
    if len(diff) > lines:
        left = f"{len(diff) - lines} more lines found no room here: `gitbot plan` shows them"
        remarks.append((Words(left),))
    return Fold(
        symbol=_SIGNS.get(first.how, "~"),
        name=address or "the whole stack",
        about=f"{_about(group)}{_since(group)}",
        remarks=tuple(remarks),
        diff=tuple(diff[:lines]),
    )


def _about(group: Sequence[Difference]) -> str:
    first = group[0]
    kind = f"{first.type}: " if first.type else ""
    match first.how:
        case Differs.GONE:
            return f"{kind}it does not exist any more"
        case Differs.STOPPED if len(group) == 1:
            return f"{kind}an apply stopped it and could not start it again; the next one does"
        case Differs.UNMANAGED:
            return f"{kind}{first.remote_id}"
        case Differs.ERROR:
            return "refused"
        case _:
            number = len(group)
            return f"{kind}{number} {'difference' if number == 1 else 'differences'}"


def _since(group: Sequence[Difference]) -> str:
    seen = [one.since for one in group if one.since is not None]
    return f", seen since {time_words(min(seen))}" if seen else ""


def _lines(difference: Difference) -> Iterator[DiffLine]:
    if difference.path:
        # The words for a list element are made from an index, whichever it is.
        path = f"{difference.path[:-1]}0" if difference.path.endswith("/-") else difference.path
        yield from drifted_lines(
            PathChange(
                path=path,
                before=difference.observed,
                after=difference.recorded,
                added=difference.how is Differs.MISSING,
                removed=difference.how is Differs.ADDED,
            )
        )


def _what_to_do(view: DriftView) -> Iterator[Block]:
    items: list[Spans] = [(Code(usage), Words(f": {what}")) for usage, what in view.offers]
    match view.row.finding:
        case Finding.DRIFT:
            words = "Or write a pull request: the spec, or `drift.ignore` in `environment.yaml`."
            items.append((Words(words),))
        case Finding.UNMANAGED:
            items += [
                (
                    Words(
                        "To keep it: declare it in the spec with `lifecycle.import` and its identifier."
                    ),
                ),
                (Words("To be rid of it: delete it in the console. gitbot does not."),),
            ]
        case Finding.ERROR:
            items.append((Words("Give the role of `roles.plan` what the refusal names."),))
        case Finding.ROLL_UP:
            items.append((Words("Each stack gets an issue of its own when fewer differ."),))
        case _:
            assert_never(view.row.finding)
    yield Paragraph(spans=(Strong("What you can do"),))
    yield Bullets(items=tuple(items))
    words = (
        "gitbot keeps this text up to date and closes the issue when nothing differs any more. Close it "
        "as not planned to hear nothing for seven days, unless something else differs."
    )
    yield Paragraph(spans=(Words(words),))


def thing(difference: Difference) -> Spans:
    """The name of a difference in a list."""
    lines = tuple(_lines(difference))
    name = difference.address or "the whole stack"
    if not difference.path:
        return (Code(name),)
    path = lines[0].text.partition(":")[0]
    return (Code(name), Words(" "), Code(path))
