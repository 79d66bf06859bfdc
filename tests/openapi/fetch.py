"""Fetch GitHub's OpenAPI description and webhook schemas, and CommonMark's specification, from npm
into .cache/ (once)."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

CACHE = Path(__file__).parents[2] / ".cache" / "published"
FILES = {
    "api.json": ("@octokit/openapi@23.0.2", "package/generated/api.github.com.json"),
    "webhooks.json": ("@octokit/webhooks-schemas@7.6.1", "package/schema.json"),
    "commonmark.txt": ("commonmark-spec@0.31.2", "package/spec.txt"),
}


def fetch(target: str) -> Path:
    """The cached file; downloaded with ``npm pack`` where it is not there yet."""
    path = CACHE / target
    if path.exists():
        return path
    package, member = FILES[target]
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        packed = subprocess.run(
            ["npm", "pack", "--silent", "--json", package],
            cwd=folder,
            check=True,
            capture_output=True,
            text=True,
        )
        name = json.loads(packed.stdout)[0]["filename"].replace("@", "").replace("/", "-")
        with tarfile.open(Path(folder) / name) as archive:
            content = archive.extractfile(member)
            if content is None:
                raise FileNotFoundError(f"{member} is not in {package}")
            partial = path.with_suffix(".part")
            partial.write_bytes(content.read())
            partial.replace(path)
    return path


if __name__ == "__main__":
    for wanted in FILES:
        sys.stdout.write(f"{fetch(wanted)}\n")
