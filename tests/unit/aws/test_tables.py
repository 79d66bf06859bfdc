"""The declaration of a type as a table has at most thirty lines."""

from __future__ import annotations

import ast
import inspect
import re
import statistics
from pathlib import Path
from types import ModuleType

import click
import pytest

from gitbot.providers.aws.native import NativeType
from gitbot.providers.aws.table_handler import TableHandler
from gitbot.providers.aws.types import NATIVE_TYPES, folder_of, modules_of

MOST_LINES = 30
TABLES = {
    name: native
    for name, native in NATIVE_TYPES.items()
    if isinstance(native.handler, TableHandler)
}


def module_of(native: NativeType) -> ModuleType:
    """The module of ``types`` that defines it."""
    folder = modules_of(folder_of(native.declaration.name))
    [module] = [one for one in folder if native in vars(one).values()]
    return module


def lines_of_tables(module: ModuleType) -> dict[str, int]:
    """How many lines each ``Table(...)`` of a module takes, by the name of the type; a table that
    serves several types has the name of the parameter."""
    found = {}
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Table":
            [name] = [keyword.value for keyword in node.keywords if keyword.arg == "name"]
            key = name.value if isinstance(name, ast.Constant) else ast.unparse(name)
            assert node.end_lineno is not None
            found[str(key)] = node.end_lineno - node.lineno + 1
    return found


def test_there_are_tables() -> None:
    assert len(TABLES) >= 11


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_table_is_short(name: str) -> None:
    lines = lines_of_tables(module_of(TABLES[name]))
    assert lines.get(name, lines.get("name", 1000)) <= MOST_LINES


def test_half_of_the_tables_are_as_short_as_the_documentation_says() -> None:
    lines = {name: lines_of_tables(module_of(native)) for name, native in TABLES.items()}
    median = statistics.median(
        found.get(name, found.get("name", 0)) for name, found in lines.items()
    )
    click.echo(f"{len(TABLES)} tables, median {median:g} lines")
    [told] = re.findall(r"half of them have (\d+) or fewer", (ROOT / "CONTRIBUTING.md").read_text())
    assert median <= int(told)


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_property_that_is_sent_and_has_no_setter_replaces(name: str) -> None:
    declaration, table = TABLES[name].declaration, TABLES[name].handler.table  # type: ignore[attr-defined]
    settable = table.settable
    fixed = {f"/{one}" for one in table.create.sends if one not in settable}
    assert set(declaration.create_only or ()) == {*fixed, *table.create_only}
    assert set(table.delete.clears) <= settable


ROOT = Path(__file__).parents[3]
WHERE = (
    "gitbot/providers/aws/types/sagemaker/model.py",
    "tests/contract/aws/cases/sagemaker.py",
)


def test_the_worked_example_of_a_new_type_is_the_code_itself() -> None:
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text(), re.DOTALL)
    assert len(blocks) == len(WHERE)
    for block, path in zip(blocks, WHERE, strict=True):
        assert "AWS::SageMaker::Model" in block
        assert " ".join(block.split()) in " ".join((ROOT / path).read_text().split()), path
