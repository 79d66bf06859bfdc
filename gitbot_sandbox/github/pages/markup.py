"""Turn comments into safe HTML: Markdown and the few tags that GitHub allows. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from html.parser import HTMLParser

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

_TAGS = frozenset(
    [
        "a",
        "b",
        "blockquote",
        "br",
        "code",
        "del",
        "details",
        "div",
        "em",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "ins",
        "kbd",
        "li",
        "ol",
        "p",
        "pre",
        "s",
        "span",
        "strong",
        "sub",
        "summary",
        "sup",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
_VOID = frozenset(("br", "hr"))
_SWALLOWED = frozenset(
    [
        "iframe",
        "math",
        "noembed",
        "noframes",
        "noscript",
        "object",
        "script",
        "select",
        "style",
        "svg",
        "template",
        "textarea",
        "title",
        "xmp",
    ]
)
_CLASSES = frozenset(("diff-add", "diff-del", "diff-hunk"))
_SAFE_URL = re.compile(r"(?:https?://|mailto:|[/#])", re.IGNORECASE)
_HUNK = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)")
_ALIGN = re.compile(r"text-align:(left|right|center)")


class _Sanitizer(HTMLParser):
    """Writes allowed tags and attributes, and closes tags that were left open."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self._open: list[str] = []
        self._swallowing: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep an opening tag with its safe attributes, or drop it."""
        if tag in _SWALLOWED:
            self._swallowing.append(tag)
        if self._swallowing or tag not in _TAGS:
            return
        kept = "".join(
            f' {name}="{escape(value or "")}"'
            for name, value in map(_aligned, attrs)
            if _safe(tag, name, value)
        )
        rel = ' rel="nofollow noopener"' if tag == "a" else ""
        self.out.append(f"<{tag}{kept}{rel}>")
        if tag not in _VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep ``<br/>``; HTML has no other tag that closes itself."""
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """Close a tag and every tag that is open inside it."""
        if self._swallowing:
            if tag == self._swallowing[-1]:
                self._swallowing.pop()
            return
        if tag in self._open:
            while self._open:
                inner = self._open.pop()
                self.out.append(f"</{inner}>")
                if inner == tag:
                    return

    def handle_data(self, data: str) -> None:
        """Write text."""
        if not self._swallowing:
            self.out.append(escape(data, quote=False))

    def finish(self) -> str:
        """The whole HTML, without comments, doctypes and processing instructions."""
        self.close()
        self.out.extend(f"</{tag}>" for tag in reversed(self._open))
        return "".join(self.out)


def _aligned(attribute: tuple[str, str | None]) -> tuple[str, str | None]:
    """A cell's alignment as an attribute, because the pages' security policy blocks styles."""
    name, value = attribute
    found = _ALIGN.fullmatch(value or "") if name == "style" else None
    return ("align", found[1]) if found else attribute


def _safe(tag: str, name: str, value: str | None) -> bool:
    match tag, name:
        case "a", "href":
            return _SAFE_URL.match(value or "") is not None
        case "details", "open":
            return True
        case (("td" | "th"), "align"):
            return value in ("left", "right", "center")
        case "span", "class":
            return value in _CLASSES
    return False


def sanitize(html: str) -> str:
    """Balanced HTML that cannot run, load or style anything."""
    parser = _Sanitizer()
    parser.feed(html)
    return parser.finish()


def diff(text: str) -> str:
    """A unified diff as HTML with coloured lines."""
    return "".join(_diff_line(line) for line in text.splitlines())


def _diff_line(line: str) -> str:
    kinds = {"+": "diff-add", "-": "diff-del", "!": "diff-hunk", "@": "diff-hunk"}
    kind = kinds.get(line[:1])
    text = escape(line, quote=False)
    return f'<span class="{kind}">{text}</span>\n' if kind else f"{text}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffLine:
    """A line of a file's diff with its number before and after; ``kind``: add, del, hunk or same."""

    kind: str
    text: str
    before: int | None = None
    after: int | None = None


def numbered(patch: str) -> Iterator[DiffLine]:
    """The lines of one file's unified diff, with their numbers."""
    before = after = 0
    for line in patch.splitlines():
        match line[:1]:
            case "@":
                hunk = _HUNK.match(line)
                before, after = (int(n) for n in hunk.groups()) if hunk else (before, after)
                yield DiffLine(kind="hunk", text=line)
            case "+":
                yield DiffLine(kind="add", text=line, after=after)
                after += 1
            case "-":
                yield DiffLine(kind="del", text=line, before=before)
                before += 1
            case "\\":
                yield DiffLine(kind="hunk", text=line)
            case _:
                yield DiffLine(kind="same", text=line, before=before, after=after)
                before, after = before + 1, after + 1


def _fence(
    self: RendererHTML,
    tokens: Sequence[Token],
    at: int,
    options: OptionsDict,
    env: EnvType,
) -> str:
    token = tokens[at]
    words = token.info.split()
    is_diff = bool(words) and words[0] == "diff"
    inner = diff(token.content) if is_diff else escape(token.content, quote=False)
    return f"<pre><code>{inner}</code></pre>\n"


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True, "breaks": True})
    parser.enable(["table", "strikethrough"])
    parser.add_render_rule("fence", _fence)
    return parser


_MARKDOWN = _parser()


def markdown(text: str) -> str:
    """Somebody's Markdown as HTML that is safe to show. Hidden HTML comments stay hidden."""
    return sanitize(_MARKDOWN.render(text))
