"""Decides what a change of the freeze windows loosens or tightens. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from gitbot.model.freeze import Window
from gitbot.model.rule_changes import Effect, RuleChange
from gitbot.model.values import Value


def freeze_changes(before: Sequence[Window], after: Sequence[Window]) -> Iterator[RuleChange]:
    """The windows that differ, by name, in the order of the file; those that are gone at the end.

    A window that changed counts as looser, unless it only denies more acts, or lets fewer teams
    override it: whether other times are stricter is for people to judge.
    """
    old, new = ({window.name: window for window in windows} for windows in (before, after))
    for name in dict.fromkeys([*new, *old]):
        was, now = old.get(name), new.get(name)
        if was != now:
            yield RuleChange(
                rule=f"freeze.{name}",
                before=_words(was),
                after=_words(now),
                effect=_effect(was, now, before, after),
            )


def _effect(
    was: Window | None, now: Window | None, before: Sequence[Window], after: Sequence[Window]
) -> Effect:
    if was is not None and now is not None:
        stricter = _is_stricter(was, now)
    elif now is not None:
        # The first window that allows an act forbids it at all other times.
        stricter = not now.allows or not any(_speaks_too(now, each) for each in before)
    else:
        assert was is not None
        stricter = was.allows and any(_covers(each, was) for each in after if each.allows)
    return Effect.TIGHTENS if stricter else Effect.LOOSENS


def _is_stricter(was: Window, now: Window) -> bool:
    same = replace(now, acts=was.acts, teams=was.teams) == was
    return same and not was.allows and now.acts >= was.acts and now.teams <= was.teams


def _speaks_too(window: Window, other: Window) -> bool:
    return other.allows and bool(other.acts & window.acts)


def _covers(other: Window, window: Window) -> bool:
    """Whether ``other`` speaks of all that ``window`` speaks of."""
    return other.acts >= window.acts and other.stacks in (window.stacks, ("*",))


def _words(window: Window | None) -> Value:
    if window is None:
        return None
    verb = "allow" if window.allows else "deny"
    acts = ", ".join(sorted(act.value for act in window.acts))
    teams = f", override by {', '.join(sorted(window.teams))}" if window.teams else ""
    return f"{verb} {acts} on {', '.join(window.stacks)}: {window.text}{teams}"
