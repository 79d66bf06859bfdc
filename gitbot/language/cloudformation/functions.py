"""The functions of CloudFormation that a template may call. Pure.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gitbot.language.cloudformation import list_functions, references, text_functions
from gitbot.language.cloudformation.mappings import find_in_map
from gitbot.language.cloudformation.names import Names
from gitbot.language.cloudformation.writer import Function, Writer
from gitbot.language.problems import Problems

_FUNCTIONS: Final[Mapping[str, Function]] = {
    "Ref": references.ref,
    "Fn::Base64": text_functions.base64,
    "Fn::Cidr": list_functions.cidr,
    "Fn::FindInMap": find_in_map,
    "Fn::GetAZs": list_functions.zones,
    "Fn::GetAtt": references.get_att,
    "Fn::Join": text_functions.join,
    "Fn::Length": list_functions.length,
    "Fn::Select": list_functions.select,
    "Fn::Split": list_functions.split,
    "Fn::Sub": text_functions.sub,
    "Fn::ToJsonString": text_functions.json_string,
}


def writer_of(names: Names, problems: Problems) -> Writer:
    """What writes values of the template with these names."""
    return Writer(names=names, problems=problems, functions=_FUNCTIONS)
