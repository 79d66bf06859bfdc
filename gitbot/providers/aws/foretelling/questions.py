"""The registry of what is asked about plans. Pure."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from gitbot.providers.aws.foretelling.architectures import ARCHITECTURES
from gitbot.providers.aws.foretelling.bucket_versions import BUCKET_VERSIONS
from gitbot.providers.aws.foretelling.full_buckets import FULL_BUCKETS
from gitbot.providers.aws.foretelling.full_domains import FULL_DOMAINS
from gitbot.providers.aws.foretelling.full_repositories import FULL_REPOSITORIES
from gitbot.providers.aws.foretelling.groups_in_use import GROUPS_IN_USE
from gitbot.providers.aws.foretelling.instance_types import INSTANCE_TYPES
from gitbot.providers.aws.foretelling.locked_buckets import LOCKED_BUCKETS
from gitbot.providers.aws.foretelling.machine_quotas import MACHINE_QUOTAS
from gitbot.providers.aws.foretelling.missing_images import MISSING_IMAGES
from gitbot.providers.aws.foretelling.missing_keys import MISSING_KEYS
from gitbot.providers.aws.foretelling.missing_rights import MISSING_RIGHTS
from gitbot.providers.aws.foretelling.modern_pipelines import MODERN_PIPELINES
from gitbot.providers.aws.foretelling.network_quotas import NETWORK_QUOTAS
from gitbot.providers.aws.foretelling.passed_roles import PASSED_ROLES
from gitbot.providers.aws.foretelling.question import Question
from gitbot.providers.aws.foretelling.root_disks import ROOT_DISKS
from gitbot.providers.aws.foretelling.rstudio_networks import RSTUDIO_NETWORKS
from gitbot.providers.aws.foretelling.waiting_secrets import WAITING_SECRETS
from gitbot.providers.aws.foretelling.zones import ZONES

QUESTIONS: Final[tuple[Question[Any], ...]] = (
    INSTANCE_TYPES,
    ZONES,
    MISSING_IMAGES,
    ROOT_DISKS,
    ARCHITECTURES,
    MISSING_KEYS,
    BUCKET_VERSIONS,
    FULL_BUCKETS,
    FULL_DOMAINS,
    FULL_REPOSITORIES,
    WAITING_SECRETS,
    RSTUDIO_NETWORKS,
    LOCKED_BUCKETS,
    MODERN_PIPELINES,
    GROUPS_IN_USE,
    MACHINE_QUOTAS,
    NETWORK_QUOTAS,
    MISSING_RIGHTS,
    PASSED_ROLES,
)
"""In the order in which people read what is said."""


def rights_for(types: Collection[str]) -> frozenset[str]:
    """What asking about plans with these types needs beside the rights of the types."""
    asked = (one for one in QUESTIONS if any(map(one.about, types)))
    return frozenset(right for one in asked for right in one.rights)
