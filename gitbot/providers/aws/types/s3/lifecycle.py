"""Convert bucket lifecycle rules: CloudFormation's shape, S3's shape, the form for comparison.
Pure.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleRule.html
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

_SIZES = ("ObjectSizeGreaterThan", "ObjectSizeLessThan")


def normalised_lifecycle(configuration: Any) -> Any:
    """The form for comparison: plural keys for legacy singular ones, every rule with an Id, sizes
    as text.

    A rule without an Id gets one from its position. Otherwise S3 would invent one, and the next
    plan could not tell the rule from a foreign one.
    """
    if not isinstance(configuration, Mapping) or not _is_list(configuration.get("Rules")):
        return configuration
    rules = configuration["Rules"]
    taken = {rule["Id"] for rule in rules if isinstance(rule, Mapping) and _is_id(rule.get("Id"))}
    done = []
    for index, rule in enumerate(rules):
        identifier = f"rule-{index + 1}"
        while identifier in taken:
            identifier += "-"
        done.append(_normalised_rule(rule, identifier))
    return {**configuration, "Rules": done}


def _normalised_rule(rule: Any, identifier: str) -> Any:
    if not isinstance(rule, Mapping):
        return rule
    done = {"Id": identifier, **{key: value for key, value in rule.items() if value is not None}}
    _plural(done, "Transition", "Transitions")
    _plural(done, "NoncurrentVersionTransition", "NoncurrentVersionTransitions")
    if "NoncurrentVersionExpirationInDays" in done:
        days = done.pop("NoncurrentVersionExpirationInDays")
        done.setdefault("NoncurrentVersionExpiration", {"NoncurrentDays": days})
    if done.get("Prefix") == "":
        del done["Prefix"]
    for key in _SIZES:
        if isinstance(done.get(key), int):
            done[key] = str(done[key])
    if "ExpirationDate" in done:
        done["ExpirationDate"] = _date_text(done["ExpirationDate"])
    for key in ("Transitions", "NoncurrentVersionTransitions"):
        if _is_list(done.get(key)):
            done[key] = [_normalised_transition(one) for one in done[key]]
    return done


def _plural(rule: dict[str, Any], one: str, many: str) -> None:
    if one in rule:
        value = rule.pop(one)
        rule[many] = [*rule.get(many, ()), value]


def _normalised_transition(transition: Any) -> Any:
    if not isinstance(transition, Mapping):
        return transition
    done = dict(transition)
    if done.get("StorageClass") == "Glacier":
        done["StorageClass"] = "GLACIER"
    if "TransitionDate" in done:
        done["TransitionDate"] = _date_text(done["TransitionDate"])
    return done


def lifecycle_to_s3(configuration: Mapping[str, Any]) -> dict[str, Any]:
    """``LifecycleConfiguration`` as PutBucketLifecycleConfiguration takes it."""
    return {"Rules": [_rule_to_s3(rule) for rule in normalised_lifecycle(configuration)["Rules"]]}


def _rule_to_s3(rule: Mapping[str, Any]) -> dict[str, Any]:
    done: dict[str, Any] = {
        "ID": rule["Id"],
        "Status": rule["Status"],
        "Filter": _filter_to_s3(rule),
    }
    expiration = {
        theirs: rule[ours]
        for ours, theirs in (
            ("ExpirationInDays", "Days"),
            ("ExpirationDate", "Date"),
            ("ExpiredObjectDeleteMarker", "ExpiredObjectDeleteMarker"),
        )
        if ours in rule
    }
    if expiration:
        done["Expiration"] = expiration
    if rule.get("Transitions"):
        names = {"TransitionInDays": "Days", "TransitionDate": "Date"}
        done["Transitions"] = [_renamed(one, names) for one in rule["Transitions"]]
    if rule.get("NoncurrentVersionTransitions"):
        done["NoncurrentVersionTransitions"] = [
            _renamed(one, {"TransitionInDays": "NoncurrentDays"})
            for one in rule["NoncurrentVersionTransitions"]
        ]
    for same in ("NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload"):
        if same in rule:
            done[same] = dict(rule[same])
    return done


def _filter_to_s3(rule: Mapping[str, Any]) -> dict[str, Any]:
    tags = [dict(tag) for tag in rule.get("TagFilters") or ()]
    conditions: dict[str, Any] = {}
    if "Prefix" in rule:
        conditions["Prefix"] = rule["Prefix"]
    for key in _SIZES:
        if key in rule:
            conditions[key] = int(rule[key])
    if not tags and not conditions:
        return {"Prefix": ""}
    if not tags and len(conditions) == 1:
        return conditions
    if len(tags) == 1 and not conditions:
        return {"Tag": tags[0]}
    return {"And": conditions | ({"Tags": tags} if tags else {})}


def lifecycle_from_s3(answer: Mapping[str, Any]) -> dict[str, Any]:
    """``LifecycleConfiguration`` in CloudFormation's shape, from the answer of the GET call."""
    done: dict[str, Any] = {"Rules": [_rule_from_s3(rule) for rule in answer.get("Rules", ())]}
    if answer.get("TransitionDefaultMinimumObjectSize"):
        done["TransitionDefaultMinimumObjectSize"] = answer["TransitionDefaultMinimumObjectSize"]
    return done


