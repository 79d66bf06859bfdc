"""What the source must say in one place only, read from the source itself."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from gitbot.decisions.commands.table import VERBS
from gitbot.jobs.steps.answers import ANSWERS
from gitbot.settings import settings_table

ROOT = Path(__file__).parents[2]
MODULES = {
    path.relative_to(ROOT).as_posix(): path.read_text()
    for folder in ("gitbot", "gitbot_sandbox")
    for path in sorted((ROOT / folder).rglob("*.py"))
}
READER = "gitbot/decisions/wanted.py"
MAKERS = ("gitbot/language/", "gitbot/model/", "gitbot/adapters/loader")
"""Where trees are made. Everybody else asks ``wanted``, which also asks the time."""

MOST_PRAGMAS = 0
"""How many branches may be left out of the coverage gate. It only ever falls."""


MOST_LINES_OF_A_FUNCTION = 40
MOST_LINES_OF_A_MODULE = 250

LONG_FUNCTIONS = frozenset(
    {
        "gitbot/adapters/github/calls.py: __call__",
        "gitbot/language/cloudformation/converting.py: convert",
        "gitbot/language/regions.py: instances_of",
        "gitbot/providers/aws/native.py: over",
        "gitbot/reconciler/plan.py: make_plan",
        "gitbot/reconciler/recording.py: record_of",
    }
)
LONG_MODULES = frozenset(
    {
        "gitbot/adapters/editor/server.py",
        "gitbot/adapters/git/mirror.py",
        "gitbot/adapters/git/objects.py",
        "gitbot/adapters/github/pull_requests.py",
        "gitbot/adapters/github/session.py",
        "gitbot/adapters/loader/loader.py",
        "gitbot/adapters/queue/durable.py",
        "gitbot/adapters/stores/database.py",
        "gitbot/adapters/stores/runs.py",
        "gitbot/adapters/stores/state.py",
        "gitbot/adapters/stores/state_rows.py",
        "gitbot/bootstrap/server.py",
        "gitbot/decisions/drift/adopting.py",
        "gitbot/decisions/drift/life.py",
        "gitbot/decisions/promotion/stacks.py",
        "gitbot/language/assemble.py",
        "gitbot/language/editing/splices.py",
        "gitbot/language/fields.py",
        "gitbot/language/scanner.py",
        "gitbot/language/templates.py",
        "gitbot/language/terraform/converting.py",
        "gitbot/language/terraform/expressions.py",
        "gitbot/language/terraform/tables.py",
        "gitbot/language/yaml12.py",
        "gitbot/model/desired.py",
        "gitbot/model/forge.py",
        "gitbot/model/plan.py",
        "gitbot/model/promotion.py",
        "gitbot/ports/forge.py",
        "gitbot/providers/aws/cloud.py",
        "gitbot/providers/aws/pack_build.py",
        "gitbot/providers/aws/permissions.py",
        "gitbot/providers/aws/secrets.py",
        "gitbot/providers/aws/types/ec2/instance.py",
        "gitbot/providers/aws/types/iam/role.py",
        "gitbot/providers/aws/types/s3/bucket.py",
        "gitbot/reconciler/across.py",
        "gitbot/reconciler/plan.py",
        "gitbot/render/applies.py",
        "gitbot/render/checks.py",
        "gitbot/render/drift.py",
        "gitbot/render/expiry.py",
        "gitbot/render/plans.py",
        "gitbot/render/promotion.py",
        "gitbot/settings.py",
        "gitbot/walk/run.py",
        "gitbot/walk/steps.py",
        "gitbot/webhooks/parse.py",
        "gitbot_sandbox/aws/moto_ec2.py",
        "gitbot_sandbox/aws/moto_network.py",
        "gitbot_sandbox/github/acting.py",
        "gitbot_sandbox/github/actions/checks.py",
        "gitbot_sandbox/github/api/pulls.py",
        "gitbot_sandbox/github/courier.py",
        "gitbot_sandbox/github/entities.py",
        "gitbot_sandbox/github/gitrepo.py",
        "gitbot_sandbox/github/pages/views.py",
        "gitbot_sandbox/github/server.py",
        "gitbot_sandbox/github/shapes/commits.py",
        "gitbot_sandbox/sandbox.py",
    }
)
"""What is longer all the same. Both lists only ever shrink: take out what has become short."""


def test_every_verb_of_the_table_is_answered_and_nothing_else_is() -> None:
    assert list(ANSWERS) == list(VERBS)


def of_trees(tree: ast.Module) -> tuple[set[str], set[str]]:
    """The names of functions that give a ``LoadedTree``, and of fields and properties that hold one."""
    calls, fields = set[str](), set[str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and _is_tree(node.returns):
            calls.add(node.name)
            fields.add(node.name)
        elif isinstance(node, ast.ClassDef):
            fields |= {
                each.target.id
                for each in node.body
                if isinstance(each, ast.AnnAssign)
                and isinstance(each.target, ast.Name)
                and _is_tree(each.annotation)
            }
    return calls, fields


def _is_tree(annotation: ast.expr | None) -> bool:
    return annotation is not None and "LoadedTree" in ast.unparse(annotation)


def reads_of_stacks(tree: ast.Module, calls: set[str], fields: set[str]) -> Iterator[int]:
    """The lines that read ``stacks`` of something that is a ``LoadedTree``."""
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        local = set(_locals(function, calls))
        for node in ast.walk(function):
            if isinstance(node, ast.Attribute) and node.attr == "stacks":
                of = node.value
                if (
                    (isinstance(of, ast.Name) and of.id in local)
                    or (isinstance(of, ast.Attribute) and of.attr in fields)
                    or (isinstance(of, ast.Call) and _called(of) in calls)
                ):
                    yield node.lineno


def _locals(function: ast.FunctionDef, calls: set[str]) -> Iterator[str]:
    """Arguments and variables of the function that hold a tree, or trees."""
    arguments = function.args
    for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
        if _is_tree(argument.annotation):
            yield argument.arg
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            if _called(node.value) in calls:
                yield from (each.id for each in node.targets if isinstance(each, ast.Name))
        elif isinstance(node, ast.AnnAssign) and _is_tree(node.annotation):
            yield ast.unparse(node.target)


def _called(call: ast.Call) -> str:
    named = call.func
    if isinstance(named, ast.Attribute):
        return named.attr
    return named.id if isinstance(named, ast.Name) else ""


@cache
def holders() -> tuple[set[str], set[str]]:
    """What :func:`of_trees` finds in all modules."""
    known = [of_trees(ast.parse(text)) for text in MODULES.values() if "LoadedTree" in text]
    return set[str]().union(*(calls for calls, _ in known)), set[str]().union(
        *(fields for _, fields in known)
    )


def test_only_wanted_reads_the_stacks_of_a_tree() -> None:
    calls, fields = holders()
    readers = {
        path
        for path, text in MODULES.items()
        if "stacks" in text and any(reads_of_stacks(ast.parse(text), calls, fields))
    }
    assert {path for path in readers if not path.startswith(MAKERS)} == {READER}


@pytest.mark.parametrize(
    "line",
    ["tree.stacks", "seen.at_tip.stacks", "load(x).stacks", "found.stacks", "declared.stacks"],
)
def test_a_reader_is_found_however_it_came_by_the_tree(line: str) -> None:
    source = (
        "def f(tree: LoadedTree, seen, load, x):\n"
        " found = self.loader.load(x)\n"
        " declared: LoadedTree = x\n"
        f" return {line}\n"
    )
    assert list(reads_of_stacks(ast.parse(source), *holders())) == [4]


def test_every_layer_that_is_held_pure_has_a_coverage_gate() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    (pure,) = [
        contract["source_modules"]
        for contract in project["importlinter"]["contracts"]
        if contract["name"] == "The pure core asks nothing of the outside"
    ]
    (line,) = re.findall(r"^GATES := (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    gates = dict(gate.split("=") for gate in line.split())
    assert {f"gitbot.{layer}" for layer in gates} == set(pure)
    assert {f"gitbot/{layer}" for layer in gates} == set(project["coverage"]["run"]["source"])
    assert gates["decisions"] == "100"


def test_few_branches_are_left_out_of_the_coverage_gate() -> None:
    pragmas = sum(text.count("pragma: no") for text in MODULES.values())
    assert pragmas <= MOST_PRAGMAS


def long_functions(tree: ast.Module) -> Iterator[str]:
    """The names of functions with too many lines. The help text of a command does not count."""
    classes = (node for node in tree.body if isinstance(node, ast.ClassDef))
    for node in (*tree.body, *(method for each in classes for method in each.body)):
        if isinstance(node, ast.FunctionDef):
            first, lines = node.body[0], _lines(node)
            if ast.get_docstring(node) and any(map(_is_command, node.decorator_list)):
                lines -= _lines(first)
            if lines > MOST_LINES_OF_A_FUNCTION:
                yield node.name


def _lines(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _is_command(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Call) and _called(decorator) == "command"


def test_what_runs_the_tests_sets_no_variable_that_a_server_would_take_for_a_setting() -> None:
    """A server refuses variables with its prefix that it does not know, and tests start servers."""
    files = [ROOT / "Makefile", *sorted((ROOT / ".ci").iterdir())]
    files += [path for folder in ("tests", "benchmarks") for path in (ROOT / folder).rglob("*.py")]
    pattern = re.compile(r'^(?:export )?\s*(GITBOT_\w+)=|environ(?:\.get\(|\[)"(GITBOT_\w+)"', re.M)
    names = {one or two for path in files for one, two in pattern.findall(path.read_text())}
    assert names <= {name for name, _, _ in settings_table()}


def test_functions_and_modules_are_short() -> None:
    # A migration is never changed, so it is never made shorter either.
    ours = {path: text for path, text in MODULES.items() if "/migrations/" not in path}
    lines = {path: text.count("\n") for path, text in ours.items()}
    functions = {
        f"{path}: {name}"
        for path, text in ours.items()
        if lines[path] > MOST_LINES_OF_A_FUNCTION
        for name in long_functions(ast.parse(text))
    }
    modules = {path for path in ours if lines[path] > MOST_LINES_OF_A_MODULE}
    assert functions - LONG_FUNCTIONS == set()
    assert modules - LONG_MODULES == set()


def test_a_long_function_is_found_and_the_help_of_a_command_does_not_count() -> None:
    text = "\n".join(["    some words"] * MOST_LINES_OF_A_FUNCTION)
    function = f'def f():\n    """\n{text}\n    """\n'
    assert list(long_functions(ast.parse(function))) == ["f"]
    assert list(long_functions(ast.parse(f"@click.command()\n{function}"))) == []


def test_each_decision_has_a_number_of_its_own() -> None:
    """The kind: two records that people call by the same number."""
    names = sorted(path.name for path in (ROOT / "docs/adr").glob("*.md"))
    numbers = [int(name[:4]) for name in names if name[:4].isdigit()]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    for name in names:
        title = (ROOT / "docs/adr" / name).read_text().partition("\n")[0]
        assert not name[:4].isdigit() or title.startswith(f"# {int(name[:4])}. "), name


def test_a_marked_test_is_where_a_target_of_ci_runs_its_marker() -> None:
    """The kind: a test that stands outside the daily suite, and that nothing else runs."""
    asked = "".join(path.read_text() for path in (ROOT / ".ci").iterdir())
    run: dict[str, list[str]] = {"full": [], "story": [], "soak": []}
    targets = re.findall(r"^(\w+): .*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.M)
    for target, recipe in targets:
        if re.search(rf"^make {target}$", asked, re.M):
            for marker, line in re.findall(r'-m "?(full|story|soak)\b(.*)', recipe):
                run[marker] += re.findall(r" (tests/[\w./]+)", line)
    for path in (ROOT / "tests").rglob("*.py"):
        where = path.relative_to(ROOT).as_posix()
        # `make model` runs the tests of all folders that are marked for it, too.
        text = re.sub(r"@pytest\.mark\.full\n@pytest\.mark\.model\n", "", path.read_text())
        for marker in re.findall(r"pytest\.mark\.(full|story|soak)\b", text):
            assert where.startswith(tuple(run[marker])), (where, marker)
