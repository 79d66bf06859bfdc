"""Renders what a pull request changes in the rules of an environment. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gitbot.model.rule_changes import Effect, RuleChange
from gitbot.model.values import Value, canonical_json
from gitbot.render.blocks import Block, Bullets, Code, Paragraph, Rank, Spans, Strong, Words

_ADDS = {
    Effect.LOOSENS: "loosens the rules",
    Effect.MAY_LOOSEN: "may loosen the rules: who is named needs read access only",
    Effect.TIGHTENS: "is stricter than before",
}


def rule_blocks(rules: Sequence[RuleChange]) -> Iterator[Block]:
    """The section about the rules; nothing when no rule changes."""
    if rules:
        says = (
            Strong("Rules"),
            Words(" of this environment change. They count once it is merged:"),
        )
        yield Paragraph(spans=says, rank=Rank.VITAL)
        yield Bullets(items=tuple(_rule(each) for each in rules), rank=Rank.VITAL)


def team_blocks(teams: Sequence[str]) -> Iterator[Block]:
    """A remark on the teams in which nobody can be found; nothing when there are none."""
    if teams:
        names = ", ".join(f"`{each}`" for each in teams)
        why = "what the rules give a team counts only for a team of this organization that exists and that the App may read"
        spans = (Strong("⚠ Nobody can be found"), Words(f" in {names}: {why}."))
        yield Paragraph(spans=spans, tone="warning", rank=Rank.VITAL)


def expiry_blocks(expiries: Sequence[str]) -> Iterator[Block]:
    """The section about the expiries that are made or moved; nothing when none is."""
    if expiries:
        yield Paragraph(spans=(Strong("Expiry"), Words(", once it is merged:")), rank=Rank.VITAL)
        items = tuple((Words(each),) for each in expiries)
        yield Bullets(items=items, rank=Rank.VITAL)


def rule_title(rules: Sequence[RuleChange]) -> str:
    """The rules that change in the words of a check's title; empty when none does."""
    for effect, words in ((Effect.LOOSENS, "loosens"), (Effect.MAY_LOOSEN, "may loosen")):
        if any(each.effect is effect for each in rules):
            named = ", ".join(each.rule for each in rules if each.effect is effect)
            return f"{words} the rules: {named}"
    return f"changes the rules: {', '.join(each.rule for each in rules)}" if rules else ""


def loosens(rules: Sequence[RuleChange]) -> bool:
    """Whether any rule is less strict afterwards, or leads elsewhere."""
    return any(each.effect is not Effect.TIGHTENS for each in rules)


def _rule(change: RuleChange) -> Spans:
    spans: Spans = (Code(change.rule), Words(": "), _side(change.before), Words(" → "))
    spans += (_side(change.after),)
    adds = _ADDS.get(change.effect)
    return spans if adds is None else (*spans, Words(" ("), Strong(adds), Words(")"))


def _side(value: Value) -> Code | Words:
    """The value as the file has it; lists by their items."""
    if value is None:
        return Words("not set")
    if isinstance(value, str):
        return Code(value)
    return Code(canonical_json(value))
