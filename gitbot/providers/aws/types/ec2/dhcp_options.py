"""AWS::EC2::DHCPOptions as a table. Shell.

DomainName, DomainNameServers, NtpServers, NetbiosNameServers, NetbiosNodeType: replace. Tags: changed in place.
Attributes: DhcpOptionsId. Ipv6AddressPreferredLeaseTime is not handled.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateDhcpOptions.html
"""

from __future__ import annotations

from collections.abc import Mapping
from operator import itemgetter
from typing import Any

from gitbot.model.cloud import Operation
from gitbot.providers.aws.native import Index
from gitbot.providers.aws.refining import Schema, refining
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.ec2.family import EC2, Ec2Listing, Ec2Tags

_OPTIONS = {
    "DomainName": "domain-name",
    "DomainNameServers": "domain-name-servers",
    "NtpServers": "ntp-servers",
    "NetbiosNameServers": "netbios-name-servers",
    "NetbiosNodeType": "netbios-node-type",
}
_LISTS = ("DomainNameServers", "NtpServers", "NetbiosNameServers")
_LIMITS: Mapping[str, Schema] = {
    "": {"anyOf": [{"required": [name]} for name in _OPTIONS]},
    "DomainName": {"minLength": 1},
    **{name: {"minItems": 1, "maxItems": 4, "uniqueItems": True} for name in _LISTS},
    **{f"{name}/*": {"minLength": 1} for name in _LISTS},
}


def _creating(operation: Operation) -> Properties:
    given = shown(*_OPTIONS)(operation.properties)
    options = [
        {"Key": _OPTIONS[name], "Values": list(value) if name in _LISTS else [str(value)]}
        for name, value in given.items()
        if value is not None
    ]
    return {"DhcpConfigurations": options}


def _shows(one: Described) -> Properties:
    told = {
        option["Key"]: [each["Value"] for each in option.get("Values", ())]
        for option in one.get("DhcpConfigurations", ())
    }
    shows = {name: _value(name, told[key]) for name, key in _OPTIONS.items() if told.get(key)}
    return {"DhcpOptionsId": one["DhcpOptionsId"], **shows}


def _value(name: str, values: list[str]) -> Any:
    if name in _LISTS:
        return values
    return int(values[0]) if name == "NetbiosNodeType" else values[0]


DHCP_OPTIONS = native_type(
    Table(
        name="AWS::EC2::DHCPOptions",
        noun="set of DHCP options",
        dialect=EC2,
        listing=Ec2Listing(
            *("describe_dhcp_options", "DhcpOptions"),
            by="dhcp-options-id",
            index=Index("ec2:dhcp-options"),
        ),
        identifier=itemgetter("DhcpOptionsId"),
        shows=_shows,
        create=Create(
            call="create_dhcp_options",
            sends=tuple(_OPTIONS),
            parameters=_creating,
            gives=lambda answer, _: answer["DhcpOptions"]["DhcpOptionsId"],
        ),
        delete=Delete(call="delete_dhcp_options", parameters=shown("DhcpOptionsId")),
        tags=Ec2Tags("dhcp-options", "DhcpOptionsId"),
        refine=refining(_LIMITS),
    )
)
