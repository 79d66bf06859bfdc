"""A fetch works after an earlier one was killed. Shell."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from gitbot.adapters.git.mirror import GitMirror
from tests.contract.git_world import TOKEN, HttpOrigin, Origin

FETCH = """
import pathlib, sys
from gitbot.adapters.git.mirror import GitMirror
path, url, token = sys.argv[1:]
GitMirror(pathlib.Path(path), url, lambda: token, "main").fetch()
"""


def test_after_a_kill_in_the_middle_of_a_fetch_the_next_one_works(tmp_path: Path) -> None:
    origin = Origin(tmp_path)
    origin.commit({"specs/dev/a.yaml": b"a: 1\n"})
    remote = HttpOrigin(tmp_path)
    try:
        remote.delay_s = 0.5
        path = tmp_path / "mirror.git"
        first = subprocess.Popen([sys.executable, "-c", FETCH, str(path), remote.url, TOKEN])
        while not remote.seen:
            time.sleep(0.01)
        first.kill()
        first.wait()
        remote.delay_s = 0.0
        tip = origin.commit({"specs/dev/b.yaml": b"b: 1\n"})
        mirror = GitMirror(path, remote.url, lambda: TOKEN, "main")
        mirror.fetch()
        assert mirror.tip() == tip
        assert "specs/dev/b.yaml" in mirror.specs(tip).entries
    finally:
        remote.close()
