"""Run ``python -m gitbot_sandbox.github``: a local GitHub until it is stopped. Shell."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from types import FrameType

import click

from gitbot_sandbox.github.local import LocalGitHub


@click.command()
@click.option(
    "--root",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="The folder that the bare repositories are made in; it must be empty or not there.",
)
@click.option("--port", default=0, show_default=True, help="The port; 0 takes a free one.")
def main(root: Path, port: int) -> None:
    """Serve an empty local GitHub on this machine; see /_sandbox/health."""
    if root.exists() and any(root.iterdir()):
        raise click.UsageError(f"{root} is not empty; what it held would not be served")
    done = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        done.set()

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    with LocalGitHub(root, port) as local:
        click.echo(f"pages {local.url}\nAPI   {local.api_url}")
        done.wait()


if __name__ == "__main__":
    main()
