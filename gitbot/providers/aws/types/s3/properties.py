"""List all properties of buckets that have calls of their own, and what planning must know. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitbot.providers.aws.refining import refining, together
from gitbot.providers.aws.surfaces import names_of
from gitbot.providers.aws.types.s3 import (
    access,
    by_id,
    features,
    lock,
    notification,
    replication,
    surfaces,
)
from gitbot.providers.aws.types.s3.lifecycle import normalised_lifecycle

_PARTS = (surfaces, access, lock, features, by_id, notification, replication)
SURFACES = tuple(surface for part in _PARTS for surface in part.SURFACES)
"""In the order in which they are written: some need versioning or the ownership of objects."""
HANDLED = frozenset(
    {
        *("/BucketName", "/Tags", *lock.HANDLED),
        *(f"/{name}" for name in names_of(SURFACES) - {lock.NAME}),
    }
)
REFINE = together(*(refining(part.LIMITS) for part in _PARTS))
"""What S3 wants beyond the registry's schema. Several parts want something of the bucket as a whole."""
IDENTITIES = {
    "/LifecycleConfiguration/Rules": ("Id",),
    "/LifecycleConfiguration/Rules/*/TagFilters": ("Key",),
    "/IntelligentTieringConfigurations": ("Id",),
    "/IntelligentTieringConfigurations/*/TagFilters": ("Key",),
    "/IntelligentTieringConfigurations/*/Tierings": ("AccessTier",),
    "/InventoryConfigurations": ("Id",),
    "/ReplicationConfiguration/Rules": ("Id",),
    "/ReplicationConfiguration/Rules/*/Filter/And/TagFilters": ("Key",),
}
SETS = frozenset(IDENTITIES) | {"/InventoryConfigurations/*/OptionalFields"} | notification.LISTS
PARTIAL = frozenset({"/PublicAccessBlockConfiguration", f"/{notification.NAME}"})
_NORMALISED = {
    "LifecycleConfiguration": normalised_lifecycle,
    "AccessControl": access.normalised_acl,
    notification.NAME: notification.normalised_notification,
    replication.NAME: replication.normalised_replication,
}


def normalise_bucket(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    """The properties in the form for comparison."""
    touched = {
        name: normalise(properties[name])
        for name, normalise in _NORMALISED.items()
        if name in properties
    }
    return {**properties, **touched} if touched else properties


READS = (
    "GetAccelerateConfiguration",
    "GetBucket*",
    "GetEncryptionConfiguration",
    "GetIntelligentTieringConfiguration",
    "GetInventoryConfiguration",
    "GetLifecycleConfiguration",
    "GetReplicationConfiguration",
    "ListAllMyBuckets",
    "ListBucket",
    "ListBucketMultipartUploads",
    "ListBucketVersions",
)
"""The actions that read a bucket; none reads an object in it."""
