"""Plain factories for the tables of decisions: runs, claims, commands, pull requests, trees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from gitbot.model.commands import Command, CommandRef, Source
from gitbot.model.desired import DesiredStack, Environment, LoadedTree
from gitbot.model.diagnostic import Diagnostic, Severity, SourceSpan
from gitbot.model.forge import PullRequest
from gitbot.model.names import Sha, StackId
from gitbot.model.plan import Guard, GuardHit, Plan
from gitbot.model.recorded import StackHeader
from gitbot.model.runs import Claim, Run, RunKind, RunStatus

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
HEAD, OTHER_HEAD = Sha("a" * 40), Sha("b" * 40)
TIP, EARLIER_TIP = Sha("1" * 40), Sha("0" * 40)
REGION, ACCOUNT = "eu-west-1", "111111111111"
DEV = Environment(
    name="dev",
    region=REGION,
    account=ACCOUNT,
    source=SourceSpan(file="specs/dev/environment.yaml", line=1),
)
PROD = replace(DEV, name="prod", source=SourceSpan(file="specs/prod/environment.yaml", line=1))


def stack_id(name: str = "web", environment: str = "dev", region: str = REGION) -> StackId:
    return StackId(repository="1", environment=environment, name=name, region=region)


def a_run(id_: str = "r1", status: RunStatus = RunStatus.APPLIED, **more: Any) -> Run:
    """An apply of dev/web at the tip, asked for by #7. ``head`` makes it one before the merge."""
    tip, head = more.get("tip", TIP), more.get("head")
    values: dict[str, Any] = {
        "kind": RunKind.APPLY,
        "stack": stack_id(),
        "commit": head or tip,
        "head": None,
        "tip": tip,
        "pull_request": 7,
        "digest": "d1",
        "does": True,
        "actor": "ada",
        "started_at": NOW,
    }
    return Run(id=id_, status=status, **{**values, **more})


def a_claim(number: int = 7, name: str = "web", **more: Any) -> Claim:
    values: dict[str, Any] = {"stack": stack_id(name), "claimed_by": "ada", "head": HEAD}
    return Claim(pull_request=number, claimed_at=NOW, **{**values, **more})


def a_command(**arguments: str) -> Command:
    return Command(
        ref=CommandRef(source=Source.COMMENT, comment=1, text_at=NOW, line=0),
        repository="1",
        number=7,
        author="ada",
        verb="apply",
        arguments=arguments,
        written_at=NOW,
    )


def a_pull_request(number: int = 7, **more: Any) -> PullRequest:
    values: dict[str, Any] = {
        "title": "Add a bucket",
        "author": "carol",
        "head": HEAD,
        "head_ref": "bucket",
        "base": EARLIER_TIP,
        "base_ref": "main",
        "open": True,
        "merged": False,
        "draft": False,
        "from_fork": False,
        "mergeable": True,
        "merge_commit": None,
        "url": "",
    }
    return PullRequest(number=number, **{**values, **more})


def a_plan(name: str = "web", *, digest: str = "d1", guards: Sequence[str] = ()) -> Plan:
    hits = (GuardHit(guard=Guard.STATEFUL_DELETE, detail=detail) for detail in guards)
    return Plan(
        stack=stack_id(name),
        account=ACCOUNT,
        commit=None,
        serial=3,
        lineage="l",
        desired_hash="h1",
        changes=(),
        digest=digest,
        guards=tuple(hits),
    )


def a_stack(name: str = "web", hash_: str = "h1", environment: str = "dev") -> DesiredStack:
    return DesiredStack(
        environment=environment,
        name=name,
        region=REGION,
        resources={},
        hash=hash_,
        source=SourceSpan(file=f"specs/{environment}/{name}.yaml"),
    )


def a_header(name: str = "web", **more: Any) -> StackHeader:
    values: dict[str, Any] = {
        "id": stack_id(name),
        "lineage": "l",
        "serial": 4,
        "resources": 1,
        "left": 1,
        "places": frozenset({(ACCOUNT, REGION)}),
        "desired_hash": "h1",
        "commit": TIP,
    }
    return StackHeader(**{**values, **more})


def a_tree(
    *stacks: DesiredStack,
    environments: Sequence[Environment] = (DEV,),
    diagnostics: Sequence[Diagnostic] = (),
) -> LoadedTree:
    return LoadedTree(
        environments={each.name: each for each in environments},
        stacks=stacks,
        diagnostics=tuple(diagnostics),
    )


def a_problem(
    environment: str | None = "dev", severity: Severity = Severity.ERROR, line: int = 1
) -> Diagnostic:
    return Diagnostic(
        file=f"specs/{environment or 'stray'}/x.yaml",
        line=line,
        code="bad",
        summary="s",
        detail="d",
        fix="f",
        severity=severity,
        environment=environment,
    )
