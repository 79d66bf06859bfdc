"""The pull requests that gitbot makes. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gitbot.model.names import Sha


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnBranch:
    """A branch of gitbot's own, and the pull request from it.

    ``head`` is the commit that gitbot put there last; empty while it puts one there.
    ``number`` is None until the pull request is recorded.
    """

    repository: str
    branch: str
    head: str = ""
    number: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a pull request of gitbot is to bring.

    ``files`` maps each changed path to its new text, or to None to delete it; they start from the
    commit ``base``. ``makers`` are the logins of the people who asked for it: they count as its
    authors, and do not approve it.
    """

    branch: str
    base: Sha
    files: Mapping[str, str | None]
    message: str
    title: str
    body: str
    labels: tuple[str, ...] = ()
    draft: bool = False
    makers: frozenset[str] = frozenset()