def _rule_from_s3(rule: Mapping[str, Any]) -> dict[str, Any]:
    done: dict[str, Any] = {"Id": rule.get("ID", ""), "Status": rule["Status"]}
    done |= _filter_from_s3(rule)
    expiration = rule.get("Expiration", {})
    if "Days" in expiration:
        done["ExpirationInDays"] = expiration["Days"]
    if "Date" in expiration:
        done["ExpirationDate"] = _date_text(expiration["Date"])
    if "ExpiredObjectDeleteMarker" in expiration:
        done["ExpiredObjectDeleteMarker"] = expiration["ExpiredObjectDeleteMarker"]
    if rule.get("Transitions"):
        names = {"Days": "TransitionInDays", "Date": "TransitionDate"}
        done["Transitions"] = [
            _normalised_transition(_renamed(one, names)) for one in rule["Transitions"]
        ]
    if rule.get("NoncurrentVersionTransitions"):
        done["NoncurrentVersionTransitions"] = [
            _renamed(one, {"NoncurrentDays": "TransitionInDays"})
            for one in rule["NoncurrentVersionTransitions"]
        ]
    for same in ("NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload"):
        if same in rule:
            done[same] = dict(rule[same])
    return done


def _filter_from_s3(rule: Mapping[str, Any]) -> dict[str, Any]:
    filter_ = rule.get("Filter", {})
    conditions = {**filter_, **filter_.get("And", {})}
    if "Prefix" in rule:  # the older form of rules, without filters
        conditions["Prefix"] = rule["Prefix"]
    done: dict[str, Any] = {}
    if conditions.get("Prefix"):
        done["Prefix"] = conditions["Prefix"]
    for key in _SIZES:
        if key in conditions:
            done[key] = str(conditions[key])
    tags = conditions.get("Tags") or ([conditions["Tag"]] if "Tag" in conditions else [])
    if tags:
        done["TagFilters"] = [dict(tag) for tag in tags]
    return done


def _renamed(item: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {names.get(key, key): value for key, value in item.items()}


def _date_text(value: Any) -> Any:
    """Midnight UTC as S3 writes it, ``2030-01-01T00:00:00Z``; anything but a date stays as it
    is."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return value
    if not isinstance(value, datetime):
        return value
    moment = value if value.tzinfo else value.replace(tzinfo=UTC)
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _is_list(value: Any) -> bool:
    return isinstance(value, (list, tuple))


def _is_id(value: Any) -> bool:
    return isinstance(value, str)
