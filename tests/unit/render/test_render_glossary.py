"""The words of gitbot are explained where people read them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gitbot.render.blocks import (
    Block,
    Bullets,
    Code,
    Diff,
    DiffLine,
    Fold,
    Paragraph,
    Plain,
    Sign,
    Words,
)
from gitbot.render.checks import LONGEST_SUMMARY, check_for_apply, check_for_plan
from gitbot.render.comments import apply_comment
from gitbot.render.glossary import WORDS, words_of
from gitbot.render.pages import LONGEST_PAGE, Part, pages
from gitbot.render.plan_comments import plan_comment
from gitbot.render.views import ApplyCommentView, Outcome, StackApplyView
from tests.unit.render.plans_by_hand import HEAD, created, dev, plan, plan_view

GLOSSARY = Path(__file__).parents[3] / "docs" / "glossary.md"
DIGEST = "? <b><code>words</code></b> what is meant here by digest"


@pytest.mark.parametrize(
    ("block", "names"),
    [
        (Paragraph(spans=(Words("Digest "), Code("1a2b"))), ["digest"]),
        (Paragraph(spans=(Words("#7 holds it (claimed by ada)"),)), ["claim"]),
        (Bullets(items=((Words("it is Held"),), (Words("see the tracked branch"),))), ["held", "tracked branch"]),
        (Fold(symbol="-", name="digest", about="will be taken out of state"), ["state"]),
        (Fold(symbol="-", name="a", about="b", remarks=((Words("to adopt"),),)), ["adopt"]),
        (Paragraph(spans=(Words("nothing of ours: withheld, digestion"),)), []),
    ],
)  # fmt: skip
def test_a_word_that_a_sentence_uses_is_explained(block: Block, names: list[str]) -> None:
    found = words_of([block])
    about = "" if found is None else found.about.removeprefix("what is meant here by ")
    assert about == ", ".join(names)


def test_what_others_wrote_is_not_taken_for_our_words() -> None:
    blocks: list[Block] = [
        Paragraph(spans=(Plain("digest"), Code("held"))),
        Diff(lines=(DiffLine(Sign.ADD, "claim"),)),
    ]
    assert words_of(blocks) is None


@pytest.mark.parametrize("word", WORDS, ids=[word.name for word in WORDS])
def test_the_glossary_has_every_word_that_comments_explain(word: object) -> None:
    rows = re.findall(r"^\| ([^|]+) \|", GLOSSARY.read_text(encoding="utf-8"), re.MULTILINE)
    names = {name.strip() for row in rows for name in row.split(",")}
    assert {each.name for each in WORDS} <= names


def test_every_text_that_people_read_ends_with_the_meaning_of_its_words() -> None:
    """The kind: a word of ours in a comment or check, and nothing says what it means."""
    shown = plan(created("ssh"))
    held = StackApplyView(name="a", outcome=Outcome.HELD, plan=shown, message="nobody saw it")
    apply = ApplyCommentView(environment="dev", commit=HEAD, actor="ada", stacks=(held,))
    texts = [
        plan_comment(plan_view(dev(shown))).pages[-1],
        check_for_plan(dev(shown)).summary,
        *apply_comment(apply),
        check_for_apply(apply).summary,
    ]
    assert all(DIGEST in text for text in texts)
    assert "**held**: not done." in texts[2]


@pytest.mark.parametrize("longest", [LONGEST_PAGE, LONGEST_SUMMARY])
def test_a_text_that_is_full_has_room_for_the_meanings(longest: int) -> None:
    parts = [Part(Paragraph(spans=(Words(f"digest {'x' * 997}"),))) for _ in range(500)]
    texts = pages("plan", (parts[0].block,), parts, longest=longest).texts
    assert len(texts) == 8
    assert all(len(text) <= longest for text in texts)
    assert texts[-1].count(DIGEST) == 1
