"""Reads the files of ``gitbot test``, and makes of each case a tree of specs to load. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from gitbot.errors import UserError
from gitbot.language.editing.pieces import EditError, documents_of
from gitbot.language.editing.splices import set_path
from gitbot.language.editing.whole import stack_in
from gitbot.language.files import MODULE_FILE, MODULES, TESTS, environment_of, home_path_of
from gitbot.language.nodes import Node, kind_name
from gitbot.language.problems import Problems, quoted
from gitbot.language.shape import read
from gitbot.language.spec_test_fields import TEST
from gitbot.language.yaml12 import parse
from gitbot.model.diagnostic import Diagnostic
from gitbot.model.names import written_name
from gitbot.model.tree import SpecTree, TreeEntry

ENTRY: Final = "tested"
"""The key of the module in the stack that is made for a case."""
_FILE: Final = "tested.yaml"
_NAME: Final = "tested"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """An expression that must be true, and what is said where it is not."""

    that: str
    says: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """A diagnostic that must come, by its code and a part of its text."""

    code: str
    says: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case. Either ``module`` or ``stack`` is what is tested; the other is empty.

    ``environment`` is the folder of the stack, or the name that a module's environment gets.
    """

    file: str
    line: int
    name: str
    module: str
    stack: str
    environment: str
    region: str
    values: Mapping[str, Any]
    asserts: tuple[Assertion, ...]
    expected: tuple[Expected, ...]
    apply: bool


def read_tests(path: str, text: str) -> tuple[tuple[Case, ...], tuple[Diagnostic, ...]]:
    """The cases of the file at ``path``, and what is wrong with it."""
    problems = Problems(file=path)
    cases: list[Case] = []
    for node in parse(text, problems):
        kind = node.get("kind") if node.is_map else None
        if kind is None or kind.value != "Test":
            problems.add(
                "unknown-kind",
                kind or node,
                f"A file *{TESTS} holds documents of the kind Test.",
                "Write kind: Test, or rename the file.",
            )
            continue
        fields = read(node, TEST, "", problems) or {}
        places = node.get("spec", "cases")
        for name, given in ((fields.get("spec") or {}).get("cases") or {}).items():
            if places is not None:
                cases.append(_case(path, places, name, given or {}, problems))
    return tuple(cases), tuple(problems.found)


def _case(path: str, places: Node, name: str, given: Mapping[str, Any], problems: Problems) -> Case:
    mark = places.key_mark(name)
    folder = environment_of(path)
    module, stack = given.get("module") or "", given.get("stack") or ""
    if not module and not stack and path.startswith(f"{MODULES}/"):
        module = path.rpartition("/")[0]
    if bool(module) == bool(stack) or (stack and folder is None):
        problems.add(
            "missing-field",
            mark,
            f"The case {quoted(name)} names nothing to test, or two things.",
            "Write `module: modules/<name>`, or below specs/<environment>/ `stack: <name>`.",
        )
    where = given.get("environment") or {}
    return Case(
        file=path,
        line=mark[0],
        name=name,
        module=module,
        stack=stack,
        environment=(folder or "") if stack else where.get("name") or "test",
        region=where.get("region") or "us-east-1",
        values={key: node.plain() for key, node in (given.get("values") or {}).items()},
        asserts=tuple(_assertions(given.get("asserts") or (), problems)),
        expected=tuple(Expected(**one) for one in given.get("diagnostics") or () if "code" in one),
        apply=given.get("apply") or False,
    )


def _assertions(given: Iterable[Mapping[str, Any]], problems: Problems) -> Iterator[Assertion]:
    for one in given:
        node: Node | None = one.get("that")
        if node is not None and isinstance(node.value, str):
            yield Assertion(that=node.value, says=one.get("says") or "")
        elif node is not None:
            problems.add(
                "wrong-type",
                node,
                f"An assertion is an expression, not {kind_name(node.value)}.",
                "Write it as text: plan.create == 1.",
            )


def tree_of(tree: SpecTree, case: Case) -> tuple[SpecTree, str, str]:
    """The tree to load for the case, and the file and the name of its stack.

    Raises:
        EditError: the values cannot be written into the stack.
        UserError: the environment has no such stack.
    """
    if case.module:
        return _with_module(tree, case), f"specs/{case.environment}/{_FILE}", _NAME
    for path, entry in sorted(tree.entries.items()):
        if environment_of(path) != case.environment or entry.content is None:
            continue
        text = entry.content.decode("utf-8-sig", "replace")
        document = _document(text, written_name(case.stack))
        if document is not None:
            for key, value in case.values.items():
                text = set_path(text, ("spec", "values", key), value, document=document)
            return _with(tree, {path: text}), path, case.stack
    raise UserError(f"specs/{case.environment}/ has no stack {quoted(case.stack)}")


def _document(text: str, stack: str) -> int | None:
    try:
        return stack_in(text, stack)
    except EditError:
        return None


def _with_module(tree: SpecTree, case: Case) -> SpecTree:
    """A tree with the modules alone, and one stack that uses the module. JSON is YAML."""
    modules = {path: one for path, one in tree.entries.items() if not path.startswith("specs/")}
    environment = {
        "apiVersion": "gitbot/v1",
        "kind": "Environment",
        "metadata": {"name": case.environment},
        "spec": {"region": case.region},
    }
    use: dict[str, Any] = {"module": case.module}
    if case.values:
        use["values"] = dict(case.values)
    outputs = {name: f"${{{ENTRY}.{name}}}" for name in _outputs(tree, case.module)}
    stack = {
        "apiVersion": "gitbot/v1",
        "kind": "Stack",
        "metadata": {"name": _NAME},
        "spec": {"resources": {ENTRY: use}, **({"outputs": outputs} if outputs else {})},
    }
    texts = {
        home_path_of(case.environment): json.dumps(environment),
        f"specs/{case.environment}/{_FILE}": json.dumps(stack),
    }
    return _with(replace(tree, entries=modules), texts)


def _outputs(tree: SpecTree, module: str) -> list[str]:
    """The outputs of the module that are not sensitive; none where its file cannot be read."""
    entry = tree.entries.get(f"{module}/{MODULE_FILE}")
    try:
        (plain,) = documents_of((entry.content or b"").decode("utf-8-sig") if entry else "")
        outputs: dict[str, Any] = plain["spec"].get("outputs") or {}
    except (EditError, ValueError, LookupError, TypeError, AttributeError):
        return []
    return [
        name
        for name, one in outputs.items()
        if not (isinstance(one, dict) and one.get("sensitive"))
    ]


def _with(tree: SpecTree, texts: Mapping[str, str]) -> SpecTree:
    entries = {
        path: TreeEntry(content=text.encode(), size_bytes=len(text.encode()))
        for path, text in texts.items()
    }
    return replace(tree, entries={**tree.entries, **entries})
