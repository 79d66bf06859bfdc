"""Run PgBouncer for the tests, if it is installed."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from tests.contract.postgres_server import as_somebody

PROGRAM = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")


@contextmanager
def pooled(server: str, mode: str) -> Iterator[sa.URL]:
    """The URL of the database at ``server`` through a pooler of this mode, with default settings.

    https://www.pgbouncer.org/config.html
    """
    assert PROGRAM is not None
    url = sa.make_url(server)
    folder = Path(tempfile.mkdtemp(prefix="gitbot-pooler-"))
    port = _free_port()
    (folder / "users").write_text('"gitbot" ""\n')
    (folder / "settings").write_text(
        f"[databases]\n{url.database} = host={url.query['host']} user=gitbot pool_size=4\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
        f"auth_type = trust\nauth_file = {folder}/users\npool_mode = {mode}\n"
    )
    (folder / "users").chmod(0o644)
    command = [*as_somebody(folder), PROGRAM, "-q", str(folder / "settings")]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, cwd=folder)
    try:
        _wait(port)
        yield url.set(host="127.0.0.1", port=port, query={})
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    return port


def _wait(port: int) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
