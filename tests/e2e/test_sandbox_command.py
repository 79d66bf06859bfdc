"""``gitbot sandbox`` works as it prints, and leaves nothing running."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from gitbot_sandbox.sandbox import eventually

pytestmark = pytest.mark.story

SANDBOX = (sys.executable, "-m", "gitbot", "sandbox")
ANY_PORT = ("--github-port", "0", "--aws-port", "0", "--port", "0")
SPEC = "specs/dev/artifact-bucket.yaml"


def _git(*arguments: str, cwd: Path) -> None:
    person = ("-c", "user.name=Bob", "-c", "user.email=bob@example.org")
    environ = {"PATH": os.environ["PATH"], "HOME": str(cwd), "GIT_TERMINAL_PROMPT": "0"}
    subprocess.run(["git", *person, *arguments], cwd=cwd, env=environ, check=True, timeout=100)


def _page(url: str, **form: str) -> tuple[str, str]:
    """The address and the text that a request leads to."""
    data = urllib.parse.urlencode(form).encode() if form else None
    with urllib.request.urlopen(url, data=data, timeout=100) as reply:
        return reply.url.partition("?")[0], reply.read().decode()


def _is_gone(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=5).close()
    except OSError:  # also where it ends while it answers
        return True
    return False


def test_a_push_to_the_printed_address_leads_to_a_plan_and_all_ends_with_the_terminal(
    tmp_path: Path,
) -> None:
    with subprocess.Popen(
        [*SANDBOX, *ANY_PORT],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    ) as process:
        try:
            assert process.stdout is not None
            said = ""
            while "Ctrl-C ends it." not in said:
                line = process.stdout.readline()
                assert line, said
                said += line
            urls = dict(re.findall(r"^(GitHub|AWS|gitbot): +(\S+)$", said, re.MULTILINE))
            [address] = re.findall(r"^as bob: git clone (\S+)$", said, re.MULTILINE)

            _git("clone", "--quiet", address, "clone", cwd=tmp_path)
            clone = tmp_path / "clone"
            _git("switch", "--quiet", "-c", "longer", cwd=clone)
            spec = clone / SPEC
            spec.write_text(spec.read_text().replace("default: 30", "default: 60"))
            _git("commit", "--quiet", "-am", "Keep versions longer", cwd=clone)
            _git("push", "--quiet", "origin", "longer", cwd=clone)
            where, _ = _page(f"{urls['GitHub']}/acme/ml-platform/pulls", head="longer", login="bob")
            eventually(lambda: "TransitionInDays: 60" in _page(where)[1], what="the plan")
        finally:
            process.send_signal(signal.SIGHUP)
            status = process.wait(timeout=100)
    assert status == 0
    assert all(_is_gone(url) for url in urls.values())
    assert list(tmp_path.glob("gitbot-sandbox-*")) == []


@pytest.mark.parametrize("option", ["--github-port", "--aws-port", "--port"])
def test_a_port_in_use_is_reported_before_anything_starts(option: str) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        asked = [*SANDBOX, *ANY_PORT, option, str(port)]
        ended = subprocess.run(asked, capture_output=True, text=True, timeout=100, check=False)
    assert ended.returncode == 1
    assert f"port {port}" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""


@pytest.fixture
def printed(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """A running sandbox command and the addresses that it prints."""
    with subprocess.Popen(
        [*SANDBOX, *ANY_PORT],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    ) as process:
        assert process.stdout is not None
        said = ""
        while "Ctrl-C ends it." not in said:
            line = process.stdout.readline()
            assert line, said
            said += line
        yield process, dict(re.findall(r"^(GitHub|AWS|gitbot): +(\S+)$", said, re.MULTILINE))
        process.kill()


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_a_sandbox_that_is_killed_leaves_no_server(
    printed: tuple[subprocess.Popen[str], dict[str, str]],
) -> None:
    process, urls = printed
    process.kill()
    eventually(lambda: _is_gone(urls["gitbot"]), what="the end of the server")


@pytest.mark.skipif(sys.platform != "linux", reason="finds the server in /proc")
def test_a_sandbox_whose_server_dies_says_so_and_ends(
    printed: tuple[subprocess.Popen[str], dict[str, str]],
) -> None:
    process, _ = printed
    for child in _children(process.pid):
        os.kill(child, signal.SIGKILL)
    assert process.stdout is not None
    said = process.stdout.read()
    assert process.wait(timeout=100) == 1
    assert "the gitbot server of the sandbox has ended" in said
