"""Nothing in a spec or the cloud can become markup in a comment."""

from __future__ import annotations

import re
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from gitbot.render.escape import JOINER, address, clean, code, fence, markup, plain, sentence

HOSTILE = st.text(
    alphabet=st.one_of(
        st.sampled_from(list("`*_~[]()<>!#@|$\\&:/-+=.1w \n\t\r\u202e\u200b\x1b\u2028")),
        st.characters(max_codepoint=0x2FFF),
    ),
    max_size=60,
) | st.sampled_from(
    [
        "@everyone",
        "<!-- gitbot:plan -->",
        "</details><script>x</script>",
        "```\n</details>",
        "[a](https://evil.example)",
        "![a](x)",
        "https://evil.example www.evil.example",
        "o/r#12 GH-3 #4",
        "1. x",
        "- x",
        "`a``b```c",
        "`@team` `x",
    ]
)
MARKDOWN = MarkdownIt("commonmark").enable("strikethrough")
INERT = {"text", "softbreak", "text_special"}


def tokens(source: str) -> list[str]:
    """The kinds of everything that the Markdown would do, beside being a paragraph."""
    kinds = []
    for block in MARKDOWN.parse(source):
        kinds.append(block.type)
        kinds += [child.type for child in block.children or ()]
    return [kind for kind in kinds if kind not in {"paragraph_open", "paragraph_close", "inline"}]


def shown(source: str) -> str:
    """The text that a reader sees."""
    blocks = MARKDOWN.parse(source)
    return "".join(child.content for block in blocks for child in block.children or ())


def is_live(text: str) -> bool:
    """Whether GitHub would link, call or number anything in plain text."""
    return bool(re.search(r"@\w|://|(?i:\bwww\.)|#\d|(?i:\bgh-\d)", text))


@given(HOSTILE)
def test_plain_text_is_only_text_and_shows_what_was_given(text: str) -> None:
    source = plain(text)
    assert set(tokens(source)) <= INERT
    assert shown(source).replace(JOINER, "") == " ".join(clean(text).split()).replace(JOINER, "")
    assert not is_live(shown(source))
    assert "<!--" not in source


@given(HOSTILE)
def test_a_sentence_has_only_text_and_code_spans(text: str) -> None:
    source = sentence(f"The name `{text}` is taken: {text}")
    assert set(tokens(source)) <= INERT | {"code_inline"}
    outside = "".join(
        child.content
        for block in MARKDOWN.parse(source)
        for child in block.children or ()
        if child.type != "code_inline"
    )
    assert not re.search(r"@\w|://|(?i:\bwww\.)", outside)
    assert "<!--" not in source


@given(HOSTILE)
def test_a_code_span_holds_exactly_the_text(text: str) -> None:
    wanted = " ".join(clean(text).split())
    found = MARKDOWN.parse(f"x {code(text)} y")[1].children or []
    spans = [child for child in found if child.type == "code_inline"]
    assert [child.type for child in found] == ["text", "code_inline", "text"]
    assert spans[0].content.replace(JOINER, "").strip() == wanted.replace(JOINER, "").strip()


@given(st.lists(HOSTILE, min_size=1, max_size=5))
def test_a_fence_ends_where_it_should(lines: list[str]) -> None:
    source = f"{fence([clean(line) for line in lines], 'diff')}\n\nafter"
    kinds = [block.type for block in MARKDOWN.parse(source)]
    assert kinds == ["fence", "paragraph_open", "inline", "paragraph_close"]
    assert "<!--" not in source


@given(HOSTILE)
def test_markup_has_no_tags_and_calls_nobody(text: str) -> None:
    assert "<" not in markup(text)
    assert not re.search(r"@\w", markup(text))


@given(HOSTILE)
def test_an_address_cannot_leave_its_link(text: str) -> None:
    source = f"[x](https://github.test/{address(text)})"
    found = MARKDOWN.parse(source)[1].children or []
    assert [child.type for child in found] == ["link_open", "text", "link_close"]


@given(HOSTILE)
def test_cleaned_text_has_no_characters_that_are_not_seen(text: str) -> None:
    assert not re.search(
        "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\ufeff]", clean(text)
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("evil\u202egnp.exe", "evil\\u202egnp.exe"),
        ("\x1b[31mred", "\\u001b[31mred"),
        ("x" * 12, "x" * 10 + "… (2 more characters)"),
    ],
)
def test_what_is_not_seen_is_written_out_and_what_is_long_is_cut(text: str, expected: str) -> None:
    assert clean(text, 10 if text.startswith("xx") else 100) == expected


def test_issue_numbers_lead_to_issues_only_in_gitbots_own_sentences() -> None:
    assert sentence("#7 holds it") == "#7 holds it"
    assert sentence("o/r#7 holds it") == f"o/r#{JOINER}7 holds it"
    assert plain("#7 holds it") == f"#{JOINER}7 holds it"


def test_every_character_that_unicode_calls_invisible_is_written_out() -> None:
    """The kind: text that people cannot see and programs can."""
    ignorable = [0x34F, 0x115F, 0x1160, 0x17B4, 0x180B, 0x2800, 0x3164, 0xFE00, 0xFE0F, 0xFFA0]
    ignorable += [0x2065, 0xFFF0, 0xE0001, 0xE0041, 0xE0100, 0xE01EF, 0xE0FFF]
    formats = [
        code
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)) in ("Cc", "Cf", "Cs", "Zl", "Zp")
        and code not in (0x9, 0xA)
    ]
    assert len(formats) > 2000  # the surrogates are among them
    for point in (*formats, *ignorable):
        shown = clean(f"a{chr(point)}b")
        assert shown in (f"a\\u{point:04x}b", f"a\\U{point:08x}b"), hex(point)
    for seen in "aé漢🚀\t\n _-":
        assert clean(seen) == seen
