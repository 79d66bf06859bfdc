"""Read and write a bucket's configurations that have an identifier each: tiers and inventories. Shell.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketIntelligentTieringConfiguration.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketInventoryConfiguration.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gitbot.model.schema import Removal
from gitbot.providers.aws.surfaces import Surface

if TYPE_CHECKING:
    from gitbot.providers.aws.connection import Connection

Raw = Mapping[str, Any]
"""A configuration as S3 has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _ById:
    """The configurations of one kind.

    ``noun`` is in the names of the calls, ``parameter`` what they take. ``sent`` makes a configuration of what a
    spec says and of the one that is there, ``told`` what a spec would say of one.
    """

    noun: str
    parameter: str
    sent: Callable[[Mapping[str, Any], Raw], dict[str, Any]]
    told: Callable[[Raw], dict[str, Any]]

    def read(self, aws: Connection, bucket: str) -> Any:
        return [self.told(one) for one in self._listed(aws, bucket)] or None

    def write(self, aws: Connection, bucket: str, value: Any) -> None:
        wanted = {one["Id"]: one for one in value or ()}
        there = {one["Id"]: one for one in self._listed(aws, bucket)}
        for name, one in wanted.items():
            if name not in there or one != self.told(there[name]):
                configuration = {self.parameter: self.sent(one, there.get(name, {}))}
                call = f"put_bucket_{self.noun}_configuration"
                aws.call("s3", call, Bucket=bucket, Id=name, **configuration)
        for name in sorted(there.keys() - wanted.keys()):
            aws.call("s3", f"delete_bucket_{self.noun}_configuration", Bucket=bucket, Id=name)

    def _listed(self, aws: Connection, bucket: str) -> list[Raw]:
        found: list[Raw] = []
        more: dict[str, str] = {}
        while True:
            call = f"list_bucket_{self.noun}_configurations"
            answer = aws.call("s3", call, Bucket=bucket, **more)
            found += answer.get(f"{self.parameter}List", ())
            if not answer.get("IsTruncated"):
                return found
            more = {"ContinuationToken": answer["NextContinuationToken"]}


# --- intelligent tiering -------------------------------------------------------------------------


def _tiering_to_s3(one: Mapping[str, Any], _: Raw) -> dict[str, Any]:
    done = {name: one[name] for name in ("Id", "Status", "Tierings")}
    tags = [dict(tag) for tag in one.get("TagFilters") or ()]
    prefix = {"Prefix": one["Prefix"]} if one.get("Prefix") else {}
    if len(tags) + len(prefix) > 1:
        done["Filter"] = {"And": {**prefix, "Tags": tags}}
    elif tags:
        done["Filter"] = {"Tag": tags[0]}
    elif prefix:
        done["Filter"] = prefix
    return done


def _tiering_from_s3(one: Raw) -> dict[str, Any]:
    filter_ = one.get("Filter", {})
    both = {**filter_, **filter_.get("And", {})}
    tags = both.get("Tags") or ([both["Tag"]] if "Tag" in both else [])
    return {
        **{name: one[name] for name in ("Id", "Status", "Tierings")},
        **({"Prefix": both["Prefix"]} if both.get("Prefix") else {}),
        **({"TagFilters": [dict(tag) for tag in tags]} if tags else {}),
    }


# --- inventories ---------------------------------------------------------------------------------

_PLACE = {"BucketArn": "Bucket", "BucketAccountId": "AccountId"}


def _inventory_to_s3(one: Mapping[str, Any], there: Raw) -> dict[str, Any]:
    """The inventory; how its files are encrypted no spec says, so that stays."""
    place = {_PLACE.get(name, name): value for name, value in one["Destination"].items() if value}
    was = there.get("Destination", {}).get("S3BucketDestination", {})
    encrypted = {"Encryption": was["Encryption"]} if was.get("Encryption") else {}
    return {
        **{name: one[name] for name in ("Id", "IncludedObjectVersions")},
        "IsEnabled": one["Enabled"],
        "Schedule": {"Frequency": one["ScheduleFrequency"]},
        "Destination": {"S3BucketDestination": {**encrypted, **place}},
        **({"Filter": {"Prefix": one["Prefix"]}} if one.get("Prefix") else {}),
        **({"OptionalFields": list(one["OptionalFields"])} if one.get("OptionalFields") else {}),
    }


def _inventory_from_s3(one: Raw) -> dict[str, Any]:
    place = one["Destination"]["S3BucketDestination"]
    names = {
        _PLACE.get(name, name): name
        for name in ("BucketArn", "BucketAccountId", "Format", "Prefix")
    }
    fields = one.get("OptionalFields")
    return {
        **{name: one[name] for name in ("Id", "IncludedObjectVersions")},
        "Enabled": one["IsEnabled"],
        "ScheduleFrequency": one["Schedule"]["Frequency"],
        "Destination": {ours: place[theirs] for theirs, ours in names.items() if place.get(theirs)},
        **({"Prefix": one["Filter"]["Prefix"]} if one.get("Filter", {}).get("Prefix") else {}),
        **({"OptionalFields": list(fields)} if fields else {}),
    }


_TIERS = _ById(
    noun="intelligent_tiering",
    parameter="IntelligentTieringConfiguration",
    sent=_tiering_to_s3,
    told=_tiering_from_s3,
)
_INVENTORIES = _ById(
    noun="inventory",
    parameter="InventoryConfiguration",
    sent=_inventory_to_s3,
    told=_inventory_from_s3,
)
LIMITS: Mapping[str, Mapping[str, Any]] = {
    "/IntelligentTieringConfigurations": {"uniqueKeys": ["Id"]},
    "/IntelligentTieringConfigurations/*/Id": {"minLength": 1},
    "/IntelligentTieringConfigurations/*/TagFilters/*/Key": {"minLength": 1},
    "/IntelligentTieringConfigurations/*/Tierings": {"minItems": 1, "uniqueKeys": ["AccessTier"]},
    "/InventoryConfigurations": {"uniqueKeys": ["Id"]},
    "/InventoryConfigurations/*/Id": {"minLength": 1},
    "/InventoryConfigurations/*/Destination/BucketArn": {"minLength": 1},
}
SURFACES = (
    Surface(
        property="IntelligentTieringConfigurations",
        read=_TIERS.read,
        write=_TIERS.write,
        removal=Removal(default=[], says="all configurations of intelligent tiers are deleted"),
    ),
    Surface(
        property="InventoryConfigurations",
        read=_INVENTORIES.read,
        write=_INVENTORIES.write,
        removal=Removal(default=[], says="no inventories are written"),
    ),
)
