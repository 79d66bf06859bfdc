"""``gitbot serve``: run the server. Shell."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import click
import yaml

from gitbot.cli.common import tells_errors
from gitbot.errors import UserError
from gitbot.settings import Settings, load_settings


@click.command()
@click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    help="YAML file with settings (names in lower case, without GITBOT_); the environment wins.",
)
@tells_errors
def serve(config: Path | None) -> None:
    """Listen to GitHub and keep the cloud equal to the repository.

    Settings come from GITBOT_* environment variables; docs/settings.md lists them.
    """
    from gitbot.bootstrap.server import running_server
    from gitbot.bootstrap.telemetry import start_logging

    settings = read_settings(config)
    start_logging(settings)
    stopped = threading.Event()
    for which in (signal.SIGINT, signal.SIGTERM):
        signal.signal(which, lambda *_: stopped.set())
    with running_server(settings) as server:
        click.echo(f"gitbot listens at {server.url}/webhook")
        stopped.wait()
        click.echo("stopping: running applies finish what they have begun")


def read_settings(config: Path | None) -> Settings:
    """The settings from the environment and the file. The environment wins.

    Raises:
        UserError: settings are wrong; the message lists every problem.
    """
    try:
        file = yaml.safe_load(config.read_text()) if config else {}
    except (OSError, yaml.YAMLError) as error:
        raise UserError(f"{config} cannot be read: {error}") from error
    if not isinstance(file or {}, dict):
        raise UserError(f"{config} must be a map of settings")
    return load_settings(os.environ, file or {}, lambda path: Path(path).read_text())
