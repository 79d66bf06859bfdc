"""Hold gitbot to speak plainly to a Python that it cannot use, and to work with an old SQLite."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path

import sqlalchemy as sa

from gitbot.adapters.queue.sqlite_clock import teach_sqlite

_ROOT = Path(__file__).parents[2]


def test_make_names_the_python_that_is_too_old_and_leaves_no_environment(tmp_path: Path) -> None:
    """Kind: a set-up that fails half-done, with a puzzle, and breaks the next try too."""
    old = tmp_path / "python3.10"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.10.13" && exit 0\nexit 1\n')
    old.chmod(0o755)
    for name in ("Makefile", "requirements.lock", "pyproject.toml", "hatch_build.py"):
        shutil.copy(_ROOT / name, tmp_path)
    builder = tmp_path / "gitbot/providers/aws/pack_build.py"
    builder.parent.mkdir(parents=True)
    builder.touch()

    ran = subprocess.run(
        ["make", f"PYTHON={old}", "demo"], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )

    assert ran.returncode != 0
    assert "gitbot needs Python 3.11 or later" in ran.stdout
    assert "Python 3.10.13" in ran.stdout
    assert "make PYTHON=python3.12 demo" in ran.stdout
    assert not (tmp_path / ".venv").exists()


def test_every_sqlite_tells_the_time_with_parts_of_a_second() -> None:
    """Kind: a library's default that depends on how somebody built Python."""
    teach_sqlite()
    engine = sa.create_engine("sqlite://")

    with engine.connect() as connection:
        told = connection.exec_driver_sql("SELECT unixepoch('subsec')").scalar_one()

    engine.dispose()
    assert abs(told - time.time()) < 5
