"""Stacks made at random, with modules, copies, conditions, locals and references between them."""

from __future__ import annotations

from dataclasses import dataclass
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


@st.composite
def stacks(draw: st.DrawFn) -> Made:
    """A stack of one to five entries; each may use what stands before it."""
    ids: list[str] = []
    resources: dict[str, Any] = {}
    for number in range(draw(st.integers(1, 5))):
        key = f"r{number}"
        make = draw(st.sampled_from([_plain, _copied, _inner, _outer]))
        resources[key], more = make(draw, key, ids)
        ids += more
    used = draw(st.lists(st.sampled_from(ids), unique=True, max_size=3)) if ids else []
    return Made(
        {
            "variables": {"net": {"type": "number"}},
            "values": {"net": draw(DIGITS)},
            "locals": {"prefix": "${env.project}-made", "cidr": "10.${string(vars.net)}.0.0/16"},
            "resources": resources,
            "outputs": {f"o{at}": f"${{{one}}}" for at, one in enumerate(used)},
        }
    )


def _group(draw: st.DrawFn, name: str, ids: list[str]) -> dict[str, Any]:
    source = draw(st.sampled_from(ids)) if ids and draw(st.booleans()) else None
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


def _plain(draw: st.DrawFn, key: str, ids: list[str]) -> tuple[dict[str, Any], list[str]]:
    return _group(draw, f"${{locals.prefix}}-{key}", ids), [f"{key}.GroupId"]


def _copied(draw: st.DrawFn, key: str, ids: list[str]) -> tuple[dict[str, Any], list[str]]:
    keys = draw(KEYS)
    made = _group(draw, f"${{locals.prefix}}-{key}-${{each.key}}", ids)
    each: Any = {one: {"n": draw(DIGITS)} for one in keys} if draw(st.booleans()) else keys
    made |= {"forEach": each}
    if draw(st.booleans()):
        made |= {"when": draw(st.sampled_from(["${vars.net >= 0}", '${env.name == "prod"}']))}
        keys = keys if "net" in made["when"] else []
    return made, [f'{key}["{one}"].GroupId' for one in keys]


def _inner(draw: st.DrawFn, key: str, ids: list[str]) -> tuple[dict[str, Any], list[str]]:
    values = {"name": f"${{locals.prefix}}-{key}", "second": draw(st.booleans())}
    if draw(st.booleans()):
        values |= {"cidr": "${locals.cidr}"}
    made: dict[str, Any] = {"module": "modules/inner", "values": values}
    if ids and draw(st.booleans()):
        made |= {"lifecycle": {"dependsOn": [ids[0].partition(".")[0].partition("[")[0]]}}
    return made, [f"{key}.id"]


def _outer(draw: st.DrawFn, key: str, ids: list[str]) -> tuple[dict[str, Any], list[str]]:
    values = {"name": f"${{locals.prefix}}-{key}", "guests": draw(KEYS)}
    return {"module": "modules/outer", "values": values}, [f"{key}.id"]
