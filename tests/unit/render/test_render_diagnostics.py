"""Problems inside of modules name the lines that use them."""

from __future__ import annotations

from dataclasses import replace

from gitbot.model.diagnostic import Diagnostic, SourceSpan
from gitbot.model.tree import TreeEntry
from gitbot.render.diagnostics import NO_EXCERPTS, diagnostic_blocks
from gitbot.render.excerpts import excerpts
from gitbot.render.markdown import markdown
from gitbot.render.views import EnvironmentPlanView, Excerpts

PROBLEM = Diagnostic(
    file="modules/crate/module.yaml",
    line=9,
    column=4,
    code="property-value",
    summary="A property's value is not allowed",
    detail="Name is wrong.",
    fix="Write another.",
    environment="dev",
    stack="demo",
)
FIRST = SourceSpan(file="specs/dev/a.yaml", line=6)
SECOND = SourceSpan(file="specs/dev/b.yaml", line=7)
OUTER = SourceSpan(file="specs/dev/c.yaml", line=8)


def shown(*found: Diagnostic, lines: Excerpts = NO_EXCERPTS) -> str:
    return markdown(tuple(diagnostic_blocks(found, lines)))


def test_a_problem_that_several_meet_is_told_once_with_the_first_use() -> None:
    text = shown(
        replace(PROBLEM, used_at=(FIRST,)), replace(PROBLEM, stack="other", used_at=(SECOND,))
    )
    assert text.count("Name is wrong.") == 1
    assert f"used at {FIRST} and 1 more place" in text.replace("`", "")


def test_of_modules_in_modules_the_nearest_use_and_that_of_the_stack_are_named() -> None:
    text = shown(replace(PROBLEM, used_at=(OUTER, SECOND, FIRST)))
    assert f"(used at {FIRST}, which is used at {OUTER})" in text.replace("`", "")
    assert str(SECOND) not in text


def test_the_line_that_uses_the_module_is_shown_too() -> None:
    found = replace(PROBLEM, line=1, used_at=(replace(FIRST, line=2),))
    environment = EnvironmentPlanView(name="dev", diagnostics=(found,))
    entries = {
        PROBLEM.file: TreeEntry(content=b"Name: x"),
        FIRST.file: TreeEntry(content=b"resources:\n  crate:\n"),
    }
    lines = excerpts(entries, [environment], {})
    text = shown(found, lines=Excerpts(lines=lines))
    assert text.index("Name: x") < text.index("  crate:")


def test_a_problem_outside_of_modules_names_no_use() -> None:
    assert "used at" not in shown(PROBLEM)
