"""``gitbot demo`` and ``gitbot sandbox``: GitHub, AWS and gitbot on this machine. Shell."""

from __future__ import annotations

import contextlib
import signal
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import click
from rich.text import Text

from gitbot.cli.common import console, tells_errors
from gitbot.errors import UserError

PORT = click.IntRange(0, 65_535)


@click.command()
@click.option("--keep", is_flag=True, help="Keep the sandbox running until Ctrl-C.")
@tells_errors
def demo(keep: bool) -> None:
    """Play a story, from a first pull request to a freeze, all on this machine, in about a minute.

    Starts a local GitHub, a local AWS and a gitbot server. Ends by itself with exit code 0.
    """
    story = import_sandbox("gitbot_sandbox.story")
    sandbox_module = import_sandbox("gitbot_sandbox.sandbox")
    out = console()
    started = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="gitbot-demo-") as folder,
        sandbox_module.Sandbox(Path(folder)) as running,
    ):
        try:
            for number, step in enumerate(story.play(running), 1):
                out.print(
                    Text(f"\n{number}. {step.title}", style="bold"),
                    Text(f"({step.took_s:.1f} s)", style="dim"),
                )
                for line in step.seen:
                    out.print(Text(f"   {line}"))
                out.print(Text(f"   {step.url}", style="cyan"))
        except (TimeoutError, AssertionError) as error:
            seen = import_sandbox("gitbot_sandbox.scene").scene(running)
            raise UserError(f"the story failed: {error}\n{seen}") from error
        out.print(Text(f"\nThe end, after {time.monotonic() - started:.0f} s.", style="bold green"))
        if keep:
            _wait(running)
        else:
            out.print("The pages above are gone now. `gitbot demo --keep` keeps them.")


@click.command()
@click.option(
    "--github-port", type=PORT, default=8001, show_default=True, help="Port of the local GitHub."
)
@click.option(
    "--aws-port", type=PORT, default=8002, show_default=True, help="Port of the local AWS."
)
@click.option(
    "--port", type=PORT, default=8003, show_default=True, help="Port of the gitbot server."
)
@tells_errors
def sandbox(github_port: int, aws_port: int, port: int) -> None:
    """Run a sandbox to try things in: a local GitHub, a local AWS and gitbot.

    It has the example repository. On its pages you can act as any of its people. Ctrl-C ends it.
    """
    sandbox_module = import_sandbox("gitbot_sandbox.sandbox")
    with (
        tempfile.TemporaryDirectory(prefix="gitbot-sandbox-") as folder,
        sandbox_module.Sandbox(
            Path(folder), github_port=github_port, aws_port=aws_port, listen_port=port
        ) as running,
    ):
        running.create_repository(
            "ml-platform",
            {"README.md": "# The cloud of the ML platform\n", **sandbox_module.example_files()},
        )
        running.start_server()
        _wait(running)


def _wait(running: Any) -> None:
    stopped = threading.Event()
    for which in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(which, lambda *_: stopped.set())
    out = console()
    pages = {
        "GitHub:": running.github.url,
        "AWS:": f"{running.aws.url}/_sandbox/",
        "gitbot:": f"{running.server_url}/healthz",
    }
    out.print()
    for name, url in pages.items():
        out.print(Text(f"{name:<9}", style="bold").append(url, style="cyan"), soft_wrap=True)
    for repository in running.repositories:
        for login, token in running.tokens.items():
            address = running.github.clone_url(repository, token)
            # Never wrap it, because people copy it.
            out.print(
                Text(f"as {login}: ").append(f"git clone {address}", style="dim"), soft_wrap=True
            )
    store = running.data / "gitbot.db"
    out.print(
        Text("in a clone: ").append(f"gitbot schedule --store {store}", style="dim"), soft_wrap=True
    )
    out.print(
        "To propose a change, edit a file in the repository's page, or push a branch and open its "
        "pull request there.\nCtrl-C ends it."
    )
    while not stopped.wait(1.0):
        if running.server_has_ended:
            raise UserError(
                f"the gitbot server of the sandbox has ended:\n{running.log_text()[-2000:]}"
            )
    with contextlib.suppress(OSError):  # the terminal may be gone
        out.print("Ending.")


def import_sandbox(name: str) -> Any:
    """The module of the sandbox. Raises UserError when that extra is not installed."""
    import importlib

    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        raise UserError(
            f"the sandbox needs {error.name}: install it with `pip install 'gitbot[sandbox]'`"
        ) from error
