"""Play the story of ``gitbot demo``: two pull requests, a mistake, a refusal, an end. Shell."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from gitbot_sandbox.sandbox import ADMIN, READER, WRITER, Sandbox, eventually, example_files
from gitbot_sandbox.stage import Stage

REPOSITORY = "ml-platform"
BUCKET = "specs/dev/artifact-bucket.yaml"
TRAINER = "specs/dev/gpu-trainer.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that happened: its title, the address of its page, and what the page shows."""

    title: str
    url: str
    seen: tuple[str, ...]
    took_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """A part of the story; ``play`` returns the address to look at and the lines to show."""

    title: str
    play: Callable[[Stage], tuple[str, tuple[str, ...]]]


def play(sandbox: Sandbox) -> Iterator[Step]:
    """Play every chapter, in order.

    Raises:
        TimeoutError: something that should have happened did not; names it.
        AssertionError: something else happened.
    """
    stage = Stage(sandbox)
    for chapter in CHAPTERS:
        started = time.monotonic()
        url, seen = chapter.play(stage)
        yield Step(title=chapter.title, url=url, seen=seen, took_s=time.monotonic() - started)


def _repository(stage: Stage) -> tuple[str, tuple[str, ...]]:
    environments = {p: t for p, t in example_files().items() if p.endswith("environment.yaml")}
    stage.name = stage.sandbox.create_repository(
        REPOSITORY, {"README.md": "# The cloud of the ML platform\n", **environments}
    )
    stage.sandbox.start_server()
    return f"{stage.github.url}/{stage.name}", tuple(sorted(environments))


def _bucket_planned(stage: Stage) -> tuple[str, tuple[str, ...]]:
    number = stage.open("artifacts", "Add the artifact bucket", {BUCKET: example_files()[BUCKET]})
    comment = stage.plan_comment(number)
    check = stage.check(number, "gitbot/dev")
    return stage.page(number), (*gist(comment.body), f"check {check.name}: {check.conclusion}")


def _bucket_merged(stage: Stage) -> tuple[str, tuple[str, ...]]:
    number = stage.pulls["artifacts"]
    stage.github.merge(stage.name, number, ADMIN, method="squash")
    comment = stage.result(number, "dev")
    buckets = [b["Name"] for b in stage.sandbox.aws.client("s3").list_buckets()["Buckets"]]
    assert buckets == ["ml-platform-dev-artifacts"], buckets
    return stage.page(number), (*gist(comment.body), f"AWS has the bucket {buckets[0]}")


def _trainer_mistyped(stage: Stage) -> tuple[str, tuple[str, ...]]:
    wrong = (
        example_files()[TRAINER]
        .replace("SecurityGroupIngress:", "SecurityGroupIngres:")
        .replace("my_ip: 203.0.113.5/32", "my_ip: 0.0.0.0/0")
    )
    number = stage.open("trainer", "Add the GPU trainer", {TRAINER: wrong})
    comment = stage.plan_comment(number)
    check = stage.check(number, "gitbot/dev")
    assert check.conclusion == "failure", check
    assert "SecurityGroupIngres" in comment.body, comment.body
    stage.pulls["comment"] = comment.id
    where = [f"{a['path']}:{a['start_line']}: {a['title']}" for a in check.annotations]
    return stage.page(number), (f"check {check.name}: {check.conclusion}", *where)


def _trainer_corrected(stage: Stage) -> tuple[str, tuple[str, ...]]:
    number = stage.pulls["trainer"]
    files = {TRAINER: example_files()[TRAINER]}
    stage.github.push_files(stage.name, "trainer", files, WRITER, message="Mend the typing mistake")
    comment = stage.plan_comment(number)
    check = stage.check(number, "gitbot/dev")
    assert comment.id == stage.pulls["comment"], "the comment was not edited in place"
    assert check.conclusion == "success", check
    return stage.page(number), (*gist(comment.body), "the same comment, edited in place")


def _refused(stage: Stage) -> tuple[str, tuple[str, ...]]:
    number = stage.pulls["trainer"]
    stage.github.approve(stage.name, number, ADMIN, "SSH from one address: good.")
    command = stage.github.comment(stage.name, number, READER, "/apply dev")
    answer = stage.answer(number, command)
    assert not stage.instances()
    return stage.page(number), (f"{READER}: /apply dev", f"gitbot: {_plain(answer.body)}")


