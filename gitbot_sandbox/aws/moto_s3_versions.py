"""List the versions that come after a key, as S3 does. Shell."""

from __future__ import annotations

import copy
from functools import wraps
from typing import Any

from moto.s3.models import FakeKey, S3Backend

from gitbot_sandbox.aws.moto_patch import wrap


def patch() -> None:
    """Make the patch of this module."""
    wrap(S3Backend, "list_object_versions", _versions_after_key)


def _versions_after_key(original: Any) -> Any:
    """Defect: with a key marker alone, the first version after it is left out, and older versions of the
    marker itself are listed.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html
    """

    @wraps(original)
    def list_object_versions(self: Any, bucket_name: str, **asked: Any) -> Any:
        after, prefix = asked.get("key_marker"), asked.get("prefix") or ""
        if after is None or asked.get("version_id_marker") or asked.get("delimiter"):
            return original(self, bucket_name, **asked)
        keys = self.get_bucket(bucket_name).keys
        names = sorted(name for name in keys if name > after and name.startswith(prefix))
        found = [
            _listed(version, latest=not at)
            for name in names
            for at, version in enumerate(reversed(keys.getlist(name)))
        ]
        most = asked.get("max_keys") or 1000
        page, last = found[:most], found[most - 1] if len(found) > most else None
        return (
            [one for one in page if isinstance(one, FakeKey)],
            [],
            [one for one in page if not isinstance(one, FakeKey)],
            last and last.name,
            last and last.version_id,
        )

    return list_object_versions


def _listed(version: Any, *, latest: bool) -> Any:
    listed = copy.copy(version)
    listed.is_latest = latest
    return listed
