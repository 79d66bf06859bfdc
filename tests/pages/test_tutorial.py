"""Run part one of the tutorial as it stands."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from gitbot_sandbox.aws import LocalAws

pytestmark = [pytest.mark.full, pytest.mark.timeout(300)]
_TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial.md"
_BLOCK = re.compile(r"^```(sh|yaml)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
# What a person does at the prompt of `gitbot destroy dev`: type the digest that stands above it.
_DESTROY = """
digest=$(gitbot plan dev --destroy | grep -io 'digest [0-9a-f]*' | head -n 1 | cut -d ' ' -f 2)
gitbot destroy dev --digest "$digest"
"""
_FILE = re.compile(r"`((?:specs|modules)/[\w./-]+\.yaml)`")


def _script(text: str) -> str:
    """The shell blocks in order; a YAML block goes into the file that is named last before it."""
    lines = ["set -eu"]
    for found in _BLOCK.finditer(text):
        kind, body = found.groups()
        if kind == "sh":
            lines.append(body)
        else:
            path = _FILE.findall(text[: found.start()])[-1]
            lines.append(
                f"mkdir -p {Path(path).parent}; cat > {path} <<'END_OF_SPEC'\n{body}END_OF_SPEC"
            )
    return "\n".join(lines)


def test_a_newcomer_gets_from_nothing_to_an_applied_bucket_and_back(tmp_path: Path) -> None:
    part_one = _TUTORIAL.read_text().partition("## Part two")[0]
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        **{f"GIT_{who}_{what}": "ada" for who in ("AUTHOR", "COMMITTER") for what in ("NAME",)},
        **{f"GIT_{who}_EMAIL": "ada@acme.example" for who in ("AUTHOR", "COMMITTER")},
    }
    with LocalAws() as aws:
        script = _script(part_one).replace("http://127.0.0.1:5000", aws.url) + _DESTROY
        ran = subprocess.run(
            ["bash", "-c", script],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        buckets = {one["Name"] for one in aws.client("s3").list_buckets()["Buckets"]}

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "alices-team-dev-artifacts" in ran.stdout
    assert "alices-team-dev-artifacts" not in buckets
