"""Compute the digest of what several plans of one stack do together. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gitbot.model.plan import Action, Plan
from gitbot.model.schema import Disruption
from gitbot.reconciler.digest import Content, content, digest_of, path_key

_DISRUPTIONS = (Disruption.NONE, Disruption.RESTART, Disruption.REPLACE)
_IN_PLACE = (Action.NOOP, Action.UPDATE)


def union_digest(plans: Sequence[Plan]) -> str | None:
    """The digest of a plan that does what all these plans do, by address and path.

    ``plans`` are in the order in which they were agreed to. Where two set the same path, the later
    one counts. Two changes of one resource are joined path by path only when both leave it in
    place; otherwise the later change counts whole. None when there is no plan, or when they are
    not about the same place.
    """
    contents = [content(plan) for plan in plans]
    if not contents or any(each["place"] != contents[0]["place"] for each in contents):
        return None
    return digest_of(_joined(contents))


def _joined(contents: Sequence[Content]) -> Content:
    changes: dict[tuple[str, str], Mapping[str, Any]] = {}
    outputs: dict[str, Mapping[str, Any]] = {}
    lookups: dict[str, Mapping[str, Any]] = {}
    uses: dict[str, Any] = {}
    for each in contents:
        for change in each["changes"]:
            key = (change["address"], change["deposed"] or "")
            changes[key] = _both(changes[key], change) if key in changes else change
        outputs |= {output["name"]: output for output in each["outputs"]}
        uses |= each.get("uses", {})
        lookups |= {one["address"]: one for one in each.get("lookups", ())}
    ends = {key: each[key] for each in contents for key in ("lifetime",) if key in each}
    return {
        "place": contents[0]["place"],
        "changes": [changes[key] for key in sorted(changes)],
        "outputs": [outputs[name] for name in sorted(outputs)],
        **({"uses": uses} if uses else {}),
        **({"lookups": [lookups[address] for address in sorted(lookups)]} if lookups else {}),
        **ends,
    }


def _both(earlier: Mapping[str, Any], later: Mapping[str, Any]) -> Mapping[str, Any]:
    actions = (earlier["action"], later["action"])
    if any(action not in _IN_PLACE for action in actions):
        return later
    paths = {path_key(path): path for path in (*earlier["paths"], *later["paths"])}
    return {
        **later,
        "action": Action.UPDATE if Action.UPDATE in actions else Action.NOOP,
        "disruption": _stronger(earlier["disruption"], later["disruption"]),
        "moved_from": later["moved_from"] or earlier["moved_from"],
        "settings": {**earlier["settings"], **later["settings"]},
        "paths": [paths[key] for key in sorted(paths)],
    }


def _stronger(*disruptions: Disruption) -> Disruption:
    return max(disruptions, key=_DISRUPTIONS.index)
