"""AWS::SSM::Parameter as a table. Shell.

Name (generated when absent), Type, DataType: replace. Value, Description, AllowedPattern, Tier, Tags (a map):
changed in place. Tier is compared with what was last applied: AWS shows another one for Intelligent-Tiering.
Attributes: Arn. Secure strings cannot be made from a spec.
https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from gitbot.model.cautions import Caution
from gitbot.model.schema import Removal
from gitbot.providers.aws.dialect import Dialect, Name
from gitbot.providers.aws.native import Index
from gitbot.providers.aws.plain import Plain, PlainTags
from gitbot.providers.aws.refining import refining
from gitbot.providers.aws.table import (
    Create,
    Delete,
    Described,
    Join,
    Properties,
    Table,
    Update,
    shown,
)
from gitbot.providers.aws.table_handler import native_type

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

SSM = Dialect(service="ssm", absent=frozenset({"ParameterNotFound", "InvalidResourceId"}))
_NAME = Name(property="Name", longest=1000)
_FIXED = ("Name", "Type", "DataType")
_SETS = ("Value", "Description", "AllowedPattern", "Tier")


def _name_in(arn: str) -> str:
    """A name in a hierarchy begins with a slash, which the ARN does not show."""
    name = arn.partition(":parameter/")[2]
    return f"/{name}" if "/" in name else name


_LISTING = Plain(
    dialect=SSM,
    call="get_parameters",
    many="Names",
    most=10,
    answer="Parameters",
    tags=PlainTags(
        dialect=SSM,
        target=lambda one: {"ResourceType": "Parameter", "ResourceId": one["Name"]},
        putting="add_tags_to_resource",
        removing="remove_tags_from_resource",
        reading="list_tags_for_resource",
        answer="TagList",
        arn="ARN",
        as_map=True,
    ),
    name=_NAME,
    index=Index("ssm:parameter", _name_in),
)


def _metadata(aws: Connection, names: Iterable[str]) -> Iterator[Described]:
    wanted = sorted(names)
    for start in range(0, len(wanted), 50):
        by_name = {"Key": "Name", "Option": "Equals", "Values": wanted[start : start + 50]}
        parameters = {"ParameterFilters": [by_name], "MaxResults": 50}
        yield from aws.pages("ssm", "describe_parameters", "Parameters", **parameters)


_APART = ("Description", "AllowedPattern", "Tier")


def _told(one: Described) -> Iterator[tuple[str, Properties]]:
    yield one["Name"], shown(*_APART)(one)


def _overwriting(values: Properties, _: Described) -> Mapping[str, Any]:
    return {**{k: v for k, v in values.items() if v is not None}, "Overwrite": True}


# https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameterHistory.html
_EARLIER = Caution(
    secret=True,
    says="The Parameter Store shows the last 100 versions of a parameter, with the values that they have, until it is deleted.",
)

PARAMETER = native_type(
    Table(
        name="AWS::SSM::Parameter",
        noun="parameter",
        dialect=SSM,
        listing=_LISTING,
        shows=shown("Value", *_FIXED, Arn="ARN"),
        joins=(Join(calls=_metadata, gives=_told, only_for=_APART),),
        addresses=shown("Name"),
        create=Create(
            call="put_parameter",
            sends=(*_FIXED, *_SETS),
            gives=lambda _, given: str(given["Name"]),
            name=_NAME,
            taken=frozenset({"ParameterAlreadyExists"}),
        ),
        delete=Delete(call="delete_parameter"),
        tags=_LISTING.tags,
        updates=(Update(call="put_parameter", sends=_SETS, whole=True, parameters=_overwriting),),
        resets={
            "Description": Removal(default="", says="the description is emptied"),
            "AllowedPattern": Removal(default="", says="every value is allowed"),
        },
        filled=("DataType", "Tier"),
        write_only=("/Tier",),
        looks=("describe_parameters",),
        refine=refining({"/Value": {"minLength": 1}}),
        natural_key=("Name",),
        cautions=(_EARLIER,),
    )
)
