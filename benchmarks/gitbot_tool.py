"""Run gitbot as a person does: specs in a git clone, and its command line. Shell."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
from collections.abc import Collection, Mapping
from pathlib import Path

from benchmarks.measuring import Finished, measured
from gitbot_sandbox.sandbox import example_files

ENVIRONMENT = "specs/dev/environment.yaml"
BUCKET = "specs/dev/artifact-bucket.yaml"
TRAINER = "specs/dev/gpu-trainer.yaml"
EXAMPLE_AMI = "ami-0a1b2c3d4e5f60718"
AMI = "ami-12c6146b"
"""An image that moto knows, because Terraform asks for its root device."""


def copies(count: int) -> dict[str, str]:
    """The spec files of ``count`` copies of the example stacks of dev, each with names of its
    own."""
    example = example_files()
    files = {ENVIRONMENT: example[ENVIRONMENT].replace(EXAMPLE_AMI, AMI)}
    for number in range(count):
        files[f"specs/dev/artifact-bucket-{number:03}.yaml"] = (
            example[BUCKET]
            .replace("name: artifact-bucket", f"name: artifact-bucket-{number:03}")
            .replace("-artifacts", f"-artifacts-{number:03}")
        )
        files[f"specs/dev/gpu-trainer-{number:03}.yaml"] = example[TRAINER].replace(
            "name: gpu-trainer", f"name: gpu-trainer-{number:03}"
        )
    return files


class Gitbot:
    """A clone, a store beside it, and the command line."""

    def __init__(
        self,
        folder: Path,
        files: Mapping[str, str],
        environ: Mapping[str, str],
        *,
        store: str = "",
    ) -> None:
        """``store``: where state is kept; empty for a file in the folder."""
        self._clone = folder / "clone"
        self._store = store or str(folder / "state.db")
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        keys = {name: secrets.token_hex(32) for name in ("GITBOT_HASH_KEY", "GITBOT_STORE_KEY")}
        self._environ = {**kept, **environ, **keys}
        self._clone.mkdir(parents=True)
        self._git("init", "--quiet", "--initial-branch=main")
        self.write(files)

    def call_at(self, url: str) -> None:
        """Call AWS at this address from now on."""
        self._environ["AWS_ENDPOINT_URL"] = url

    def write(self, files: Mapping[str, str]) -> None:
        """Write the files into the clone and commit them."""
        for path, text in files.items():
            file = self._clone / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        self._git("add", "--all")
        self._git("commit", "--quiet", "--message=Specs of the benchmark")

    def _git(self, *arguments: str) -> None:
        who = ("-c", "user.name=bench", "-c", "user.email=bench@example.com")
        subprocess.run(["git", *who, *arguments], cwd=self._clone, check=True)

    def run(self, *arguments: str, ok: Collection[int] = (0,)) -> Finished:
        """Run ``gitbot …`` in the clone."""
        command = [sys.executable, "-m", "gitbot", *arguments]
        return measured(command, cwd=self._clone, environ=self._environ, ok=ok)

    def validate(self) -> Finished:
        """Validate offline; this also warms the file system's caches."""
        return self.run("validate")

    def plan(self, *more: str, ok: Collection[int] = (0,)) -> Finished:
        """Plan everything in dev. By default only an empty plan is a success."""
        return self.run("plan", "dev", "--detailed-exitcode", *self._stored, *more, ok=ok)

    def apply(self) -> Finished:
        """Apply everything in dev."""
        return self.run("apply", "dev", "--yes", "--new-store", *self._stored)

    def digests_to_destroy(self) -> str:
        """The digests of the plans that would destroy everything, as one argument.

        Buckets are stateful, so ``--yes`` is not enough; the refusal names the digests.
        """
        refused = self.run("destroy", "dev", *self._stored, ok=(1,))
        found = re.search(r"--digest ([0-9a-f,]+)", refused.stderr)
        if found is None:
            raise RuntimeError(f"gitbot destroy named no digest:\n{refused.stderr[-2000:]}")
        return found[1]

    def destroy(self, digests: str) -> Finished:
        """Destroy everything that state knows."""
        return self.run("destroy", "dev", "--digest", digests, *self._stored)

    @property
    def _stored(self) -> tuple[str, str]:
        return "--store", self._store
