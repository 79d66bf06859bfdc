"""What a plan tells of an object that is not gitbot's yet: what its identifier says already. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from gitbot.model.names import RemoteId
from gitbot.model.values import Value


def named_by(
    import_id: RemoteId, declared: Mapping[str, Value], observed: Mapping[str, Value]
) -> dict[str, Value]:
    """The attributes that are the identifier of ``lifecycle.import``, or the ARN that is made of it.

    The spec says the identifier, and the ``Path`` that is part of ARNs of IAM, so that nothing else of the
    object is shown: the account is that of the environment.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
    """
    given = declared.get("Path")
    path = re.escape(given) if isinstance(given, str) and given else "/"
    own = re.compile(
        rf"arn:[a-z-]+:[a-z0-9-]+:[a-z0-9-]*:[0-9]*:(?:[a-z-]+{path})?{re.escape(import_id)}"
    )
    return {
        name: value
        for name, value in observed.items()
        if value == import_id or (isinstance(value, str) and own.fullmatch(value))
    }
