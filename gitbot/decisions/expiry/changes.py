"""Makes the next row of a stack that expires, from what has happened to it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from gitbot.model.expiry import Expiry, Stage

BUSY_PAUSE = timedelta(minutes=15)
FIRST_PAUSE = timedelta(minutes=5)
LONGEST_PAUSE = timedelta(hours=6)
NOBODY: Mapping[str, datetime] = {}


def told(expiry: Expiry, of: Expiry) -> Expiry:
    """The expiry after people were told of the stage of an earlier row, unless it moved since."""
    if (expiry.stage, expiry.expires_at) != (of.stage, of.expires_at):
        return expiry
    return replace(expiry, told=of.stage, told_attempts=of.attempts)


def stopped(
    expiry: Expiry,
    *,
    undone: Collection[str],
    not_tried: Collection[str] = (),
    busy_until: datetime | None = None,
    noticed: Mapping[str, datetime] = NOBODY,
    pre_stop: Sequence[str] = (),
    grace_from: datetime | None = None,
) -> Expiry:
    """The expiry after its machines were stopped, but for the ``undone`` and those that work.

    ``Expiry.stopped`` has the addresses that were to be stopped already: it is written before. Those
    ``not_tried`` are taken out again: something forbade it. ``pre_stop`` says which commands before
    a stop failed. Grace counts ``grace_from``; None while it does not.
    """
    ours = tuple(one for one in expiry.stopped if one not in not_tried)
    expiry = replace(expiry, stopped=ours, pre_stop=(*expiry.pre_stop, *pre_stop))
    if expiry.stage is not Stage.EXPIRED:
        return expiry  # it was moved meanwhile: what was stopped is started again
    asleep = not (undone or busy_until)
    return replace(
        expiry,
        asleep=asleep,
        # A machine that could not be stopped at first, and is by now, has its grace from then on.
        grace_from=grace_from if asleep else expiry.grace_from or grace_from,
        busy_until=busy_until,
        noticed=noticed,
    )


def started(expiry: Expiry, *, undone: Collection[str]) -> Expiry:
    """The expiry after the machines that it had stopped were started, but for the ``undone``."""
    if expiry.stage is Stage.EXPIRED:
        return expiry  # its time was over meanwhile: what was started is stopped again
    left = tuple(one for one in expiry.stopped if one in undone)
    return replace(
        expiry, asleep=bool(undone) and expiry.asleep, stopped=left, busy_until=None, noticed={}
    )


def tagged(
    expiry: Expiry,
    wanted: datetime | None,
    serial: int,
    *,
    on: Collection[str],
    refused: Collection[str],
    now: datetime,
) -> Expiry:
    """The expiry after the tag that says ``wanted`` was written: which objects carry it, and why
    others do not. Those are tried again, later each time."""
    attempts = expiry.tag_attempts + 1 if refused else 0
    return replace(
        expiry,
        tagged=wanted,
        tagged_serial=serial,
        tags_on=tuple(sorted(on)),
        untagged=tuple(sorted(refused)),
        tag_attempts=attempts,
        tags_at=now + _pause(attempts - 1) if refused else None,
    )


def warned(expiry: Expiry, now: datetime) -> Expiry:
    """The expiry after its first delivered warning; later ones change nothing."""
    if expiry.stage is not Stage.ACTIVE:
        return expiry
    return replace(expiry, stage=Stage.WARNED, stage_at=now)


def expired(expiry: Expiry, now: datetime) -> Expiry:
    """The expiry with its stack to be stopped; ``grace`` begins when it is."""
    return replace(expiry, stage=Stage.EXPIRED, stage_at=now, asleep=False, grace_from=None)


def destroying(expiry: Expiry, mark: str, now: datetime) -> Expiry:
    """The expiry with a tombstone. ``mark`` is the desired hash of the stack at the tip, or empty."""
    if expiry.stage is Stage.DESTROYING:
        return expiry
    return replace(
        expiry, stage=Stage.DESTROYING, stage_at=now, mark=mark, attempts=0, told_attempts=0
    )


def put_off(
    expiry: Expiry, until: datetime, noticed: Mapping[str, datetime], now: datetime
) -> Expiry:
    """The expiry whose destruction waits for machines that work, ``until`` then at the longest.

    Whether they still work is asked again before.
    """
    return replace(
        expiry,
        put_off_at=expiry.put_off_at or now,
        busy_until=min(until, now + BUSY_PAUSE),
        noticed=noticed,
    )


def failed(expiry: Expiry, error: str, now: datetime) -> Expiry:
    """The expiry after a destruction that did not finish: tried again, later each time."""
    again = now + _pause(expiry.attempts)
    return replace(expiry, attempts=expiry.attempts + 1, retry_at=again, error=error)


def destroyed(expiry: Expiry, kept: Sequence[str], now: datetime) -> Expiry:
    """The expiry after its end. ``kept`` are the addresses that stay in the cloud."""
    return replace(
        expiry,
        stage=Stage.DESTROYED,
        stage_at=now,
        kept=tuple(kept),
        retry_at=None,
        error="",
        stopped=(),
        asleep=False,
    )


def _pause(attempts: int) -> timedelta:
    """How long to wait after another try that failed, when this many had failed before."""
    pause: timedelta = FIRST_PAUSE * 2 ** min(attempts, 10)
    return min(pause, LONGEST_PAUSE)
