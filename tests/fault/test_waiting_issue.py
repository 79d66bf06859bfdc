"""What no pull request shows is told in one issue, which takes the commands."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from gitbot.model.said import Topic, TopicKind, issue_topic
from gitbot_sandbox.github.entities import Issue
from gitbot_sandbox.sandbox import ADMIN, READER, eventually
from tests.e2e.conftest import environment
from tests.e2e.specs import group
from tests.fault.server_world import APPLIED, Bench, Stages, serving

pytestmark = pytest.mark.story

DEV = Topic(kind=TopicKind.WAITING, subject="dev").marker


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stages]:
    with serving(tmp_path_factory.mktemp("waiting"), "wait", 1, {}) as sandbox:
        yield Stages(sandbox)


def issues(bench: Bench) -> list[Issue]:
    found = bench.github.repository(bench.name).issues.values()
    repository = str(bench.github.repository(bench.name).id)
    marker = issue_topic(TopicKind.WAITING, repository).marker
    return [each for each in found if marker in (each.body or "")]


def test_specs_that_were_never_applied_are_told_in_one_issue_and_applied_from_there(
    stages: Stages,
) -> None:
    """News that repeats itself at every merge, and holds that can be released nowhere."""
    bench = stages.next()
    files: dict[str, str | bytes | None] = {
        f"specs/dev/{name}.yaml": group(name) for name in ("one", "two")
    }
    bench.github.push_files(bench.name, "main", files, ADMIN)
    (issue,) = eventually(lambda: issues(bench), what="the issue")
    first = bench.comment(issue.number, DEV, "`dev/one`", "`dev/two`").body
    bench.quiet()
    # A merge that has nothing to do with them tells nothing of them again.
    other = bench.planned("three", {"specs/dev/three.yaml": group("three")})
    bench.merge(other)
    result = bench.comment(other, APPLIED, "✓ Applied").body
    bench.quiet()
    assert "`dev/three`" in result
    held = result.partition("**⏸ Still held until somebody says so**: ")[2]
    assert [each.body for each in bench.said(issue.number)] == [first]
    # A command in the issue lets one of them go on; who may not is refused.
    digests = re.findall(r"/apply dev ([0-9a-f]{16})", first)
    assert len(digests) == 2
    ways = [
        f"`dev/{name}` (`/apply dev {digest}` on #{issue.number})"
        for name, digest in zip(("one", "two"), digests, strict=True)
    ]
    assert held.startswith(f"{', '.join(ways)}.")
    refused = bench.github.comment(bench.name, issue.number, READER, f"/apply dev {digests[0]}")
    assert "was not done" in bench.answer(issue.number, refused).body
    for digest in digests:
        bench.github.comment(bench.name, issue.number, ADMIN, f"/apply dev {digest}")
    eventually(lambda: len(bench.live()) == 3, what="all groups")
    bench.comment(issue.number, DEV, "Nothing waits here any more")
    eventually(lambda: issue.state == "closed", what="the end of the issue")
    assert [each.number for each in issues(bench)] == [issue.number]
    # Who brings an environment is told of what waits there, with the commands.
    staging = {
        "specs/staging/environment.yaml": environment(bench.project, "staging"),
        "specs/staging/four.yaml": group("four"),
    }
    number = bench.planned("staging", staging)
    bench.merge(number)
    told = APPLIED.replace("dev", "staging")
    result = bench.comment(number, told, "⏸ Held until somebody says so", "`staging/four`").body
    (digest,) = re.findall(r"/apply staging ([0-9a-f]{16})", result)
    bench.github.comment(bench.name, number, ADMIN, f"/apply staging {digest}")
    eventually(lambda: len(bench.live()) == 4, what="the group of staging")
