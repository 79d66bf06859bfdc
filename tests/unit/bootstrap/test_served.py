"""One repository that cannot be reached stops no other."""

from __future__ import annotations

import pytest

from gitbot.bootstrap.served import Served
from gitbot.errors import TransientError, UserError


class World:
    """Repositories that can be reached, by name, and why the others cannot."""

    def __init__(self) -> None:
        self.errors: dict[str, Exception] = {}

    def open(self, name: str) -> str:
        if name in self.errors:
            raise self.errors[name]
        return f"id of {name}"


@pytest.mark.parametrize("error", [UserError("no access"), TransientError("no answer")])
def test_a_repository_that_cannot_be_reached_is_tried_again_and_named_meanwhile(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    """One bad repository of several keeps the server from starting for all."""
    world = World()
    world.errors["acme/b"] = error
    served = Served(["acme/a", "acme/b", "acme/c"], world.open)
    assert list(served) == ["id of acme/a", "id of acme/c"]
    assert "id of acme/b" not in served
    assert served.missing == 1
    assert f"acme/b is not served: {error}" in caplog.text
    assert served.retry() == ()
    world.errors.clear()
    assert served.retry() == ("id of acme/b",)
    assert ("id of acme/b" in served, served.missing, served.retry()) == (True, 0, ())


def test_a_server_with_nothing_to_serve_does_not_start() -> None:
    world = World()
    world.errors["acme/a"] = UserError("no access")
    with pytest.raises(UserError, match="no access"):
        Served(["acme/a"], world.open)
