"""Ask for the versions of the secrets that a stack names, before its plan is made. Shell."""

from __future__ import annotations

from gitbot.errors import SpecError
from gitbot.language.secret_listing import (
    AT_TIP,
    secrets_followed,
    unlisted_secrets,
    unreadable_secrets,
)
from gitbot.model.desired import DesiredStack
from gitbot.model.values import Redactor
from gitbot.ports.cloud import Cloud
from gitbot.reconciler.secrets import versioned


def with_secret_versions(
    cloud: Cloud, desired: DesiredStack, redactor: Redactor, *, ask: bool
) -> DesiredStack:
    """The stack with the versions that its secrets have now. Reads no value.

    ``ask`` False: the cloud is not asked, and a secret counts as unchanged.

    Raises:
        SpecError: the environment does not list a secret, or a secret cannot be had.
        TransientError: the cloud did not answer.
    """
    if not desired.sensitive:
        return desired
    if unlisted := unlisted_secrets(desired, cloud.listed_secrets, AT_TIP):
        raise SpecError(unlisted)
    references = secrets_followed(desired)
    if not references or not ask:
        return desired
    told = cloud.secret_versions(references)
    if unreadable := unreadable_secrets(desired, told):
        raise SpecError(unreadable)
    versions = {name: one for name, one in told.items() if isinstance(one, str)}
    return versioned(desired, versions, redactor)
