"""The declaration of a type as a table has at most thirty lines, and the rights of all calls."""

from __future__ import annotations

import ast
import inspect
import re
import statistics
from collections.abc import Mapping
from datetime import UTC, datetime
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from types import ModuleType

import botocore.session
import click
import pytest
from botocore import xform_name

from gitbot.model.cloud import Operation
from gitbot.model.names import Address
from gitbot.model.schema import Route
from gitbot.model.tags import OPERATION_TAG
from gitbot.providers.aws.api_models import API_MODELS
from gitbot.providers.aws.dialect import Dialect
from gitbot.providers.aws.native import NativeType
from gitbot.providers.aws.table_handler import TableHandler
from gitbot.providers.aws.types import NATIVE_TYPES, folder_of, modules_of

MOST_LINES = 30
TABLES = {
    name: native
    for name, native in NATIVE_TYPES.items()
    if isinstance(native.handler, TableHandler)
}


TABLE_OF = {
    name: native.handler.table
    for name, native in TABLES.items()
    if isinstance(native.handler, TableHandler)
}
SERVICES = sorted({folder_of(name) for name in TABLES})
CALL = re.compile(r'(?:"([a-z][a-z0-9-]+)",\s*)?"([a-z][a-z0-9_]+)"')
"""A text that may be the name of a call, and the one before it, which may be that of its service."""


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


@pytest.mark.parametrize("name", sorted(TABLES))
def test_what_is_beside_a_generated_name_in_a_key_says_where_the_name_counts(name: str) -> None:
    declaration, named = TABLES[name].declaration, TABLE_OF[name].create.name
    key = set(declaration.natural_key or ())
    if named is not None and named.property in key:
        assert key - {named.property} <= set(declaration.name_within)


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


@cache
def described() -> botocore.session.Session:
    """A session that describes services, each of which takes up to a second to parse once."""
    session = botocore.session.get_session()
    session.register_component("data_loader", API_MODELS)
    return session


@cache
def actions_by_call(service: str, prefix: str) -> Mapping[str, str]:
    """The actions of a service, by IAM's names, by the names that botocore gives to its calls."""
    model = described().get_service_model(service)
    http = model.service_name == "apigatewayv2"
    return {
        xform_name(one): f"apigateway:{model.operation_model(one).http['method']}"
        if http
        else f"{prefix}:{one}"
        for one in model.operation_names
    }


def actions_of(module: ModuleType, dialect: Dialect) -> set[str]:
    """The actions, by IAM's names, of the calls that the code of a module names."""
    known, found = described().get_available_services(), set()
    for service, call in CALL.findall(Path(module.__file__ or "").read_text()):
        other = service in known and service != dialect.service
        prefix = service if other else dialect.prefix or dialect.service
        actions = actions_by_call(service if other else dialect.service, prefix)
        if call in actions:
            found.add(actions[call])
    return found


def allows(right: str, action: str) -> bool:
    """Whether a right covers an action, as IAM compares them: without regard to capital letters."""
    return fnmatch(action.lower(), right.lower())


OF_CODE = {"s3:HeadObject", "s3:GetObject"}
"""Needs a right on buckets with code or definitions alone, which only people can name: see docs/troubles.md."""


@pytest.mark.parametrize("service", SERVICES)
def test_the_rights_of_a_type_have_every_call_that_its_module_names(service: str) -> None:
    """A module without types serves all types of its service."""
    types = {name: one for name, one in NATIVE_TYPES.items() if folder_of(name) == service}
    dialect = next(one.handler.table.dialect for name, one in types.items() if name in TABLES)  # type: ignore[attr-defined]
    calls = 0
    for module in modules_of(service):
        own = [one for one in types.values() if one in vars(module).values()]
        rights = [one.declaration.rights for one in own or types.values()]
        allowed = set().union(*(one.reads | one.writes for one in rights))
        for action in actions_of(module, dialect) - OF_CODE:
            calls += 1
            assert any(allows(one, action) for one in allowed), (module.__name__, action)
    assert calls > 1


def test_only_what_is_tagged_when_it_is_made_is_not_looked_for_before() -> None:
    """After a death only its tags tell whose an object is for which nobody has looked."""
    refusing = {one.name for one in TABLE_OF.values() if TABLES[one.name].declaration.refuses_taken}
    assert {"AWS::EC2::KeyPair", "AWS::ECR::Repository", "AWS::SSM::Parameter"} <= refusing
    assert not refusing & {"AWS::EC2::Route", "AWS::SQS::Queue", "AWS::CloudWatch::Alarm"}
    for name in sorted(refusing):
        table = TABLE_OF[name]
        operation = Operation(
            token="an-operation",
            address=Address("thing"),
            type=name,
            route=Route.NATIVE,
            properties={},
            ownership={OPERATION_TAG: "an-operation"},
            deadline=datetime.max.replace(tzinfo=UTC),
        )
        assert table.tags is not None
        assert "an-operation" in repr(table.tags.at_creation(operation)), name
        assert not table.looks_first, name
