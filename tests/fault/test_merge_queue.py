"""A merge queue waits for the check of each commit that it makes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gitbot_sandbox.sandbox import ADMIN, eventually
from tests.e2e.specs import group
from tests.fault.server_world import APPLIED, Stages, serving

pytestmark = pytest.mark.story


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stages]:
    with serving(tmp_path_factory.mktemp("queue"), "line", 1, {}) as sandbox:
        yield Stages(sandbox)


def test_a_queue_merges_what_was_reviewed_and_gives_back_what_was_not(stages: Stages) -> None:
    """A required check that never comes: nobody plans the commits of a merge queue."""
    bench = stages.next()
    bench.github.require_checks(bench.name, "gitbot")
    one = bench.planned("one", {"specs/dev/one.yaml": group("one")})
    app = bench.open("app", "Change the application", {"app.py": "print(1)\n"})
    bench.check(app, "gitbot")
    for number in (one, app):
        bench.github.queue(bench.name, number, ADMIN)
    eventually(lambda: bench.github.pull_request(bench.name, app).merged_at, what="both merges")
    assert "✓ Applied" in bench.comment(one, APPLIED).body
    bench.quiet()
    # Nobody was shown a plan of this push: its deliveries are lost.
    two = bench.planned("two", {"specs/dev/two.yaml": group("two")})
    bench.quiet()
    bench.github.courier.drop(10**6)
    more: dict[str, str | bytes | None] = {"specs/dev/two.yaml": group("two", "198.51.100.1/32")}
    bench.github.push_files(bench.name, "two", more, ADMIN)
    bench.github.courier.wait_idle()
    bench.github.courier.drop(0)
    commit = bench.github.queue(bench.name, two, ADMIN)
    repository = bench.github.repository(bench.name)
    eventually(lambda: not repository.queue, what="the end of the queue")
    assert bench.github.pull_request(bench.name, two).merged_at is None
    (run,) = [each for each in repository.check_runs.values() if each.sha == commit]
    assert "not as reviewed: dev/two" in (run.title or "")
