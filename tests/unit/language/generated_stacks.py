"""Stacks made at random, with modules, copies, conditions, locals and references between them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml
from hypothesis import strategies as st

DIGITS = st.integers(0, 255)
KEYS = st.lists(st.sampled_from(["a", "b", "c d", "e-f"]), min_size=0, max_size=3, unique=True)
GROUP = "AWS::EC2::SecurityGroup"

# Two groups, of which the second may be missing, and a group inside for each guest.
INNER: dict[str, Any] = {
    "variables": {
        "name": {"type": "string"},
        "cidr": {"type": "cidr", "default": "192.0.2.0/24"},
        "second": {"type": "boolean", "default": False},
    },
    "locals": {"about": "Group of ${vars.name}"},
    "resources": {
        "first": {
            "type": GROUP,
            "properties": {
                "GroupName": "${vars.name}-first",
                "GroupDescription": "${locals.about}",
                "SecurityGroupIngress": [
                    {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "${vars.cidr}"}
                ],
            },
        },
        "second": {
            "type": GROUP,
            "when": "${vars.second}",
            "properties": {
                "GroupName": "${vars.name}-second",
                "GroupDescription": "${locals.about}",
                "SecurityGroupIngress": [
                    {
                        "IpProtocol": "tcp",
                        "FromPort": 443,
                        "ToPort": 443,
                        "SourceSecurityGroupId": "${first.GroupId}",
                    }
                ],
            },
        },
    },
    "outputs": {"id": "${first.GroupId}", "name": "${first.GroupName}"},
}
OUTER: dict[str, Any] = {
    "variables": {"name": {"type": "string"}, "guests": {"type": "list<string>", "default": []}},
    "resources": {
        "host": {"module": "modules/inner", "values": {"name": "${vars.name}-host"}},
        "guest": {
            "module": "modules/inner",
            "forEach": "${vars.guests}",
            "values": {"name": "${vars.name}-${each.key}", "second": '${each.key != "a"}'},
        },
    },
    "outputs": {"id": "${host.id}", "ids": "${vars.guests.map(one, guest[one].id)}"},
}


@dataclass(frozen=True, slots=True)
class Made:
    """The ``spec`` of a stack."""

    spec: dict[str, Any]

    @property
    def entries(self) -> list[str]:
        return list(self.spec["resources"])

    def text(self, order: list[str] | None = None) -> str:
        """The file of the stack ``made``, with its resources in this order."""
        resources = {key: self.spec["resources"][key] for key in order or self.entries}
        return document("Stack", "made", {**self.spec, "resources": resources})


def document(kind: str, name: str, spec: dict[str, Any]) -> str:
    head = {"apiVersion": "gitbot/v1", "kind": kind, "metadata": {"name": name}}
    return yaml.safe_dump({**head, "spec": spec}, sort_keys=False, width=200)


def modules() -> dict[str, str]:
    """The files of the modules that the stacks use."""
    pairs = (("inner", INNER), ("outer", OUTER))
    return {f"modules/{name}/module.yaml": document("Module", name, spec) for name, spec in pairs}


@dataclass(slots=True)
class Known:
    """What the entries of a stack so far give to those that follow."""

    groups: list[str] = field(default_factory=list)
    buckets: list[str] = field(default_factory=list)
    vpcs: list[str] = field(default_factory=list)

    def everything(self) -> list[str]:
        return [*self.groups, *(f"{one}.Arn" for one in self.buckets), *self.vpcs]

    def keys(self) -> list[str]:
        return [one.partition(".")[0].partition("[")[0] for one in self.everything()]


@st.composite
def stacks(draw: st.DrawFn) -> Made:
    """A stack of one to five entries; each may use what stands before it."""
    known = Known()
    resources: dict[str, Any] = {}
    for number in range(draw(st.integers(1, 5))):
        key = f"r{number}"
        make = draw(st.sampled_from([_plain, _copied, _inner, _outer, _bucket, _role, _network]))
        resources[key] = make(draw, key, known)
    every = known.everything()
    used = draw(st.lists(st.sampled_from(every), unique=True, max_size=3)) if every else []
    return Made(
        {
            "variables": {"net": {"type": "number"}},
            "values": {"net": draw(DIGITS)},
            "locals": {"prefix": "${env.project}-made", "cidr": "10.${string(vars.net)}.0.0/16"},
            "resources": resources,
            "outputs": {f"o{at}": f"${{{one}}}" for at, one in enumerate(used)},
        }
    )


def _group(draw: st.DrawFn, name: str, known: Known) -> dict[str, Any]:
    groups = known.groups
    source = draw(st.sampled_from(groups)) if groups and draw(st.booleans()) else None
    rule: dict[str, Any] = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22}
    rule |= {"SourceSecurityGroupId": f"${{{source}}}"} if source else {"CidrIp": "${locals.cidr}"}
    return {
        "type": GROUP,
        "properties": {
            "GroupName": name,
            "GroupDescription": "made",
            "SecurityGroupIngress": [rule],
        },
    }


def _plain(draw: st.DrawFn, key: str, known: Known) -> dict[str, Any]:
    made = _group(draw, f"${{locals.prefix}}-{key}", known)
    known.groups.append(f"{key}.GroupId")
    return made


def _copied(draw: st.DrawFn, key: str, known: Known) -> dict[str, Any]:
    keys = draw(KEYS)
    made = _group(draw, f"${{locals.prefix}}-{key}-${{each.key}}", known)
    each: Any = {one: {"n": draw(DIGITS)} for one in keys} if draw(st.booleans()) else keys
    made |= {"forEach": each}
    if draw(st.booleans()):
        made |= {"when": draw(st.sampled_from(["${vars.net >= 0}", '${env.name == "prod"}']))}
        keys = keys if "net" in made["when"] else []
    known.groups += [f'{key}["{one}"].GroupId' for one in keys]
    return made


def _inner(draw: st.DrawFn, key: str, known: Known) -> dict[str, Any]:
    values = {"name": f"${{locals.prefix}}-{key}", "second": draw(st.booleans())}
    if draw(st.booleans()):
        values |= {"cidr": "${locals.cidr}"}
    made: dict[str, Any] = {"module": "modules/inner", "values": values}
    if (before := known.keys()) and draw(st.booleans()):
        made |= {"lifecycle": {"dependsOn": [before[0]]}}
    known.groups.append(f"{key}.id")
    return made


def _outer(draw: st.DrawFn, key: str, known: Known) -> dict[str, Any]:
    values = {"name": f"${{locals.prefix}}-{key}", "guests": draw(KEYS)}
    known.groups.append(f"{key}.id")
    return {"module": "modules/outer", "values": values}


def _bucket(draw: st.DrawFn, key: str, known: Known) -> dict[str, Any]:
    """A bucket with some of its surfaces, or one for each key."""
    surfaces = {
        "VersioningConfiguration": {"Status": draw(st.sampled_from(["Enabled", "Suspended"]))},
        "LifecycleConfiguration": {
            "Rules": [{"Status": "Enabled", "ExpirationInDays": "${vars.net + 1}"}]
        },
        "PublicAccessBlockConfiguration": {"BlockPublicAcls": draw(st.booleans())},
    }
    chosen = draw(st.lists(st.sampled_from(sorted(surfaces)), unique=True))
    made: dict[str, Any] = {"type": "AWS::S3::Bucket"}
    name = f"${{locals.prefix}}-{key}"
    if draw(st.booleans()):
        keys = draw(st.lists(st.sampled_from(["a", "b", "e-f"]), max_size=2, unique=True))
        made |= {"forEach": keys}
        name += "-${each.key}"
        known.buckets += [f'{key}["{one}"]' for one in keys]
    else:
        known.buckets.append(key)
    return made | {"properties": {"BucketName": name, **{one: surfaces[one] for one in chosen}}}


def _role(draw: st.DrawFn, key: str, known: Known) -> dict[str, Any]:
    """A role that may read the buckets before it."""
    trusted = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}}
    properties: dict[str, Any] = {
        "RoleName": f"${{locals.prefix}}-{key}",
        "AssumeRolePolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [{**trusted, "Action": "sts:AssumeRole"}],
        },
    }
    if known.buckets and draw(st.booleans()):
        read = {"Effect": "Allow", "Action": "s3:GetObject"}
        where = [f"${{{one}.Arn}}/*" for one in known.buckets]
        document = {"Version": "2012-10-17", "Statement": [{**read, "Resource": where}]}
        properties["Policies"] = [{"PolicyName": "read", "PolicyDocument": document}]
    return {"type": "AWS::IAM::Role", "properties": properties}


def _network(draw: st.DrawFn, key: str, known: Known) -> dict[str, Any]:
    """A network, or a part of one that stands before it."""
    if known.vpcs and draw(st.booleans()):
        number = len(known.vpcs)
        known.vpcs.append(draw(st.sampled_from(known.vpcs)))
        cidr = f"10.${{string(vars.net)}}.{number}.0/24"
        return {
            "type": "AWS::EC2::Subnet",
            "properties": {"VpcId": f"${{{known.vpcs[-1]}}}", "CidrBlock": cidr},
        }
    known.vpcs.append(f"{key}.VpcId")
    return {"type": "AWS::EC2::VPC", "properties": {"CidrBlock": "${locals.cidr}"}}
