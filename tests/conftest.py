"""Choose hypothesis' examples, run what takes long first, and tell what a failed test's sandbox was like."""

from __future__ import annotations

import gc
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import pytest
from hypothesis import HealthCheck, is_hypothesis_test, settings

from tests.contract import postgres_server
from tests.model_checks import SAME


@runtime_checkable
class TellsScene(Protocol):
    """What a test was given, that tells by itself what was there."""

    def scene(self) -> str:
        """For people to read."""


LONG = ("fault", "e2e", "browser")
"""The folders whose modules each have a world with servers."""


# Property tests judge results and never time: the machine may be busy, and coverage traces them.
settings.register_profile(
    "gitbot",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=SAME,
    print_blob=True,
)
settings.load_profile("gitbot")


# Collecting tests makes nothing but what stays: looking for garbage meanwhile took a sixth of its time.
gc.disable()


def pytest_collection_finish() -> None:
    """Let the garbage collector look less often, and never at what was imported.

    It took a tenth of the processor time of tests with a local AWS.
    """
    gc.freeze()
    gc.set_threshold(10_000)
    gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the modules with a world, then those with a model, before the others, as they stand.

    xdist itself would begin with the modules of the most tests, which are the shortest.
    """
    models = {item.path for item in items if item.get_closest_marker("model")}
    for item in items:
        if is_hypothesis_test(getattr(item, "function", None)):
            item.add_marker("no_cover")  # hundreds of examples of what other tests cover too

    def turn(path: Path) -> int:
        if path.parent.name in LONG:
            return LONG.index(path.parent.name)
        return len(LONG) + (path not in models)

    items.sort(key=lambda item: turn(item.path))


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    binaries = postgres_server.programs()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed")
    with postgres_server.running(binaries) as url:
        yield url


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add to the report of a failure what was there: where it happened once, nobody can look again."""
    report = yield
    if report.failed:
        seen = scenes(getattr(item, "funcargs", {}))
        report.sections += [("What the sandbox was like", text) for text in seen]
    return report


def scenes(arguments: Mapping[str, Any]) -> list[str]:
    """What is there in each sandbox that a test was given, alone or in what acts in it."""
    # Only here: most tests need none of it, and it takes a second to import.
    from gitbot_sandbox.sandbox import Sandbox
    from gitbot_sandbox.scene import scene
    from gitbot_sandbox.stage import Stage

    found: dict[Sandbox, str] = {}
    told: list[str] = []
    for value in arguments.values():
        if isinstance(value, TellsScene):
            told.append(value.scene())
        sandbox = getattr(value, "sandbox", value)
        if isinstance(sandbox, Sandbox) and not found.get(sandbox):
            found[sandbox] = value.name if isinstance(value, Stage) else ""
    return [*told, *(scene(sandbox, name) for sandbox, name in found.items())]
