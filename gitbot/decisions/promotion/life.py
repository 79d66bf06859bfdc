"""Decides what the end of a promotion's pull request means for the next ones. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from gitbot.language.editing.pieces import EditError, documents_of
from gitbot.language.editing.splices import same
from gitbot.model.names import Sha
from gitbot.model.promotion import Hold, Live, PromotionRow


def merged(row: PromotionRow, commit: Sha) -> PromotionRow:
    """The row once its pull request is merged: what it brought is the base from now on.

    ``commit`` is the merge. It may have newer texts of the source than what was promoted, so what
    changed since then is looked for from the tip that was promoted.
    """
    live = row.live
    if live is None:
        return row
    return replace(
        row,
        base=live.base,
        base_commit=live.base_commit or commit,
        moves={},
        live=None,
        merged=live,
        former=None,
        waived="",
        waived_by="",
        makers=(),
        wake_at=None,
    )


def closed(row: PromotionRow, actor: str, reason: str, now: datetime) -> PromotionRow:
    """The row once its pull request has ended without bringing anything: it is held."""
    live = row.live
    if live is None:
        return row
    return replace(
        row,
        live=None,
        former=live.number,
        hold=row.hold or Hold(actor=actor, reason=reason, at=now),
        wake_at=None,
    )


def resumed(row: PromotionRow) -> PromotionRow:
    """The row without its hold. What was reverted is promoted once more."""
    last = row.merged if row.former is None else None
    if last is None:
        return replace(row, hold=None, merged=None)
    return replace(row, hold=None, merged=None, base=last.was, base_commit=last.was_commit)


def reverted(last: Live, now: str, pin: str = "") -> bool:
    """Whether the target's document means again what it meant before the last promotion, or the target
    takes modules again from the commit of before.

    ``now`` is its text; empty where there is none. ``pin`` is that commit; empty where it names none.
    """
    if last.pin_before != last.pin_after and pin == last.pin_before:
        return True
    texts = [_meaning(one) for one in (last.before, last.after, now)]
    return same(texts[2], texts[0]) and not same(texts[1], texts[0])


def changes_nothing(live: Live) -> bool:
    """Whether nothing is planned of the stack: neither its document nor its modules change."""
    return same(_meaning(live.before), _meaning(live.after)) and live.pin_before == live.pin_after


def _meaning(text: str) -> object:
    try:
        return documents_of(text)
    except EditError:
        return text
