"""A keyring that a test can look into."""

from __future__ import annotations

from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError


class InMemory(KeyringBackend):
    """Keeps passwords as long as it lives."""

    priority = 1.0  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self._kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        """The password; None when there is none."""
        return self._kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep the password."""
        self._kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        """Delete the password. Raises PasswordDeleteError when there is none."""
        if self._kept.pop((service, username), None) is None:
            raise PasswordDeleteError("there is none")
