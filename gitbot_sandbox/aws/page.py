"""Render the page of the local AWS: what is in the cloud, with buttons that change it. Pure."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from gitbot_sandbox.aws.calls import Call
from gitbot_sandbox.aws.faults import Fault

_STYLE = """
:root { color-scheme: light dark; --ink: #1f2328; --dim: #59636e; --line: #d1d9e0; --soft: #f6f8fa; --page: #fff; --red: #cf222e }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --dim: #9198a1; --line: #3d444d; --soft: #151b23; --page: #0d1117; --red: #ff7b72 }
}
body { font: 15px/1.45 system-ui, sans-serif; margin: 1.5rem auto; max-width: 100rem; padding: 0 1rem; color: var(--ink); background: var(--page) }
h2 { font-size: 1.15rem; margin: 1.6rem 0 .5rem }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 6px }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .4rem .7rem; border-bottom: 1px solid var(--line) }
tr:last-child td { border: 0 } th { font-weight: 600; background: var(--soft) }
td:first-child { white-space: nowrap } td form { display: inline } nav a { margin-right: .8rem }
code { font: 13px/1.5 ui-monospace, monospace; background: var(--soft); padding: .1rem .3rem; border-radius: 4px; overflow-wrap: anywhere }
code.own { opacity: .6 }
button { font: inherit; font-size: 14px; color: inherit; background: var(--soft); border: 1px solid var(--line); border-radius: 6px; padding: .15rem .6rem; margin: 0 0 .25rem; cursor: pointer; white-space: nowrap }
button:hover { border-color: var(--dim) } .off { color: var(--dim) } .bad { color: var(--red) }
"""
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; img-src data:; form-action 'self'; base-uri 'none'"
_HEAD = (
    "<!doctype html><html lang=en><meta charset=utf-8>"
    f'<meta http-equiv=Content-Security-Policy content="{_POLICY}">'
    '<meta name=viewport content="width=device-width"><link rel=icon href="data:,">'
    f"<title>Local AWS</title><style>{_STYLE}</style>"
)
_OWN = "gitbot:"
_WORLD = {
    "IpProtocol": "tcp",
    "FromPort": 22,
    "ToPort": 22,
    "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """What the page shows, in boto3's shapes."""

    region: str
    regions: Sequence[str]
    buckets: Mapping[str, Mapping[str, Any]]
    instances: Sequence[Mapping[str, Any]]
    groups: Sequence[Mapping[str, Any]]
    calls: Sequence[Call]
    faults: Sequence[Fault]


def render(cloud: Cloud) -> str:
    """The whole page as HTML; everything from the cloud is escaped."""
    parts = [
        _HEAD,
        "<h1>Local AWS</h1><p>The buttons change the cloud behind gitbot's back.</p>",
        _regions(cloud),
        "<h2>Buckets of all regions</h2>",
        _table(
            ("Name", "Versioning", "Tags", ""), [_bucket(*item) for item in cloud.buckets.items()]
        ),
        "<h2>Instances</h2>",
        _table(
            ("Id", "Type", "State", "Public IP", "Tags", ""),
            [_instance(one, cloud.region) for one in cloud.instances],
        ),
        "<h2>Security groups</h2>",
        _table(
            ("Id", "Name", "Ingress", "Tags", ""),
            [_group(one, cloud.region) for one in cloud.groups],
        ),
        "<h2>Last calls</h2>",
        _table(("Call", "Status", "Time", "Fault"), [_call(one) for one in reversed(cloud.calls)]),
        "<h2>Faults</h2>",
        _table(("Kind", "Calls", "Count"), [_fault(one) for one in cloud.faults]),
        "<form method=post action=/_sandbox/reset><button>Empty the cloud</button></form></html>",
    ]
    return "\n".join(parts)


def _regions(cloud: Cloud) -> str:
    """Links to the regions in which anybody has asked for machines or networks."""
    links = (
        f"<b>{escape(name)}</b> "
        if name == cloud.region
        else f'<a href="/_sandbox/?region={escape(name)}">{escape(name)}</a>'
        for name in sorted({cloud.region, *cloud.regions})
    )
    return f"<nav aria-label=regions>Region: {' '.join(links)}</nav>"


def _call(call: Call) -> tuple[str, ...]:
    took = f"{call.duration_s * 1000:.0f} ms"
    return escape(str(call)), str(call.status), took, escape(call.fault or "")


def _fault(fault: Fault) -> tuple[str, ...]:
    calls = escape(f"{fault.service}.{fault.operation}")
    return escape(fault.kind), calls, str(fault.count or "all")


def render_refusal(message: str) -> str:
    """The page for a change that AWS refused."""
    return f"{_HEAD}<h1>AWS refused</h1><p class=bad>{escape(message)}</p><p><a href=/_sandbox/>Back</a></p></html>"


