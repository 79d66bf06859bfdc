"""Run a PostgreSQL server for the tests, if its programs are installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import sqlalchemy as sa

FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=16MB")
LASTING = ("fsync=off", "full_page_writes=off", "max_connections=300")
"""What was committed outlives the server, but not the machine."""
DURABLE = ("max_connections=300",)
"""As PostgreSQL runs for people."""


def programs() -> Path | None:
    """The folder with ``initdb`` and ``postgres``; None where PostgreSQL is not installed."""
    on_path = shutil.which("initdb")
    if on_path is not None:
        return Path(on_path).resolve().parent
    # Debian keeps them off the path, a folder for each version.
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


@contextmanager
def running(binaries: Path, settings: Sequence[str] = FAST) -> Iterator[str]:
    """The SQLAlchemy URL of an empty database on a new server, which is stopped at the end."""
    folder = Path(tempfile.mkdtemp(prefix="gitbot-postgres-"))
    command = as_somebody(folder)
    make = [str(binaries / "initdb"), "-D", str(folder / "data"), "-U", "gitbot"]
    how = ["-A", "trust", "-N", "-E", "UTF8", "--locale=C.UTF-8"]
    try:
        subprocess.run([*command, *make, *how], check=True, capture_output=True, cwd=folder)
        options = " ".join(f"-c {each}" for each in settings)
        control = [*command, str(binaries / "pg_ctl"), "-D", str(folder / "data"), "-w"]
        subprocess.run(
            [*control, "-l", str(folder / "log"), "-o", f"-k {folder} -h '' {options}", "start"],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=folder,
        )
        try:
            yield f"postgresql+psycopg://gitbot@/postgres?host={folder}"
        finally:
            subprocess.run(
                [*control, "-m", "immediate", "stop"],
                check=True,
                stdout=subprocess.DEVNULL,
                cwd=folder,
            )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def restart(binaries: Path, server: str) -> None:
    """Restart the server at this URL at once, as after a crash: connections and transactions end."""
    folder = Path(str(sa.make_url(server).query["host"]))
    control = [str(binaries / "pg_ctl"), "-D", str(folder / "data"), "-w", "-m", "immediate"]
    subprocess.run(
        [*as_somebody(folder), *control, "-l", str(folder / "log"), "restart"],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=folder,
    )


@contextmanager
def new_database(server: str) -> Iterator[sa.URL]:
    """A database of its own on the server at this URL; it is dropped at the end, whoever uses it."""
    url, name = sa.make_url(server), f"db_{uuid4().hex}"
    # The server may be restarted meanwhile.
    admin = sa.create_engine(url, isolation_level="AUTOCOMMIT", pool_pre_ping=True)
    with admin.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    try:
        yield url.set(database=name)
    finally:
        with admin.connect() as connection:
            connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()


def written(url: sa.URL) -> str:
    """The URL as a person writes it in a setting."""
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def as_somebody(folder: Path) -> list[str]:
    """The beginning of a command that is not run as root, which PostgreSQL refuses."""
    if os.geteuid() != 0:
        return []
    shutil.chown(folder, "nobody", "nogroup")
    return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
