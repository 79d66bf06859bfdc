"""The address of a server, as people write it. Pure."""

from __future__ import annotations

from urllib.parse import urlsplit

from gitbot.errors import UserError

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def address_of(text: str) -> str:
    """The address in its one form: scheme, host, port and path, without a slash at the end.

    Raises:
        UserError: a token must not go there, or it is no address of a server.
    """
    try:
        found = urlsplit(text.strip())
        host, port = found.hostname, found.port
    except ValueError:
        host, port = None, None
        found = urlsplit("")
    if not found.scheme or not host:
        raise UserError(
            f"{text!r} is not the address of a server: write it whole, like https://gitbot.example.com"
        )
    if found.username is not None or found.query or found.fragment:
        raise UserError(
            f"the address of a server has no user, `?` or `#`: write only {found.scheme}://{host}"
        )
    if found.scheme != "https" and not (found.scheme == "http" and host in LOOPBACK):
        raise UserError(
            f"{found.scheme}://{host} is not encrypted, so everybody on the way could read your token: "
            "write https:// (http:// is only for a server on this machine)"
        )
    shown = f"[{host}]" if ":" in host else host
    ending = f":{port}" if port is not None else ""
    return f"{found.scheme}://{shown}{ending}{found.path.rstrip('/')}"


def is_loopback(address: str) -> bool:
    """Whether the server is on this machine."""
    return urlsplit(address).hostname in LOOPBACK
