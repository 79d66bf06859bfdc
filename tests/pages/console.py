"""The commands that a page tells people to type, run in one shell, and what it says they print.

In a block of the kind ``console``, a line that begins with ``$ `` is a command; one that ends with a
backslash goes on in the next. The lines below it are what it prints, errors included: ``…`` alone stands for any
lines, within a line for any text.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_MARK = "\x1e"
LONGEST_S = 240


@dataclass(frozen=True, slots=True)
class Typed:
    """A command, and the lines that it prints."""

    command: str
    prints: tuple[str, ...]


def typed(text: str) -> list[Typed]:
    """The commands of the page, in order."""
    found: list[Typed] = []
    for block in _BLOCK.findall(text):
        assert block.startswith("$ "), f"the block begins with no command: {block}"
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            lines = part.splitlines()
            end = next(at for at, line in enumerate(lines) if not line.endswith("\\")) + 1
            found.append(Typed("\n".join(lines[:end]), tuple(lines[end:])))
    return found


def printed(commands: list[Typed], folder: Path, environ: Mapping[str, str]) -> list[str]:
    """What each command printed, one after the other in one shell; ends with its status if not 0."""
    lines = ["exec 2>&1"]
    for one in commands:
        # In a group of its own line, so that `cd` and `export` stay for what follows.
        lines += [f"{{ {one.command}\n}}", f"status=$?; printf '{_MARK}%s{_MARK}' $status"]
    ran = subprocess.run(
        ["bash", "-c", "\n".join(lines)],
        cwd=folder,
        env=dict(environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
    )
    parts = ran.stdout.split(_MARK)
    pairs = zip(parts[::2], parts[1::2], strict=False)
    return [text if status == "0" else f"{text}(status {status})\n" for text, status in pairs]


def is_as_shown(prints: tuple[str, ...], output: str) -> bool:
    """Whether the output is what the page shows."""
    pattern = "".join(
        r"(?:.*\n)*?" if line.strip() == "…" else re.escape(line).replace("…", ".*") + r"\s*\n"
        for line in prints
    )
    return re.fullmatch(pattern, f"{output.strip()}\n" if output.strip() else "") is not None


def check(page: Path, folder: Path, environ: Mapping[str, str]) -> None:
    """Type all commands of the page in ``folder``, and compare what they print."""
    commands = typed(page.read_text())
    outputs = printed(commands, folder, environ)
    for one, output in zip(commands, outputs, strict=True):
        shown = "\n".join(one.prints)
        assert is_as_shown(one.prints, output), (
            f"$ {one.command}\nshows:\n{shown}\nprinted:\n{output}"
        )
