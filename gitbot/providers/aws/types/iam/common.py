"""Report conflicts of names. Shell."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gitbot.errors import CloudError, ConflictError
from gitbot.model.cloud import Operation
from gitbot.providers.aws.native import Handler
from gitbot.providers.aws.types.iam.family import TAKEN

if TYPE_CHECKING:
    from gitbot.providers.aws.connection import Connection


def create_once(
    handler: Handler,
    aws: Connection,
    operation: Operation,
    name: str,
    kind: str,
    create: Callable[[], Any],
) -> None:
    """Make the object.

    Raises:
        ConflictError: another object, which this operation did not make, has the name.
    """
    try:
        create()
    except CloudError as error:
        if error.code not in TAKEN:
            raise
        present = handler.find(aws, operation)
        if present is None or present.operation != operation.token:
            raise ConflictError(
                f"{operation.address}: the account has an IAM {kind} named {name} already. Choose "
                f"another name, or take it over with `lifecycle: {{import: {name}}}`."
            ) from error
