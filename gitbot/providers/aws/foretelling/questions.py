"""The registry of what is asked about plans. Pure."""

from __future__ import annotations

from typing import Any, Final

from gitbot.providers.aws.foretelling.architectures import ARCHITECTURES
from gitbot.providers.aws.foretelling.full_buckets import FULL_BUCKETS
from gitbot.providers.aws.foretelling.groups_in_use import GROUPS_IN_USE
from gitbot.providers.aws.foretelling.instance_types import INSTANCE_TYPES
from gitbot.providers.aws.foretelling.question import Question
from gitbot.providers.aws.foretelling.root_disks import ROOT_DISKS
from gitbot.providers.aws.foretelling.zones import ZONES

QUESTIONS: Final[tuple[Question[Any], ...]] = (
    INSTANCE_TYPES,
    ZONES,
    ROOT_DISKS,
    ARCHITECTURES,
    FULL_BUCKETS,
    GROUPS_IN_USE,
)
"""In the order in which people read what is said."""
