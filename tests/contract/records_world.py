"""Make the values that the stores keep."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from gitbot.model.commands import Command, CommandRef, Source
from gitbot.model.names import Address, EnvironmentKey, Sha, StackId
from gitbot.model.plan import Action, Change, PathChange, Plan
from gitbot.model.runs import Claim, Run, RunKind, RunStatus

DEV = EnvironmentKey(repository="7", environment="dev")
STACK = StackId(repository="7", environment="dev", name="trainer", region="eu-west-1")
OTHER = replace(STACK, name="bucket")
PROD = replace(STACK, environment="prod")
NOON = datetime(2026, 5, 1, 12, 0, 0, 123456, tzinfo=UTC)
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
HEAD = Sha("a" * 40)
TIP = Sha("b" * 40)
DIGEST = "d" * 64


def plan(**more: Any) -> Plan:
    change = Change(
        address=Address("bucket"),
        type="AWS::S3::Bucket",
        action=Action.CREATE,
        paths=(PathChange(path="/BucketName", after="b", added=True),),
    )
    return Plan(
        **{
            "stack": STACK,
            "account": "123456789012",
            "commit": TIP,
            "serial": 3,
            "lineage": "l",
            "desired_hash": "h",
            "digest": DIGEST,
            "changes": (change,),
            **more,
        }
    )


def run(id_: str = "run-1", **more: Any) -> Run:
    return Run(
        **{
            "id": id_,
            "kind": RunKind.PLAN,
            "stack": STACK,
            "commit": Sha("c" * 40),
            "head": HEAD,
            "tip": TIP,
            "pull_request": 5,
            "status": RunStatus.RUNNING,
            "digest": DIGEST,
            "does": True,
            "actor": "ana",
            "started_at": NOON,
            **more,
        }
    )


def apply(id_: str, status: RunStatus = RunStatus.APPLIED, **more: Any) -> Run:
    """An apply of the tip."""
    return run(id_, **{"kind": RunKind.APPLY, "status": status, "head": None, **more})


def ref(comment: int = 100, line: int = 0, **more: Any) -> CommandRef:
    return CommandRef(
        **{
            "source": Source.COMMENT,
            "comment": comment,
            "text_at": NOON.replace(microsecond=0),
            "line": line,
            **more,
        }
    )


def command(of: CommandRef | None = None, **more: Any) -> Command:
    return Command(
        **{
            "ref": of or ref(),
            "repository": "7",
            "number": 5,
            "author": "ana",
            "verb": "apply",
            "arguments": {"environment": "dev", "digest": "1234567812345678"},
            "written_at": NOON.replace(microsecond=0),
            **more,
        }
    )


def claim(stack: StackId = STACK, pull_request: int = 5, **more: Any) -> Claim:
    return Claim(
        stack=stack,
        pull_request=pull_request,
        **{"claimed_by": "ana", "claimed_at": NOON, "head": HEAD, **more},
    )
