"""Run ``python -m gitbot_sandbox.aws --port N``: a local AWS until it is interrupted. Shell."""

from __future__ import annotations

import signal
import threading

import click

from gitbot_sandbox.aws.server import LocalAws


@click.command()
@click.option("--port", default=0, show_default=True, help="Port on 127.0.0.1; 0 takes a free one.")
def main(port: int) -> None:
    """Serve a local AWS on 127.0.0.1, with its console at /_sandbox/."""
    stopped = threading.Event()
    signal.signal(signal.SIGINT, lambda *_: stopped.set())
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    with LocalAws(port=port) as aws:
        click.echo(f"AWS is at {aws.url} (console: {aws.url}/_sandbox/)")
        stopped.wait()


if __name__ == "__main__":
    main()
