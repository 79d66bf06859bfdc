"""Tokens and handles are long, random and kept as digests."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from gitbot.model.logins import Begun, PendingLogin, digest_of, new_handle, new_token

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def test_tokens_and_handles_have_32_random_bytes() -> None:
    tokens, handles = {new_token() for _ in range(50)}, {new_handle() for _ in range(50)}
    assert len(tokens | handles) == 100
    assert all(re.fullmatch(r"gbt_[A-Za-z0-9_-]{43}", one) for one in tokens)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", one) for one in handles)


def test_a_digest_does_not_tell_the_secret() -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", digest_of("gbt_a"))
    assert digest_of("gbt_a") == digest_of("gbt_a") != digest_of("gbt_b")


def test_a_device_code_is_never_shown() -> None:
    begun = Begun(
        device_code="hidden",
        user_code="AB-CD",
        verification_uri="https://github.com/login/device",
        expires_in_s=900,
        interval_s=5,
    )
    pending = PendingLogin(device_code="hidden", interval_s=5, expires_at=NOON)
    assert "hidden" not in repr((begun, pending))