def _bucket(name: str, bucket: Mapping[str, Any]) -> tuple[str, ...]:
    tags = [*(tag for tag in bucket["Tags"] if tag["Key"] != "owner"), _other_owner(bucket["Tags"])]
    target = "Suspended" if bucket["Versioning"] == "Enabled" else "Enabled"
    buttons = _button(
        "change a tag", "s3", "PutBucketTagging", {"Bucket": name, "Tagging": {"TagSet": tags}}
    ) + _button(
        "suspend versioning" if target == "Suspended" else "enable versioning",
        "s3",
        "PutBucketVersioning",
        {"Bucket": name, "VersioningConfiguration": {"Status": target}},
    )
    return escape(name), escape(bucket["Versioning"]), _tags(bucket["Tags"]), buttons


def _instance(instance: Mapping[str, Any], region: str) -> tuple[str, ...]:
    id_, state = instance["InstanceId"], instance["State"]["Name"]
    says = {"running": ("stop", "StopInstances"), "stopped": ("start", "StartInstances")}
    buttons = _tag_button(id_, instance.get("Tags", ()), region)
    if state in says:
        name, operation = says[state]
        buttons += _button(name, "ec2", operation, {"InstanceIds": [id_]}, region)
    buttons += _button("terminate", "ec2", "TerminateInstances", {"InstanceIds": [id_]}, region)
    return (
        escape(id_),
        escape(instance["InstanceType"]),
        escape(state),
        escape(instance.get("PublicIpAddress", "")),
        _tags(instance.get("Tags", ())),
        buttons if state != "terminated" else "",
    )


def _group(group: Mapping[str, Any], region: str) -> tuple[str, ...]:
    id_, rules = group["GroupId"], group["IpPermissions"]
    opened = any(
        rule.get("FromPort") == 22 and {"CidrIp": "0.0.0.0/0"} in rule.get("IpRanges", ())
        for rule in rules
    )
    buttons = _tag_button(id_, group.get("Tags", ()), region) + _button(
        "close SSH to the world" if opened else "open SSH to the world",
        "ec2",
        "RevokeSecurityGroupIngress" if opened else "AuthorizeSecurityGroupIngress",
        {"GroupId": id_, "IpPermissions": [_WORLD]},
        region,
    )
    shown = "<br>".join(_rule(rule) for rule in rules)
    return escape(id_), escape(group["GroupName"]), shown, _tags(group.get("Tags", ())), buttons


def _rule(rule: Mapping[str, Any]) -> str:
    first, last = rule.get("FromPort"), rule.get("ToPort")
    ports = "all" if first is None else f"{first}" if first == last else f"{first}-{last}"
    sources = [
        *(one["CidrIp"] for one in rule.get("IpRanges", ())),
        *(one["CidrIpv6"] for one in rule.get("Ipv6Ranges", ())),
        *(one["GroupId"] for one in rule.get("UserIdGroupPairs", ())),
    ]
    protocol = "all" if rule["IpProtocol"] == "-1" else rule["IpProtocol"]
    return escape(f"{protocol} {ports} from {', '.join(sources)}")


def _other_owner(tags: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """A tag ``owner`` with another value than it has now."""
    taken = {"Key": "owner", "Value": "somebody"} in [dict(tag) for tag in tags]
    return {"Key": "owner", "Value": "somebody-else" if taken else "somebody"}


def _tag_button(id_: str, tags: Sequence[Mapping[str, str]], region: str) -> str:
    parameters = {"Resources": [id_], "Tags": [_other_owner(tags)]}
    return _button("change a tag", "ec2", "CreateTags", parameters, region)


def _button(
    says: str,
    service: str,
    operation: str,
    parameters: Mapping[str, Any],
    region: str = "us-east-1",
) -> str:
    fields = {
        "service": service,
        "operation": operation,
        "parameters": json.dumps(parameters),
        "region": region,
    }
    hidden = "".join(
        f'<input type=hidden name={name} value="{escape(value)}">' for name, value in fields.items()
    )
    return (
        f"<form method=post action=/_sandbox/change>{hidden}<button>{escape(says)}</button></form>"
    )


def _tags(tags: Sequence[Mapping[str, str]]) -> str:
    """The tags as text, gitbot's own last."""
    ordered = sorted(tags, key=lambda tag: (tag["Key"].startswith(_OWN), tag["Key"]))
    return " ".join(_tag(tag["Key"], tag["Value"]) for tag in ordered)


def _tag(key: str, value: str) -> str:
    own = " class=own" if key.startswith(_OWN) else ""
    return f"<code{own}>{escape(key)}={escape(value)}</code>"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return "<p class=off>None.</p>"
    head = "".join(f"<th>{name}</th>" for name in heads)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<div class=scroll><table><tr>{head}</tr>{body}</table></div>"
