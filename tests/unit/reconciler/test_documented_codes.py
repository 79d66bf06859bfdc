"""The codes that only a plan tells stand in docs/planning.md, and no others do."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[3]
SAYS = ("say", "Diagnostic")


def told() -> Iterator[str]:
    """A pattern for each code that a module of the reconciler gives to a diagnostic."""
    for source in (ROOT / "gitbot/reconciler").rglob("*.py"):
        for call in ast.walk(ast.parse(source.read_text())):
            if isinstance(call, ast.Call) and name_of(call.func) in SAYS:
                given = {keyword.arg: keyword.value for keyword in call.keywords}
                yield from patterns_of(given["code"] if "code" in given else call.args[0])


def name_of(function: ast.expr) -> str:
    match function:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def patterns_of(code: ast.expr) -> Iterator[str]:
    match code:
        case ast.Constant(value=str(text)):
            yield re.escape(text)
        case ast.JoinedStr(values=parts):
            yield "".join(
                re.escape(str(part.value)) if isinstance(part, ast.Constant) else "[a-z]+"
                for part in parts
            )


def documented() -> set[str]:
    section = (ROOT / "docs/planning.md").read_text().split("\n## Problems of a plan\n")[1]
    rows = re.findall(r"^\| (`[^|]+`) \| ", section.split("\n## ")[0], re.MULTILINE)
    return {code for row in rows for code in re.findall(r"`([a-z-]+)`", row)}


def test_every_code_of_a_plan_is_documented() -> None:
    missing = [code for code in told() if not any(re.fullmatch(code, row) for row in documented())]
    assert missing == []


def test_every_documented_code_is_one_that_a_plan_tells() -> None:
    patterns = set(told())
    assert patterns
    unknown = {row for row in documented() if not any(re.fullmatch(it, row) for it in patterns)}
    assert unknown == set()


def test_codes_are_found_by_their_alphabet() -> None:
    section = (ROOT / "docs/planning.md").read_text().split("\n## Problems of a plan\n")[1]
    rows = re.findall(r"^\| `[^|]+` \| .*$", section, re.MULTILINE)
    assert rows == sorted(rows)
