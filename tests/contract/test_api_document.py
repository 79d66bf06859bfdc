"""The OpenAPI document says what the API does, because both are made from one table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from jsonschema import Draft202012Validator
from schemathesis.core.failures import FailureGroup

from gitbot.webhooks.api import ROUTES, Api, blueprint
from gitbot.webhooks.api.checking import faults
from gitbot.webhooks.api.openapi import document
from gitbot.webhooks.api.routes import NAMES, ROOT
from gitbot.webhooks.app import create_app
from tests.contract.api_gate import KNOWN, RANDOM, hold, unlimited
from tests.contract.api_world import ApiWorld, api_world, ask


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiWorld]:
    with api_world(tmp_path_factory.mktemp("api")) as made:
        yield made


@RANDOM
def test_every_operation_answers_as_the_document_says(world: ApiWorld) -> None:
    seen = hold(world, world.app(unlimited()), examples=2)
    assert set(seen) == {route.name for route in ROUTES} - {"openapi"}
    reached = {one.name for one in ROUTES if one.method == "GET" and KNOWN.keys() >= {*one.parts}}
    assert not [name for name in reached - {"openapi"} if 200 not in seen[name]]


def test_the_check_finds_an_answer_that_the_document_does_not_have(world: ApiWorld) -> None:
    """The proof can fail: one route answers what another's document says."""
    by_name = {route.name: route for route in ROUTES}
    me = replace(by_name["me"], handle=by_name["repositories"].handle)
    app = create_app(secrets=["s" * 16], hear=lambda _: None)
    api = Api(ports=world.ports, repositories=[])
    app.register_blueprint(blueprint(api, [me, by_name["openapi"]], unlimited()))
    with pytest.raises(FailureGroup, match='"login" is a required property'):
        hold(world, app, examples=1, only="me")


def test_everything_that_comes_in_has_a_schema_that_is_checked() -> None:
    """The kind: a word of JSON Schema that the document shows and the server does not check."""
    for route in ROUTES:
        assert set(route.parts) <= NAMES.keys()
        for name, schema in route.query.items():
            assert faults(schema, None, name)
        if route.body is not None:
            assert faults(route.body, None, "the body")


def test_the_schemas_are_valid_json_schema() -> None:
    made = document(ROUTES, root=ROOT, version="1")
    Draft202012Validator.check_schema(made["components"]["schemas"]["Problem"])
    for route in ROUTES:
        for schema in (*route.answers.values(), route.body, *route.query.values()):
            if schema is not None:
                Draft202012Validator.check_schema(dict(schema))


def test_the_document_needs_no_token(world: ApiWorld) -> None:
    found = ask(world.client(), "/openapi.json").get_json()
    assert found["openapi"].startswith("3.1")
    assert len(found["paths"]) == len({route.path for route in ROUTES})