def _trainer_merged(stage: Stage) -> tuple[str, tuple[str, ...]]:
    number = stage.pulls["trainer"]
    sha = stage.github.merge(stage.name, number, ADMIN)
    comment = stage.result(number, "dev")
    deployments = stage.github.repository(stage.name).deployments.values()

    def done() -> str | None:
        states = [d.statuses[-1].state for d in deployments if d.sha == sha and d.statuses]
        return states[-1] if states and states[-1] in ("success", "failure") else None

    state = eventually(done, what="the deployment of dev")
    assert state == "success", state
    return stage.page(number), (*gist(comment.body), f"GitHub Deployment of dev: {state}")


def _nothing_to_do(stage: Stage) -> tuple[str, tuple[str, ...]]:
    number = stage.pulls["trainer"]
    stage.github.comment(stage.name, number, ADMIN, "/apply dev")
    comment = stage.result(number, "dev", "othing to do")
    return stage.page(number), (f"{ADMIN}: /apply dev", *gist(comment.body))


def _asked_aws(stage: Stage) -> tuple[str, tuple[str, ...]]:
    (instance,) = stage.instances()
    tags = {t["Key"]: t["Value"] for t in instance["Tags"]}  # type: ignore[attr-defined]
    mine = ", ".join(f"{k}={v}" for k, v in sorted(tags.items()) if not k.startswith("gitbot:"))
    assert {"env", "owner", "cost", "Name"} <= set(tags), tags
    return f"{stage.sandbox.aws.url}/_sandbox/", (
        f"{instance['InstanceId']} {instance['InstanceType']} {instance['State']['Name']}",  # type: ignore[index]
        f"tags: {mine}",
    )


def _removed(stage: Stage) -> tuple[str, tuple[str, ...]]:
    number = stage.open("farewell", "Remove the GPU trainer", {TRAINER: None})
    comment = stage.plan_comment(number)
    return stage.page(number), gist(comment.body)


def _destroyed(stage: Stage) -> tuple[str, tuple[str, ...]]:
    number = stage.pulls["farewell"]
    stage.github.merge(stage.name, number, ADMIN)
    comment = stage.result(number, "dev")
    assert not stage.instances(), stage.instances()
    groups = stage.sandbox.aws.client("ec2").describe_security_groups()["SecurityGroups"]
    assert [g["GroupName"] for g in groups] == ["default"], groups
    keys = stage.sandbox.aws.client("ec2").describe_key_pairs()["KeyPairs"]
    assert not keys, keys
    return stage.page(number), (
        *gist(comment.body),
        "AWS has no instance, security group and key pair of the trainer any more",
    )


CHAPTERS = (
    Chapter(title="A repository with three environments, served by gitbot", play=_repository),
    Chapter(title="Bob proposes the artifact bucket; gitbot plans it", play=_bucket_planned),
    Chapter(title="Ada merges; gitbot applies", play=_bucket_merged),
    Chapter(title="Bob proposes the GPU trainer with a typing mistake", play=_trainer_mistyped),
    Chapter(
        title="Bob pushes the correction; the same comment shows the plan", play=_trainer_corrected
    ),
    Chapter(title="Ada approves; Eve, who may only read, says /apply", play=_refused),
    Chapter(
        title="Ada merges; gitbot applies, with outputs and a deployment", play=_trainer_merged
    ),
    Chapter(title="A second apply has nothing to do", play=_nothing_to_do),
    Chapter(title="AWS is asked directly", play=_asked_aws),
    Chapter(title="Bob deletes the trainer's file; gitbot plans its destruction", play=_removed),
    Chapter(title="Ada merges; the trainer is destroyed", play=_destroyed),
)


def gist(body: str, most: int = 12) -> tuple[str, ...]:
    """The first lines of a comment for a terminal, without markup and folded parts."""
    lines, folded = [], 0
    for line in body.splitlines():
        folded += line.count("<details") - line.count("</details")
        if folded or line.startswith(("<", "```")) or not line.strip():
            continue
        lines.append(line.replace("**", "").replace("`", "").lstrip("#> ").rstrip())
    return tuple(lines[:most])


def _plain(body: str) -> str:
    return " ".join(line for line in gist(body))
