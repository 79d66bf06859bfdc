"""The page of the local AWS: what is in the cloud, with buttons that make it drift. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from gitbot.sandbox.aws.calls import Call
from gitbot.sandbox.aws.faults import Fault

_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; color: #1f2328 }
table { border-collapse: collapse; width: 100%; margin-bottom: 1.5rem }
th, td { text-align: left; vertical-align: top; padding: .4rem .7rem; border-bottom: 1px solid #d1d9e0 }
th { font-weight: 600; background: #f6f8fa }
code { background: #f6f8fa; padding: .1rem .3rem; border-radius: 4px }
form { display: inline } button { margin: 0 .3rem .2rem 0 } .off { color: #59636e }
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """What the page shows, in boto3's words."""

    region: str
    buckets: Mapping[str, Mapping[str, Any]]
    instances: Sequence[Mapping[str, Any]]
    groups: Sequence[Mapping[str, Any]]
    calls: Sequence[Call]
    faults: Sequence[Fault]


def render(cloud: Cloud) -> str:
    """The whole page as HTML; everything from the cloud is escaped."""
    parts = [
        f"<!doctype html><html lang=en><meta charset=utf-8><title>Local AWS</title><style>{_STYLE}</style>",
        f"<h1>Local AWS</h1><p>Region <code>{escape(cloud.region)}</code>. The buttons change the cloud behind gitbot's back.</p>",
        "<h2>Buckets</h2>",
        _table(
            ("Name", "Versioning", "Tags", ""), [_bucket(*item) for item in cloud.buckets.items()]
        ),
        "<h2>Instances</h2>",
        _table(
            ("Id", "Type", "State", "Public IP", "Tags", ""),
            [_instance(one) for one in cloud.instances],
        ),
        "<h2>Security groups</h2>",
        _table(("Id", "Name", "Ingress", "Tags", ""), [_group(one) for one in cloud.groups]),
        "<h2>Last calls</h2>",
        _table(
            ("Call", "Status", "Time", "Fault"),
            [
                (
                    escape(str(call)),
                    str(call.status),
                    f"{call.duration_s * 1000:.0f} ms",
                    escape(call.fault or ""),
                )
                for call in reversed(cloud.calls)
            ],
        ),
        "<h2>Faults</h2>",
        _table(
            ("Kind", "Calls", "Count"),
            [
                (
                    escape(fault.kind),
                    escape(f"{fault.service}.{fault.operation}"),
                    str(fault.count or "all"),
                )
                for fault in cloud.faults
            ],
        ),
        "<form method=post action=/_sandbox/reset><button>Empty the cloud</button></form></html>",
    ]
    return "\n".join(parts)


def _bucket(name: str, bucket: Mapping[str, Any]) -> tuple[str, ...]:
    tags = [
        *(tag for tag in bucket["Tags"] if tag["Key"] != "owner"),
        {"Key": "owner", "Value": "somebody"},
    ]
    buttons = _button(
        "change a tag", "s3", "PutBucketTagging", {"Bucket": name, "Tagging": {"TagSet": tags}}
    ) + _button(
        "suspend versioning",
        "s3",
        "PutBucketVersioning",
        {"Bucket": name, "VersioningConfiguration": {"Status": "Suspended"}},
    )
    return escape(name), escape(bucket["Versioning"]), _tags(bucket["Tags"]), buttons


def _instance(instance: Mapping[str, Any]) -> tuple[str, ...]:
    id_ = instance["InstanceId"]
    buttons = _tag_button(id_)
    buttons += _button("terminate", "ec2", "TerminateInstances", {"InstanceIds": [id_]})
    return (
        escape(id_),
        escape(instance["InstanceType"]),
        escape(instance["State"]["Name"]),
        escape(instance.get("PublicIpAddress", "")),
        _tags(instance.get("Tags", ())),
        buttons if instance["State"]["Name"] != "terminated" else "",
    )


def _group(group: Mapping[str, Any]) -> tuple[str, ...]:
    id_ = group["GroupId"]
    world = {
        "IpProtocol": "tcp",
        "FromPort": 22,
        "ToPort": 22,
        "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
    }
    buttons = _tag_button(id_) + _button(
        "open SSH to the world",
        "ec2",
        "AuthorizeSecurityGroupIngress",
        {"GroupId": id_, "IpPermissions": [world]},
    )
    rules = "<br>".join(_rule(rule) for rule in group["IpPermissions"])
    return escape(id_), escape(group["GroupName"]), rules, _tags(group.get("Tags", ())), buttons


def _rule(rule: Mapping[str, Any]) -> str:
    ports = "all" if rule.get("FromPort") is None else f"{rule['FromPort']}-{rule['ToPort']}"
    sources = [
        *(one["CidrIp"] for one in rule.get("IpRanges", ())),
        *(one["CidrIpv6"] for one in rule.get("Ipv6Ranges", ())),
        *(one["GroupId"] for one in rule.get("UserIdGroupPairs", ())),
    ]
    return escape(f"{rule['IpProtocol']} {ports} from {', '.join(sources)}")


def _tag_button(id_: str) -> str:
    tags = [{"Key": "owner", "Value": "somebody"}]
    return _button("change a tag", "ec2", "CreateTags", {"Resources": [id_], "Tags": tags})


def _button(says: str, service: str, operation: str, parameters: Mapping[str, Any]) -> str:
    fields = {"service": service, "operation": operation, "parameters": json.dumps(parameters)}
    hidden = "".join(
        f'<input type=hidden name={name} value="{escape(value)}">' for name, value in fields.items()
    )
    return (
        f"<form method=post action=/_sandbox/change>{hidden}<button>{escape(says)}</button></form>"
    )


def _tags(tags: Sequence[Mapping[str, str]]) -> str:
    return " ".join(f"<code>{escape(tag['Key'])}={escape(tag['Value'])}</code>" for tag in tags)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return "<p class=off>None.</p>"
    head = "".join(f"<th>{name}</th>" for name in heads)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><tr>{head}</tr>{body}</table>"
