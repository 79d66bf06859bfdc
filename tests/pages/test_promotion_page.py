"""Run the command of docs/promotion.md in the example repository: it prints what the page shows."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from gitbot_sandbox.sandbox import example_files

pytestmark = [pytest.mark.full, pytest.mark.timeout(300)]
PAGE = (Path(__file__).parents[2] / "docs" / "promotion.md").read_text()


def test_the_page_shows_what_the_dry_run_prints(tmp_path: Path) -> None:
    files = dict(example_files())
    (rules,) = re.findall(r"^# specs/staging/environment.yaml\nspec:\n(.*\n)", PAGE, re.MULTILINE)
    staging = files["specs/staging/environment.yaml"]
    files["specs/staging/environment.yaml"] = re.sub(r"  promotesFrom: .*\n", rules, staging)
    commit(tmp_path, files)
    trainer = files["specs/dev/gpu-trainer.yaml"]
    changed = trainer.replace("default: 100", "default: 200").replace("0.113.5", "0.113.9")
    commit(tmp_path, {"specs/dev/gpu-trainer.yaml": changed})
    (command, shown) = re.findall(r"^```\w*\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)[-2:]
    assert run(tmp_path, command).strip() == shown.strip()


def commit(clone: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (clone / path).parent.mkdir(parents=True, exist_ok=True)
        (clone / path).write_text(text)
    run(clone, "git init -q -b main && git add --all && git commit -q -m specs")


def run(clone: Path, script: str) -> str:
    environ = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(clone),
        **{f"GIT_{who}_NAME": "ada" for who in ("AUTHOR", "COMMITTER")},
        **{f"GIT_{who}_EMAIL": "ada@acme.example" for who in ("AUTHOR", "COMMITTER")},
    }
    ran = subprocess.run(
        ["bash", "-euc", script],
        cwd=clone,
        env=environ,
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout
