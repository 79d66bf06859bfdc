"""Decides what a change of an environment's ``promotesFrom`` loosens or tightens. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from gitbot.model.durations import duration_words
from gitbot.model.promotion import How, PromotionRules
from gitbot.model.rule_changes import Effect, RuleChange

_ORDER = (How.OFF, How.PR, How.MERGE)


def promotion_changes(
    before: PromotionRules | None, after: PromotionRules | None
) -> Iterator[RuleChange]:
    """What differs: promoting more by itself, soaking shorter and keeping less loosens."""
    old, new = (
        before or PromotionRules(source="", how=How.OFF),
        after or PromotionRules(source="", how=How.OFF),
    )
    if old.source != new.source:
        yield RuleChange(
            rule="promotesFrom.environment", before=old.source or None, after=new.source or None
        )
    if old.how is not new.how:
        more = _ORDER.index(new.how) > _ORDER.index(old.how)
        yield RuleChange(
            rule="promotesFrom.how",
            before=old.how.value,
            after=new.how.value,
            effect=Effect.LOOSENS if more else Effect.TIGHTENS,
        )
    if old.soak != new.soak:
        yield RuleChange(
            rule="promotesFrom.soak",
            before=duration_words(old.soak),
            after=duration_words(new.soak),
            effect=Effect.LOOSENS if new.soak < old.soak else Effect.TIGHTENS,
        )
    if old.keep != new.keep:
        less = any(one not in new.keep for one in old.keep)
        yield RuleChange(
            rule="promotesFrom.keep",
            before=["/" + "/".join(one) for one in old.keep],
            after=["/" + "/".join(one) for one in new.keep],
            effect=Effect.LOOSENS if less else Effect.TIGHTENS,
        )
    yield from _others(old, new)


def _others(old: PromotionRules, new: PromotionRules) -> Iterator[RuleChange]:
    """What only says how the pull requests look, and whom they call."""
    names = {
        "labels": "labels",
        "reviewers": "reviewers",
        "assign_authors": "assign",
        "title_prefix": "titlePrefix",
        "commit_prefix": "commitPrefix",
    }
    for name, field in names.items():
        was, now = getattr(old, name), getattr(new, name)
        if was != now:
            yield RuleChange(rule=f"promotesFrom.{field}", before=_plain(was), after=_plain(now))


def _plain(value: tuple[str, ...] | str | bool) -> list[str] | str | bool | None:
    return list(value) if isinstance(value, tuple) else value
