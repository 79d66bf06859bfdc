"""Imports and parses, once, what each process that is forked from this one would for itself."""

from __future__ import annotations

import gc
import importlib
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

import boto3
import botocore.session

from gitbot.adapters.loader import child
from gitbot.bootstrap import loader_child
from gitbot.providers.aws.api_models import API_MODELS
from gitbot.providers.aws.types import NATIVE_TYPES

# What commands import when they need it.
MODULES = (
    "alembic.command",
    "alembic.config",
    "gitbot.adapters.clock",
    "gitbot.adapters.git.local",
    "gitbot.adapters.object_store.opening",
    "gitbot.adapters.object_store.rotation",
    "gitbot.adapters.object_store.state",
    "gitbot.adapters.stores.records",
    "gitbot.adapters.stores.state",
    "gitbot.bootstrap.engine",
    "gitbot.cli.specs",
    "gitbot.cli.stacks",
    "gitbot.cli.state",
    "gitbot.providers.aws.clouds",
    "gitbot.render.terminal",
    "psycopg",
    "rich.console",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.dialects.sqlite",
)
SERVICES = ("sts", "ec2", "s3", "iam")
"""EC2's description alone takes a third of a second to parse."""


def preload() -> None:
    """Import the modules, let ``API_MODELS`` keep what clients of the services need, and let the loader's
    children be forks, too."""
    for name in MODULES:
        importlib.import_module(name)
    core = botocore.session.get_session()
    core.register_component("data_loader", API_MODELS)
    session = boto3.Session(
        botocore_session=core, aws_access_key_id="nobody", aws_secret_access_key="nothing"
    )
    for service in SERVICES:
        session.client(service, region_name="us-east-1")
    list(NATIVE_TYPES)  # imports the modules of all services
    child.subprocess = _Forking
    gc.freeze()


class _Child:
    """The loader's child as a fork: its program without the second of imports before it."""

    def __init__(self, arguments: Sequence[str], *, env: Mapping[str, str], **_: object) -> None:
        assert tuple(arguments[1:4]) == child._CHILD
        requests, to_child = os.pipe()
        from_child, answers = os.pipe()
        self.returncode: int | None = None
        self.pid = os.fork()
        if self.pid == 0:
            _serve(arguments[4:], env, requests, answers)
        os.close(requests)
        os.close(answers)
        self.stdin: BinaryIO = os.fdopen(to_child, "wb")
        self.stdout: BinaryIO = os.fdopen(from_child, "rb")

    def kill(self) -> None:
        if self.returncode is None:
            os.kill(self.pid, 9)

    def wait(self) -> int:
        if self.returncode is None:
            _, status = os.waitpid(self.pid, 0)
            self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode


def _serve(arguments: Sequence[str], env: Mapping[str, str], requests: int, answers: int) -> None:
    """Be the child; never returns."""
    os.setsid()
    os.chdir("/")
    os.environ.clear()
    os.environ.update(env)
    for stream, end in ((0, requests), (1, answers), (2, os.open(os.devnull, os.O_WRONLY))):
        os.dup2(end, stream)
    os.closerange(3, 1024)
    sys.argv = ["loader_child", *arguments]
    sys.stdin, sys.stdout = os.fdopen(0), os.fdopen(1, "w")
    status = 1
    try:
        loader_child.main()
        status = 0
    finally:
        os._exit(status)


def _start(arguments: Sequence[str], **how: Any) -> Any:
    """A fork, or the real process where threads run: a fork has none of them, but the locks that they hold."""
    alone = threading.active_count() == 1
    return _Child(arguments, **how) if alone else subprocess.Popen(arguments, **how)


class _Forking:
    """In the place of the module ``subprocess``."""

    PIPE, DEVNULL = subprocess.PIPE, subprocess.DEVNULL
    Popen = staticmethod(_start)
