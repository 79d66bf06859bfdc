"""Make moto's CloudWatch Logs keep, find and refuse what AWS does. Shell.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_Operations.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from gitbot_sandbox.aws.moto_patch import wrap


def patch() -> None:
    """Make all patches of this module."""
    from moto.logs.models import LogGroup, LogsBackend
    from moto.logs.responses import LogsResponse

    wrap(LogsResponse, "create_log_group", _with_class_and_protection)
    wrap(LogsResponse, "describe_log_groups", _by_identifiers)
    wrap(LogGroup, "to_describe_dict", _with_more)
    wrap(LogsBackend, "delete_log_group", _unless_protected)
    wrap(LogsBackend, "iter_tagged_resources", _as_the_index_names_them)
    for name in ("associate_kms_key", "disassociate_kms_key"):
        setattr(LogsResponse, name, _write_key)
    LogsResponse.put_log_group_deletion_protection = _write_protection  # type: ignore[attr-defined]


def _with_class_and_protection(create: Any) -> Any:
    """Defect: the class and the protection of a new group are forgotten."""

    def created(self: Any) -> str:
        answer = str(create(self))
        group = self.logs_backend.groups[self._get_param("logGroupName")]
        group.log_group_class = self._get_param("logGroupClass") or "STANDARD"
        group.deletion_protection = bool(self._get_param("deletionProtectionEnabled"))
        return answer

    return created


def _by_identifiers(describe: Any) -> Any:
    """Defect: ``logGroupIdentifiers`` is ignored. It has names or ARNs, 50 at most."""

    def described(self: Any) -> str:
        wanted = self._get_param("logGroupIdentifiers")
        if wanted is None:
            return str(describe(self))
        names = {one.partition(":log-group:")[2] or one for one in wanted}
        groups = self.logs_backend.groups
        found = [groups[name].to_describe_dict() for name in sorted(names) if name in groups]
        return json.dumps({"logGroups": found})

    return described


def _with_more(describe: Any) -> Any:
    def described(self: Any) -> dict[str, Any]:
        return {
            **describe(self),
            "logGroupClass": getattr(self, "log_group_class", "STANDARD"),
            "deletionProtectionEnabled": getattr(self, "deletion_protection", False),
        }

    return described


def _unless_protected(delete: Any) -> Any:
    from moto.logs.exceptions import LogsClientError

    def deleted(self: Any, log_group_name: str) -> None:
        group = self.groups.get(log_group_name)
        if getattr(group, "deletion_protection", False):
            raise LogsClientError(
                "ValidationException", "Deletion protection is enabled for the log group"
            )
        delete(self, log_group_name)

    return deleted


def _as_the_index_names_them(tagged: Any) -> Any:
    """Defect: the kind is ``logs:loggroup``."""

    def named(self: Any) -> Iterator[Any]:
        return (replace(one, resource_type="logs:log-group") for one in tagged(self))

    return named


def _write_key(self: Any) -> str:
    """Defect: a group's key cannot be changed."""
    _group(self, self._get_param("logGroupName")).kms_key_id = self._get_param("kmsKeyId")
    return ""


def _write_protection(self: Any) -> str:
    group = _group(self, self._get_param("logGroupIdentifier"))
    group.deletion_protection = self._get_param("deletionProtectionEnabled")
    return ""


def _group(response: Any, name: str) -> Any:
    from moto.logs.exceptions import ResourceNotFoundException

    if name not in response.logs_backend.groups:
        raise ResourceNotFoundException
    return response.logs_backend.groups[name]
