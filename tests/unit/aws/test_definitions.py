"""However a spec gives a state machine's definition, it is compared and sent as one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gitbot.providers.aws.types.stepfunctions.definitions import definition_text, with_definition

PLAIN = {"StartAt": "Go", "States": {"Go": {"Type": "Wait", "Seconds": 5}}}
TEXT = '{"StartAt": "${first}", "States": {"${first}": {"Type": "Wait", "Seconds": ${seconds}}}}'


@pytest.mark.parametrize(
    "properties",
    [
        {"Definition": PLAIN},
        {"DefinitionString": json.dumps(PLAIN, indent=4)},
        {"DefinitionString": TEXT, "DefinitionSubstitutions": {"first": "Go", "seconds": 5}},
        {
            "Definition": {**PLAIN, "StartAt": "${first}"},
            "DefinitionSubstitutions": {"first": "Go"},
        },
    ],
)
def test_the_forms_of_a_definition_are_one(properties: dict[str, Any]) -> None:
    assert with_definition({"RoleArn": "r", **properties}) == {
        "RoleArn": "r",
        "DefinitionString": PLAIN,
    }
    assert json.loads(definition_text(properties)) == PLAIN


def test_what_no_substitution_names_stays() -> None:
    given = {"Definition": {"Comment": "${other}"}, "DefinitionSubstitutions": {"first": True}}
    assert json.loads(definition_text(given)) == {"Comment": "${other}"}


def test_a_value_that_looks_like_another_name_goes_in_as_it_is() -> None:
    values = {"key": r"X${plain}$$y\1", "plain": "a", "last": "${key}"}
    given = {
        "Definition": {"${plain}": "${key} ${plain}${last}", "List": ["${last}"]},
        "DefinitionSubstitutions": values,
    }
    filled = {"a": r"X${plain}$$y\1 a${key}", "List": ["${key}"]}
    assert with_definition(given) == {"DefinitionString": filled}
    text = {"DefinitionString": '{"A": "${last}"}', "DefinitionSubstitutions": values}
    assert json.loads(definition_text(text)) == {"A": "${key}"}
