"""A pull request whose merge would exhaust the machine is refused. Shell."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitbot.errors import UserError
from gitbot.model.names import Sha
from tests.contract.git_world import Origin, bomb, git


@pytest.mark.full
def test_a_merge_that_would_exhaust_the_machine_ends_at_the_limits(
    tmp_path: Path,
) -> None:
    origin = Origin(tmp_path)
    origin.commit({"specs/dev/a.yaml": b"a: 1\n"})
    level, base = bomb(origin), origin.head()
    tip = origin.commit({"specs/dev/a.yaml": None, "specs/dev/b.yaml": b"b: 1\n"})
    lines = f"40000 tree {level}\tspecs\n40000 tree {level}\tother\n"
    root = git(origin.work, "mktree", stdin=lines.encode())
    head = Sha(git(origin.work, "commit-tree", root, "-p", base, "-m", "bomb"))
    git(origin.work, "push", "-q", "-f", "origin", f"{head}:refs/pull/9/head")
    mirror = origin.mirror(tmp_path)
    mirror.fetch((9,))
    with pytest.raises(UserError, match="more memory or time"):
        mirror.merge(tip, head)
