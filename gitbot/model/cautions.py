"""What people do not expect of a change, as types of resources declare it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Turn(StrEnum):
    """Which way a value goes: to more or less of a number or version, or from on to off.

    ``LIMITED``: to less, where no value at all stands for no end. ``SET``: to another value that is on; what is
    only taken away, in it or as a whole, is none.
    """

    MORE = "more"
    LESS = "less"
    LIMITED = "limited"
    OFF = "off"
    SET = "set"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caution:
    """What people do not expect of a creation (``made``) or of an update in place, as a sentence in ``says``.

    For an update it holds when the path ``changed`` changes, and goes the way of ``turn`` if there is one; empty: at a
    restart. With ``begins`` it holds only where a value at ``where`` begins with one of these texts. ``unless``: the
    path of a number, such as the machines that run; it does not hold where that is no more than what the path becomes.
    ``parts`` gives what it is about of the value at ``changed``; it does not hold where none of that comes.
    ``loses``: what is lost by it, as part of a sentence. ``secret``: it is about each update and replacement that
    changes what is hidden, or hides what was shown; ``says`` then tells where the former value can still be read.
    """

    says: str = ""
    made: bool = False
    changed: str = ""
    turn: Turn | None = None
    where: str = ""
    begins: tuple[str, ...] = ()
    unless: str = ""
    parts: Callable[[Any], Sequence[Any]] | None = None
    loses: str = ""
    secret: bool = False
