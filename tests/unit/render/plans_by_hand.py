"""Give tests hand-written plans and views."""

from __future__ import annotations

from typing import Any

from gitbot.model.diagnostic import Diagnostic, Severity
from gitbot.model.names import Address, RemoteId, Sha, StackId
from gitbot.model.plan import (
    Action,
    Cause,
    Change,
    Drift,
    DriftKind,
    Guard,
    GuardHit,
    OutputChange,
    PathChange,
    Plan,
)
from gitbot.model.schema import Disruption, ReplaceOrder
from gitbot.model.values import Redacted, Unknown
from gitbot.render.comments import apply_comment
from gitbot.render.plan_comments import plan_comment
from gitbot.render.views import (
    ApplyCommentView,
    EnvironmentPlanView,
    Excerpts,
    PlanCommentView,
    StackPlanView,
)

HEAD, TIP = Sha("a" * 40), Sha("b" * 40)
SECRET = Redacted(digest="0123feed", key_id="k1")


def address(name: str) -> Address:
    return Address(name)


def plan(*changes: Change, **more: Any) -> Plan:
    stack = StackId(repository="1", environment="dev", name="gpu-trainer", region="us-east-1")
    given: dict[str, Any] = {"digest": "1a2b3c4d" + "0" * 56, **more}
    return Plan(
        stack=stack,
        account="123456789012",
        commit=HEAD,
        serial=3,
        lineage="l",
        desired_hash="h",
        changes=changes,
        **given,
    )


def created(name: str = "ssh", **properties: Any) -> Change:
    return Change(
        address=address(name),
        type="AWS::EC2::SecurityGroup",
        action=Action.CREATE,
        paths=tuple(
            PathChange(path=f"/{path}", after=value, added=True)
            for path, value in properties.items()
        ),
    )


RESTARTED = Change(
    address=address("trainer"),
    type="AWS::EC2::Instance",
    action=Action.UPDATE,
    remote_id=RemoteId("i-0abc"),
    disruption=Disruption.RESTART,
    paths=(
        PathChange(path="/InstanceType", before="g4dn.xlarge", after="g5.xlarge"),
        PathChange(path="/Tags/owner", before="somebody", after="ml", cause=Cause.DRIFT),
        PathChange(path="/UserData", before=SECRET, after=SECRET),
    ),
)
REPLACED = Change(
    address=address("data"),
    type="AWS::S3::Bucket",
    action=Action.REPLACE,
    remote_id=RemoteId("data-1"),
    stateful=True,
    disruption=Disruption.REPLACE,
    replace_order=ReplaceOrder.DELETE_FIRST,
    paths=(
        PathChange(
            path="/BucketName", before="data-1", after=Unknown(template="${x.Y}"), forces=True
        ),
    ),
    reasons=("BucketName can only be set at creation, so changing it means replacing.",),
)
DELETED = Change(
    address=address("old"),
    type="AWS::IAM::Role",
    action=Action.DELETE,
    remote_id=RemoteId("old-role"),
)
ADOPTED = Change(
    address=address("logs"),
    type="AWS::S3::Bucket",
    action=Action.ADOPT,
    remote_id=RemoteId("logs-1"),
    reasons=("The existing object logs-1 is taken over.",),
)
KEPT = Change(address=address("kept"), type="AWS::S3::Bucket", action=Action.NOOP)

DRIFTED = Drift(
    address=address("trainer"),
    type="AWS::EC2::Instance",
    kind=DriftKind.CHANGED,
    paths=(PathChange(path="/Tags/owner", before="somebody", after="ml"),),
)
HELD = GuardHit(
    guard=Guard.STATEFUL_REPLACE,
    detail="all data in `data-1` (data) is lost when it is replaced: nothing is copied",
    addresses=(address("data"),),
)
OUTPUTS = (
    OutputChange(name="trainer_id", after=Unknown(template="${trainer.InstanceId}"), added=True),
    OutputChange(name="password", before="s3cret", after="s3cret2", sensitive=True),
)
WHOLE = plan(
    created(GroupDescription="SSH from my IP only"),
    RESTARTED,
    REPLACED,
    DELETED,
    ADOPTED,
    KEPT,
    drift=(DRIFTED,),
    outputs=OUTPUTS,
    guards=(HELD,),
)


def diagnostic(**more: Any) -> Diagnostic:
    return Diagnostic(
        **{
            "file": "specs/dev/trainer.yaml",
            "line": 7,
            "column": 9,
            "code": "unknown-property",
            "summary": "This property is not known",
            "detail": "`SecurityGroupIngres` is not a property of `AWS::EC2::SecurityGroup`.",
            "fix": "Did you mean `SecurityGroupIngress`?",
            "environment": "dev",
            **more,
        }
    )


WARNING = diagnostic(line=3, severity=Severity.WARNING, summary="This is old")
EXCERPTS = Excerpts(
    blob_base="https://github.test/o/r/blob/aaaa",
    lines={("specs/dev/trainer.yaml", 7): "        SecurityGroupIngres:"},
)


def plan_view(*environments: EnvironmentPlanView, **more: Any) -> PlanCommentView:
    return PlanCommentView(
        head=HEAD, tip=TIP, tracked_branch="main", environments=environments, **more
    )


def plan_text(view: PlanCommentView) -> str:
    """The plan comment, which has one page, without the meaning of our words."""
    (page,) = plan_comment(view).pages
    return without_words(page)


def apply_text(view: ApplyCommentView) -> str:
    """The comment about an apply, which has one page, without the meaning of our words."""
    (page,) = apply_comment(view)
    return without_words(page)


def without_words(page: str) -> str:
    """The comment without the fold at its end that says what our words mean."""
    return page.partition("\n\n<details><summary>? ")[0]


def dev(shown: Plan, **more: Any) -> EnvironmentPlanView:
    given = {"offers": ("/apply dev",), **more}
    return EnvironmentPlanView(
        name="dev", stacks=(StackPlanView(name="gpu-trainer", plan=shown),), **given
    )
