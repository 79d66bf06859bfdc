"""Finds the hosted zone that a record of a template names by its domain. Pure.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-route53-recordset.html
"""

from __future__ import annotations

from typing import Final

from gitbot.language.choices import UNREADABLE, UnwritableError
from gitbot.language.cloudformation.draft import Template
from gitbot.language.nodes import Node

NAME: Final = "HostedZoneName"
IDENTIFIER: Final = "HostedZoneId"
_RECORD: Final = "AWS::Route53::RecordSet"
_ZONE: Final = "AWS::Route53::HostedZone"
_STEM: Final = "aws_hosted_zone"


def zone_of(template: Template, type_name: str, properties: Node) -> Node | None:
    """The identifier of the zone as a spec has it, where a record names its zone by domain; else None.

    A zone of the template with the same name is that zone. Any other is looked up.
    """
    name = properties.get(NAME)
    if type_name != _RECORD or name is None or properties.get(IDENTIFIER) is not None:
        return None
    try:
        domain = template.writer.text(name)
        own = _own_zone(template, domain)
        reference = own or f"lookups.{_looked_up(template, domain, name)}"
    except UnwritableError:
        return Node(UNREADABLE, name.mark)
    text = f"${{{reference}.Id}}"
    return Node(text, name.mark, None, text)


def _own_zone(template: Template, domain: str) -> str:
    """The key of the template's own zone of this name; empty where there is none."""
    zones = {name: one for name, one in template.names.resources.items() if one.type_name == _ZONE}
    for name, one in zones.items():
        written = template.section("Resources").value[name].get("Properties", "Name")
        named = "" if written is None else template.writer.text(written)
        if _bare(named) == _bare(domain):
            return one.key
    return ""


def _bare(domain: str) -> str:
    """The domain as Route 53 compares it, but for expressions in it."""
    return (domain if "${" in domain else domain.lower()).removesuffix(".")


def _looked_up(template: Template, domain: str, node: Node) -> str:
    """The key of the lookup; zones of one name share one."""
    known = template.names.looked_up
    asked = {"type": _ZONE, "filter": {"Name": domain}}
    own = [key for key in known if key.startswith(_STEM)]
    key = next((one for one in own if known[one].plain() == asked), "")
    if not key:
        key = f"{_STEM}_{len(own) + 1}" if own else _STEM
        template.names.look_up(key, asked, node)
    return key
