"""Tell which names of this machine a request may give as its host. Pure.

A web page can give its own name the address 127.0.0.1 (DNS rebinding). The browser then takes the
local services for that page's site, and only the ``Host`` header still tells the difference.
"""

from __future__ import annotations

import re

_LOCAL = re.compile(r"(127\.0\.0\.1|\[::1\]|([a-z0-9-]+\.)*localhost)(:\d{1,5})?", re.IGNORECASE)

REFUSAL = "this service answers only to 127.0.0.1 and localhost"


def is_local(host: str | None) -> bool:
    """Whether the ``Host`` header names this machine: 127.0.0.1, ::1, or a name of localhost.

    Names below ``localhost`` always mean the machine itself: https://www.rfc-editor.org/rfc/rfc6761
    """
    return host is not None and len(host) <= 255 and bool(_LOCAL.fullmatch(host))
