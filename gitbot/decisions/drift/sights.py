"""Decides what one scan has seen of one stack, and what of it counts. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from gitbot.decisions.drift.fingerprints import Key, key_of
from gitbot.decisions.drift.ignores import in_force, is_ignored
from gitbot.decisions.drift.life import Clear, Removed, Seen, Sight, Unseen, Ways
from gitbot.model.conditions import OpenCondition
from gitbot.model.drift import (
    Difference,
    Differs,
    DriftOff,
    DriftRow,
    DriftRules,
    Finding,
    How,
)
from gitbot.model.names import Address, StackId
from gitbot.model.newer import Newer


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """What a scan knows of one stack.

    ``serial`` is that of its state. ``present``: state has something of it. ``off`` is its ``drift``
    in the specs. ``busy`` says why what the cloud shows is nobody's drift now (another pull request
    holds the stack, an apply waits or runs, it is frozen), or is empty. ``moved``: its state, open
    intents or the lease changed while the cloud was read, so what was read does not count.
    ``refusal`` says why it could not be read, or is empty. ``differences`` are all that were found,
    and ``unmanaged`` the objects with the stack's tags that no state knows; with ``untagged`` these
    could not be looked for. ``applied`` are the
    resources that applies changed since the row's differences were last seen, ``healed`` those
    that gitbot put back, and ``adopted`` the differences that the specs came to want. ``unmet`` are
    the checks of the stack that do not hold. ``newer`` is what it uses and does not manage that has
    moved on: no drift.
    """

    stack: StackId
    serial: int = 0
    present: bool = True
    off: DriftOff | None = None
    busy: str = ""
    moved: bool = False
    refusal: str = ""
    differences: tuple[Difference, ...] = ()
    unmanaged: tuple[Difference, ...] = ()
    untagged: bool = False
    applied: Collection[Address] = ()
    healed: Collection[Address] = ()
    adopted: Collection[Key] = ()
    unmet: tuple[OpenCondition, ...] = ()
    newer: tuple[Newer, ...] = ()


def sight_of(
    scanned: Scanned, finding: Finding, row: DriftRow, rules: DriftRules, now: datetime
) -> Sight:
    """What the scan saw of this finding. A stack that could not be read never ends its drift."""
    if rules.scan is None or (scanned.off is not None and now < scanned.off.until):
        return Removed(how=How.SWITCHED_OFF)
    if scanned.busy or scanned.moved:
        return Unseen()
    ways = _ways(scanned, row, rules, now)
    match finding:
        case Finding.ERROR:
            return _seen(_refused(scanned), ways)
        case Finding.UNMANAGED:
            return Unseen() if scanned.untagged else _seen(scanned.unmanaged, ways)
        case _:
            return _drift(scanned, rules, ways, now)


def _drift(scanned: Scanned, rules: DriftRules, ways: Ways, now: datetime) -> Sight:
    if not scanned.present:
        return Removed()
    if scanned.refusal:
        return Unseen()
    ignored = in_force(rules.ignore, scanned.stack.name, now)
    return _seen([one for one in scanned.differences if not is_ignored(one, ignored)], ways)


def _seen(differences: Sequence[Difference], ways: Ways) -> Sight:
    if not differences:
        return Clear(ways=ways)
    return Seen(differences=tuple(differences), ways=ways)


def _refused(scanned: Scanned) -> tuple[Difference, ...]:
    if not scanned.refusal:
        return ()
    return (Difference(address=Address(""), how=Differs.ERROR, detail=scanned.refusal),)


def _ways(scanned: Scanned, row: DriftRow, rules: DriftRules, now: datetime) -> Ways:
    ignored = in_force(rules.ignore, scanned.stack.name, now)
    return Ways(
        serial=scanned.serial,
        applied=scanned.applied,
        healed=scanned.healed,
        adopted=scanned.adopted,
        ignored={key_of(one) for one in row.differences if is_ignored(one, ignored)},
    )


def roll_up_of(rows: Sequence[DriftRow]) -> Sight:
    """What the issue sees that lists all rows which need one, because there are too many."""
    listed = tuple(
        Difference(
            address=Address(row.stack.label),
            path=f"/{row.finding.value}",
            how=Differs.ROLLED_UP,
            # What each stack differs in is not told by it: only that it does.
            since=row.since,
        )
        for row in rows
    )
    return _seen(listed, Ways())
