"""Decides in which order the comments of a conversation are answered. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from gitbot.model.commands import Command, Source


def up_to(heard: Sequence[Command], source: Source, comment: int) -> tuple[tuple[Source, int], ...]:
    """The comments to answer, oldest first; this one is the last.

    ``heard`` are the commands of its conversation that nobody has decided, oldest first. Comments that
    were written after this one wait for their own job.
    """
    own = (source, comment)
    places = list(dict.fromkeys((each.ref.source, each.ref.comment) for each in heard))
    return (*places[: places.index(own)], own) if own in places else (own,)
