"""AWS::CloudWatch::Dashboard as a table. Shell.

DashboardName (generated when absent): replace. DashboardBody (compared as JSON), Tags: changed in place.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html
"""

from __future__ import annotations

from gitbot.providers.aws.dialect import Name
from gitbot.providers.aws.native import Index
from gitbot.providers.aws.plain import Plain, named
from gitbot.providers.aws.refining import refining
from gitbot.providers.aws.table import Create, Delete, Properties, Table, Update, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.text_attributes import parsed
from gitbot.providers.aws.types.cloudwatch.family import CLOUDWATCH, tags_of

_NAME = Name(property="DashboardName", longest=255)
_LISTING = Plain(
    dialect=CLOUDWATCH,
    call="get_dashboard",
    asks=named("DashboardName"),
    tags=tags_of("DashboardArn"),
    name=_NAME,
    index=Index("cloudwatch:dashboard"),
)


def _parsed(properties: Properties) -> Properties:
    return {
        name: parsed(value) if name == "DashboardBody" else value
        for name, value in properties.items()
    }


DASHBOARD = native_type(
    Table(
        name="AWS::CloudWatch::Dashboard",
        noun="dashboard",
        dialect=CLOUDWATCH,
        listing=_LISTING,
        shows=shown("DashboardName", "DashboardBody"),
        addresses=shown("DashboardName"),
        create=Create(
            call="put_dashboard",
            sends=("DashboardName", "DashboardBody"),
            gives=lambda _, given: str(given["DashboardName"]),
            name=_NAME,
            repeats=True,
        ),
        delete=Delete(
            call="delete_dashboards",
            parameters=lambda one: {"DashboardNames": [one["DashboardName"]]},
        ),
        tags=_LISTING.tags,
        updates=(Update(call="put_dashboard", sends=("DashboardBody",)),),
        normalise=_parsed,
        refine=refining({"/DashboardBody": {"jsonText": True}}),
        natural_key=("DashboardName",),
    )
)
