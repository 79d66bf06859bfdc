"""An expression is tried as one more output of its stack; what stands in other files stays."""

from __future__ import annotations

import pytest

from gitbot.language.editing.pieces import EditError, documents_of
from gitbot.language.editing.trial import with_trial
from gitbot.language.load import load_tree
from gitbot.model.tree import SpecTree, TreeEntry
from tests.unit.language.specs_by_hand import ENVIRONMENT, HEAD

STACK = HEAD + "  resources: {}\n"
FILE = "specs/dev/a.yaml"


def tree(text: str) -> SpecTree:
    files = {
        FILE: text,
        "specs/dev/environment.yaml": ENVIRONMENT,
        "specs/dev/a.test.yaml": "- 1\n",
    }
    return SpecTree(
        id="t", entries={name: TreeEntry(content=one.encode()) for name, one in files.items()}
    )


@pytest.mark.parametrize(
    ("text", "stack", "expression", "name", "template"),
    [
        (STACK, "demo", "env.project", "tried", "${env.project}"),
        (STACK, "demo@eu-west-1", "a ${env.name}", "tried", "a ${env.name}"),
        (STACK + "  outputs: {tried: 1, tried_0: 2}\n", "demo", "1", "tried_1", "${1}"),
        ("\ufeff" + STACK, "demo", '{"a": 1}', "tried", '${{"a": 1}}'),
    ],
)
def test_an_output_is_added(
    text: str, stack: str, expression: str, name: str, template: str
) -> None:
    tried, found = with_trial(tree(text), FILE, stack, expression)
    assert found == name
    (document,) = documents_of((tried.entries[FILE].content or b"").decode())
    assert document["spec"]["outputs"][name] == {"value": template}


def test_the_loader_evaluates_it_and_reads_no_cases() -> None:
    tried, name = with_trial(tree(STACK), FILE, "demo", "env.project")
    loaded = load_tree(tried, lambda _: None, list)
    assert loaded.diagnostics == ()
    (stack,) = loaded.stacks
    assert stack.outputs[name].value == "ml"


def test_a_stack_that_is_gone() -> None:
    with pytest.raises(EditError, match="has no stack 'other' any more"):
        with_trial(tree(STACK), FILE, "other", "1")
