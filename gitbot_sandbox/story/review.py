"""The first part: two pull requests, a mistake, a refusal, a result. Shell."""

from __future__ import annotations

from gitbot_sandbox.sandbox import ADMIN, READER, WRITER, eventually, example_files
from gitbot_sandbox.stage import Stage
from gitbot_sandbox.story.telling import Chapter, gist, in_one_line

REPOSITORY = "ml-platform"
BUCKET = "specs/dev/artifact-bucket.yaml"
TRAINER = "specs/dev/gpu-trainer.yaml"


def _repository(stage: Stage) -> tuple[str, tuple[str, ...]]:
    environments = {
        path: "".join(line for line in text.splitlines(keepends=True) if "promotesFrom" not in line)
        for path, text in example_files().items()
        if path.endswith("environment.yaml")
    }
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
    stage.approve(number, ADMIN, "SSH from one address: good.")
    command = stage.github.comment(stage.name, number, READER, "/apply dev")
    answer = stage.answer(number, command)
    assert not stage.instances()
    return stage.page(number), (f"{READER}: /apply dev", f"gitbot: {in_one_line(answer.body)}")


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
)
