"""AWS::IAM::OIDCProvider as a table. Shell.

Url: replaces. ClientIdList, ThumbprintList (AWS finds one where the spec gives none), Tags: changed in place.
Attributes: Arn.
https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from gitbot.model.cloud import Operation
from gitbot.model.schema import Removal
from gitbot.providers.aws.plain import Plain, named
from gitbot.providers.aws.refining import refining
from gitbot.providers.aws.surfaces import Surface
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table, Update, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.iam.family import IAM, TAKEN, tags

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

_ARN, _CALL = "OpenIDConnectProviderArn", "get_open_id_connect_provider"


def _bare(url: str) -> str:
    """AWS shows the address without its scheme."""
    return url.removeprefix("https://")


def _with_url(aws: Connection, operation: Operation) -> Iterable[str]:
    url = _bare(str(operation.properties["Url"]))
    return [f"arn:{aws.partition}:iam::{aws.account}:oidc-provider/{url}"]


def _write_clients(aws: Connection, arn: str, value: Any) -> None:
    named = {_ARN: arn}
    observed = set(aws.call("iam", _CALL, **named).get("ClientIDList", ()))
    wanted = set(value or ())
    for client in sorted(wanted - observed):
        aws.call("iam", "add_client_id_to_open_id_connect_provider", **named, ClientID=client)
    for client in sorted(observed - wanted):
        aws.call("iam", "remove_client_id_from_open_id_connect_provider", **named, ClientID=client)


def _normalised(properties: Properties) -> Properties:
    url = properties.get("Url")
    return {**properties, "Url": _bare(url)} if isinstance(url, str) else properties


def _shows(one: Described) -> Properties:
    return shown("ThumbprintList", "Url", Arn=_ARN, ClientIdList="ClientIDList")(one)


_REFINE = refining(
    {
        "ClientIdList": {"uniqueItems": True},
        "ThumbprintList": {"uniqueItems": True, "minItems": 1},
    }
)
_CLIENTS = Surface(
    property="ClientIdList",
    write=_write_clients,
    removal=Removal(default=[], says="it knows no client any more"),
)
_CALLS = (
    "add_client_id_to_open_id_connect_provider",
    "remove_client_id_from_open_id_connect_provider",
)

OIDC_PROVIDER = native_type(
    Table(
        name="AWS::IAM::OIDCProvider",
        noun="identity provider",
        dialect=IAM,
        listing=Plain(dialect=IAM, call=_CALL, asks=named(_ARN), keyed=_with_url),
        identifier=itemgetter(_ARN),
        shows=_shows,
        addresses=shown(_ARN),
        spells={"ClientIdList": "ClientIDList"},
        create=Create(
            call="create_open_id_connect_provider",
            sends=("Url", "ClientIdList", "ThumbprintList"),
            gives=lambda answer, _: str(answer[_ARN]),
            taken=TAKEN,
        ),
        delete=Delete(call="delete_open_id_connect_provider"),
        updates=(
            Update(call="update_open_id_connect_provider_thumbprint", sends=("ThumbprintList",)),
        ),
        surfaces=(_CLIENTS,),
        tags=tags("open_id_connect_provider", shown(_ARN)),
        calls=_CALLS,
        natural_key=("Url",),
        normalise=_normalised,
        refine=_REFINE,
    )
)
