"""Which lines Markdown shows as plain text, compared with what markdown-it-py makes of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from gitbot.decisions.commands.lines import plain_lines

MARKDOWN = MarkdownIt("commonmark")
COMMAND = re.compile(r"/plan e\d+\.")
PIECES = (
    *("- ", "* ", "+ ", "1. ", "2. ", "10) ", "-", "> ", ">", "# ", "---", "===", "***"),
    *("```", "~~~", "````", "`", "``", "<!--", "-->", "<?", "?>", "<![CDATA[", "]]>", "<!A"),
    *("<pre>", "</pre>", "<div>", "</div>", "<b>", "</b>", "<a href='", "'>", "<x", "<https://x>"),
    *(
        "[",
        "]",
        "](",
        "](x)",
        '](x "t")',
        "]:",
        "[a]: /u",
        '[a]: /u "t"',
        " /u",
        '"',
        "'",
        "(",
        "|",
        "|---|",
        ":-",
        "\\",
        "$",
        "text",
        "é",
    ),
    *("  ", "    ", "\t", " ", "\n", "\n", "\n\n", "\r\n"),
    *("COMMAND", "COMMAND\n", "\nCOMMAND\n", "\n\nCOMMAND\n\n"),
)


def shown_as_text(body: str) -> list[str]:
    """The lines of the paragraphs outside of quotations, as they are seen; code and HTML in them
    stand as NUL."""
    lines: list[str] = []
    quotations = 0
    tokens = MARKDOWN.parse(body)
    for before, token in zip([None, *tokens], tokens, strict=False):
        quotations += {"blockquote_open": 1, "blockquote_close": -1}.get(token.type, 0)
        if before is not None and before.type == "paragraph_open" and not quotations:
            lines += "".join(seen(token.children or ())).split("\n")
    return lines


def seen(tokens: Sequence[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type in ("text", "text_special"):
            yield token.content
        elif token.type in ("softbreak", "hardbreak"):
            yield "\n"
        elif token.nesting == 0:
            yield "\0"


def commands(lines: Sequence[str]) -> set[str]:
    return {found[0] for line in lines if (found := COMMAND.match(line))}


def body_of(pieces: Sequence[str]) -> str:
    """The pieces, with commands that can be told apart."""
    numbers = iter(range(len(pieces)))
    return "".join(piece.replace("COMMAND", f"/plan e{next(numbers)}.") for piece in pieces)


@given(st.lists(st.sampled_from(PIECES), max_size=14).map(body_of))
@example("- a\n  - ```\n  ```\n```\n/plan e1.")
@example("<a `>\n/plan e1.\n`")
@example("`a\\` `\n/plan e1.\n`")
@example("`a\n/plan e1.\n\\`")
@example("[foo]: /url\n===\n<b>\n```\n\n/plan e1.\n```")
@example("-\n  \n  ```\n/plan e1.")
@example('[a]: /u\n"t\n/plan e1.\n"')
@example('[a](\n/plan e1.\n"t")')
def test_every_line_that_is_taken_is_seen_as_plain_text(body: str) -> None:
    assert commands(list(plain_lines(body))) <= commands(shown_as_text(body))


@given(st.lists(st.sampled_from(PIECES), max_size=8).map(body_of))
def test_a_command_that_is_a_paragraph_of_its_own_is_heard_wherever_it_is_seen(before: str) -> None:
    body = f"{before}\n\n/plan e99.\n"
    if "/plan e99." in shown_as_text(body) and not GIVEN_UP.search(body):
        assert "/plan e99." in list(plain_lines(body))


GIVEN_UP = re.compile(
    r"\[[^\0]*(?:===|[\r\n][>\s]*-+[ \t]*(?:[\r\n]|$))|[-+*.)][ \t]*(?:\r\n|\n)[ \t]+(?:\r\n|\n)"
)
"""Where parsers do not agree: an underlined link definition, spaces after an empty list item."""


@pytest.mark.parametrize(
    "body",
    [
        "/plan\n---",
        "/plan\n===",
        "/plan | x\n--- | ---",
        "a | b\n--- | ---\n/plan",
        "[a]:\n/plan",
        '[a]: /url "\n/plan\n"',
        "[a\n/plan\n]: /url",
        "[a](\n/plan\n)",
        '[a](/url "t\n/plan\n")',
        '[a]: /url\n"title\n/plan\n"',
        "`\n/plan\n`",
        "a <b title='\n/plan\n'>",
        "$$\n/plan\n$$",
        "<div>\n/plan\n</div>",
        "<b>\n/plan",
        "</b>\n/plan",
        "<?\n\n/plan\n?>",
        "<!A\n\n/plan\n>",
        "<![CDATA[\n\n/plan\n]]>",
        "<script>\n\n/plan\n</script>",
        "- > a\n/plan",
        "text\n<b>\n```\n\n/plan\n```",
        "-\n  \n\n/plan",
        "[a]: /url\n===\n\n/plan",
        "1. a\n\n   > b\n/plan",
        "- " * 17 + "a\n\n/plan",
        "```\n    ```\n/plan",
        "- a\n\n  ```\n  b\n  ``` c\n\n/plan\n- d".replace("/plan", "  /plan"),
    ],
)
def test_what_is_shown_as_something_else_is_left_out(body: str) -> None:
    assert "/plan" not in list(plain_lines(body))


@pytest.mark.parametrize(
    "body",
    [
        "See `a` and ``b`c``\n/plan",
        "See [the docs](http://x), it's fine\n/plan",
        "- [x] done\n/plan",
        'See [the docs](http://x "Docs")\n/plan',
        "[docs]: http://x\n/plan",
        '[docs]: http://x "Docs"\n/plan',
        "a < b <3\n/plan",
        "<b>bold</b> text\n/plan",
        "a <https://x>\n/plan",
        "# Title\n/plan",
        "***\n/plan",
        "Title\n===\n/plan",
        "<pre>x</pre>\n/plan",
        "<details>\n\n/plan\n\n</details>",
        "- a\n\n/plan",
        "-\n\n/plan",
        "-\n  a\n\n/plan",
        "1. a\n10. b\n    ```\n/plan",
        "text\n2. b\n/plan",
        "text\n-\n\n/plan",
        "text\n    more\n/plan",
        "    code\n/plan",
        "-      code\n\n/plan",
        "-\n\n  a\n\n/plan",
        "> a\n\n/plan",
        "> a\n> b\n\n/plan",
        "> ```\n/plan",
        ">     code\n/plan",
        "~~~ a`b\nx\n~~~\n/plan",
    ],
)
def test_what_is_shown_as_plain_text_is_taken(body: str) -> None:
    assert "/plan" in list(plain_lines(body))
