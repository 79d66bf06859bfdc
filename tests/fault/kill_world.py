"""Give tests a clone with the example stacks, a local AWS, and gitbot processes to kill."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from gitbot.adapters.clock import SystemClock
from gitbot.adapters.processes import LocalProcesses
from gitbot.bootstrap.stores import open_state
from gitbot.model.codec import to_data
from gitbot.model.places import BucketPlace, place_of
from gitbot.model.recorded import RecordedResource, RecordedStack
from gitbot_sandbox.aws import LocalAws
from tests.fault.kill_places import STATE_BUCKET, STORE_KEY, FreshPlace, in_a_file

ROOT = Path(__file__).parents[2]
SPECS = ROOT / "specs"
KILLED = -9

Edit = Mapping[str, tuple[tuple[str, str], ...] | None]
"""By file below ``specs/dev``: texts to replace; None deletes the file."""


class Killer:
    """The process of ``kill_points``."""

    def __init__(self, aws: LocalAws) -> None:
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith("AWS_")
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.fault.kill_points"],
            cwd=ROOT,
            env={
                **environment,
                **aws.environment,
                "GITBOT_HASH_KEY": "k" * 32,
                "GITBOT_STORE_KEY": STORE_KEY,
                "NO_COLOR": "1",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, arguments: list[str], report: Path, **how: Any) -> int:
        """The exit status of one command, negative for a signal; ``how``: see ``kill_points``."""
        self.start(arguments, report, **how)
        return int(self.answer())

    def start(self, arguments: list[str], report: Path, **how: Any) -> None:
        """Begin a command, whose answers are to be read."""
        assert self._process.stdin is not None
        request = {"arguments": arguments, "report": str(report), **how}
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()

    def answer(self) -> Any:
        """The next answer of ``kill_points``; waits for it."""
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=30)
        self._process.stdout.close()


class KillWorld:
    """One clone, one place without state, one empty cloud."""

    def __init__(
        self, aws: LocalAws, killer: Killer, folder: Path, place: FreshPlace = in_a_file
    ) -> None:
        aws.reset()
        self.aws = aws
        self._killer = killer
        self._report = folder / "report.json"
        self.clone = folder / "infra"
        self.store = place(aws, folder)
        self._git_init()

    def gitbot(self, command: str, *more: str, **how: Any) -> int:
        """One command on dev; at most one resource at a time, so that boundaries have an order."""
        self._report.unlink(missing_ok=True)
        return self._killer.run(self.command(command, *more), self._report, **how)

    def command(self, command: str, *more: str) -> list[str]:
        """The arguments of a command on dev."""
        flags = ["--parallelism", "1", "--yes"] if command in ("apply", "destroy") else []
        flags += ["--new-store"] if command == "apply" else []
        where = ["--store", self.store, "--repo", str(self.clone)]
        return [command, "dev", *where, *flags, *more]

    @property
    def report(self) -> Any:
        """``crossed`` boundaries and ``printed`` text of the last command that was not killed."""
        return json.loads(self._report.read_text())

    def edit(self, edits: Edit) -> None:
        """Change specs and commit."""
        for name, changes in edits.items():
            file = self.clone / "specs/dev" / name
            if changes is None:
                file.unlink()
                continue
            text = file.read_text()
            for before, after in changes:
                assert before in text
                text = text.replace(before, after)
            file.write_text(text)
        self._git("add", "--all")
        self._git("commit", "--quiet", "--message", "edit")

    def specs(self) -> Mapping[str, str]:
        """The first specs, by their names in ``specs/dev``."""
        names = "environment.yaml", "artifact-bucket.yaml", "gpu-trainer.yaml"
        return {name: (SPECS / "dev" / name).read_text() for name in names}

    def _git_init(self) -> None:
        (self.clone / "specs/dev").mkdir(parents=True)
        for name, text in self.specs().items():
            (self.clone / "specs/dev" / name).write_text(text)
        self._git("init", "--quiet", "--initial-branch", "main")
        self._git("add", "--all")
        self._git("commit", "--quiet", "--message", "specs")

    def _git(self, *arguments: str) -> None:
        who = ["-c", "user.name=Test", "-c", "user.email=test@example.com"]
        subprocess.run(["git", *who, *arguments], cwd=self.clone, check=True, capture_output=True)

    # --- what is there

    def states(self) -> tuple[RecordedStack, ...]:
        """Every state of the store; asserts that all are of one environment, which nobody holds, and
        that nothing is open."""
        place = place_of(self.store)
        if isinstance(place, BucketPlace):
            place = replace(place, key=STORE_KEY)
        with open_state(place, SystemClock(), LocalProcesses()) as store:
            (key,) = store.known()
            lease = store.lease(key)
            assert lease is None or not lease.holder
            states = store.read_all(key)
        for state in states:
            assert not state.intents
            assert state.complete
        return states

    def live(self) -> dict[str, str]:
        """Every object in the cloud that somebody made, by identifier, with its power: that of an
        instance, empty for what has none."""
        ec2, s3 = self.aws.client("ec2"), self.aws.client("s3")
        instances = {
            each["InstanceId"]: each["State"]["Name"]
            for reservation in ec2.describe_instances()["Reservations"]
            for each in reservation["Instances"]
            if each["State"]["Name"] not in ("terminated", "shutting-down")
        }
        groups = [
            each["GroupId"]
            for each in ec2.describe_security_groups()["SecurityGroups"]
            if each["GroupName"] != "default"
        ]
        buckets = [each["Name"] for each in s3.list_buckets()["Buckets"]]
        buckets = [name for name in buckets if name != STATE_BUCKET]
        keys = [each["KeyName"] for each in ec2.describe_key_pairs()["KeyPairs"]]
        return {**instances, **dict.fromkeys([*groups, *buckets, *keys], "")}

    def assert_unwritten(self, texts: Iterable[bytes]) -> None:
        """No file that gitbot wrote, its journals and reports included, has one of these texts."""
        wanted = list(texts)
        files = [file for file in self.clone.parent.rglob("*") if file.is_file()]
        assert any(file.name == "gitbot.db" for file in files)
        for file in files:
            found = file.read_bytes()
            assert not any(text in found for text in wanted), file

    def assert_whole(self, objects: int) -> None:
        """Exactly so many objects, each known to state, machines running, and an empty plan."""
        live = self.live()
        recorded = [one for state in self.states() for one in objects_of(state)]
        assert {each.remote_id for each in recorded} == live.keys()
        assert len(recorded) == len(live) == objects
        assert set(live.values()) <= {"running", ""}
        assert not any(each.tainted for each in recorded)
        assert self.gitbot("plan", "--detailed-exitcode") == 0, self.report["printed"]

    def documents(self) -> dict[str, Any]:
        """What state says, by stack, without what differs from cloud to cloud."""
        return {
            state.id.name: {
                "desired": state.desired_hash,
                "outputs": {name: one.definition for name, one in state.outputs.items()},
                "objects": [document(one) for one in objects_of(state)],
            }
            for state in self.states()
        }


def objects_of(state: RecordedStack) -> list[RecordedResource]:
    """Every object that the state knows, also those still to be deleted."""
    return [*state.resources.values(), *(old.resource for old in state.deposed)]


def document(resource: RecordedResource) -> Any:
    """The record, without the identifiers and the values that the cloud chose.

    Also without its generation: that follows the serial, which counts the writes before a death, too.
    """
    bare = replace(resource, attributes={}, generation=1)
    text = json.dumps(to_data(bare), sort_keys=True)
    named = json.loads(re.sub(r"\b(i|sg)-[0-9a-f]{17}\b", r"\1", text))
    return {**named, "attributes": sorted(resource.attributes)}
