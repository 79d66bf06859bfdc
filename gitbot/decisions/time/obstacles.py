"""Decides whether something may happen to a stack now. Pure.

Whoever acts asks before acting, and again under the lease.

================ ====== ======== ===== ======== ========= =====
what stands      apply  promote  heal  destroy  offhours  wake
================ ====== ======== ===== ======== ========= =====
window           no     no       no    no       no        no
freeze by hand   no     no       no    no       no        no
claim            no     no       no    no       yes       yes
held apply       yes    no       no    no       yes       yes
lease            no     yes      no    no       no        no
expired          yes    yes      yes   yes      yes       no
tombstone        no     no       no    yes      no        no
open intents     yes    no       no    no       no        no
interrupted      yes    no       no    no       no        no
================ ====== ======== ===== ======== ========= =====

A lease shuts no gate of a promotion, but gitbot merges none while somebody changes its target: that
is asked at the merge. A window forbids only the acts that it names. Open intents are closed by an apply, so they allow
it. No freeze stops the rest of what was interrupted; whatever is newer waits for its end. The
freeze never keeps anybody from closing open intents.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gitbot.model.freeze import ALLOWED, Act, HandFreeze, Verdict
from gitbot.render.escape import code

_SLEEP = frozenset({Act.OFFHOURS, Act.WAKE})
_RESUMED = frozenset({Act.APPLY, Act.DESTROY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacles:
    """The facts about a stack that can forbid an act.

    ``window`` is what the windows of its environment say of this act and stack. ``freeze`` was made
    by hand. ``claim`` says which pull request holds the stack, or is empty. ``held`` says what
    waits for consent, or is empty. ``lease`` names who else changes the environment now, or is
    empty. ``expired``: its machines are stopped, and it will be destroyed. ``tombstone``:
    time has ended the stack. ``open_intents``: an apply died, and what it
    began is not closed. ``interrupted``: an apply was cut off before its end, not by a failure.
    ``resumes``: what would be done now is the rest of exactly that apply.
    """

    window: Verdict = ALLOWED
    freeze: HandFreeze | None = None
    claim: str = ""
    held: str = ""
    lease: str = ""
    expired: bool = False
    tombstone: bool = False
    open_intents: bool = False
    interrupted: bool = False
    resumes: bool = False


def may(act: Act, facts: Obstacles) -> Verdict:
    """Whether the act is allowed, why not, and when it will be.

    ``next_open`` is only known when nothing but a window forbids it.
    """
    frozen = () if act in _RESUMED and facts.resumes else tuple(_frozen(facts))
    others = tuple(_others(act, facts))
    if not frozen and not others:
        return Verdict(allowed=True, next_close=facts.window.next_close)
    by_window = len(frozen) == 1 and not others and facts.freeze is None
    return Verdict(
        allowed=False,
        why="; ".join([*frozen, *others]),
        next_open=facts.window.next_open if by_window else None,
        next_close=facts.window.next_close if by_window else None,
    )


def words_of_freeze(freeze: HandFreeze) -> str:
    """Who froze the environment and why, and how to end it, as a clause in Markdown."""
    place = freeze.environment.environment
    issue = f" (#{freeze.issue})" if freeze.issue else ""
    return (
        f"{freeze.by} froze {place}{issue} because {code(freeze.because)}; it ends when somebody "
        f"says `/unfreeze {place}`"
    )


def _frozen(facts: Obstacles) -> Iterator[str]:
    if not facts.window.allowed:
        yield facts.window.why
    if facts.freeze is not None:
        yield words_of_freeze(facts.freeze)


def _others(act: Act, facts: Obstacles) -> Iterator[str]:
    if facts.claim and act not in _SLEEP:
        yield facts.claim
    if facts.held and act in (Act.PROMOTE, Act.HEAL, Act.DESTROY):
        yield facts.held
    if facts.lease and act is not Act.PROMOTE:
        yield f"{facts.lease} changes the environment now"
    if facts.expired and act is Act.WAKE:
        yield "the stack has expired: `/extend` it first"
    if facts.tombstone and act is not Act.DESTROY:
        yield "the stack has expired, and only its file is left"
    if (facts.open_intents or facts.interrupted) and act is not Act.APPLY:
        yield "its last apply did not finish: the next one closes it first"
