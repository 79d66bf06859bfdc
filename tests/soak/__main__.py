"""``python -m tests.soak SECONDS [SEED]``: three servers, people and faults at random; see ``make soak``."""

from __future__ import annotations

import random
import signal
import sys
import tempfile
from pathlib import Path

from tests.contract.postgres_server import programs
from tests.soak.soak import soak_for


def main() -> None:
    """Soak, and print what was found."""
    # Servers and the database end with it also where it is asked to stop.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    seconds = float(sys.argv[1])
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(10**6)
    binaries = programs()
    if binaries is None:
        sys.exit("PostgreSQL is needed: install it, such as with `apt-get install postgresql`")
    _say(f"soaking for {seconds:.0f} s with the seed {seed}")
    with tempfile.TemporaryDirectory(prefix="gitbot-soak-") as folder:
        soak_for(seconds, Path(folder), binaries, seed, _say)


def _say(what: str) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
