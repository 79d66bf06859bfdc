"""The second part: a change goes from dev to staging to prod, and each keeps what is its own. Shell."""

from __future__ import annotations

from gitbot_sandbox.github.entities import Pull
from gitbot_sandbox.sandbox import ADMIN, eventually, example_files
from gitbot_sandbox.stage import Stage
from gitbot_sandbox.story.review import TRAINER
from gitbot_sandbox.story.telling import Chapter, gist

OTHERS = ("staging", "prod")
LARGER = ("default: 100", "default: 200")


def _staging_and_prod(stage: Stage) -> tuple[str, tuple[str, ...]]:
    names = [
        f"specs/{each}/{file}.yaml" for each in OTHERS for file in ("environment", "gpu-trainer")
    ]
    files: dict[str, str | None] = {name: example_files()[name] for name in names}
    number = stage.open("others", "Bring the GPU trainer to staging and prod", files)
    shown = stage.plan_comment(number)
    stage.github.merge(stage.name, number, ADMIN)
    for each in OTHERS:
        stage.result(number, each, "✓ Applied")
    return stage.page(number), gist(shown.body)


def _changed_in_dev(stage: Stage) -> tuple[str, tuple[str, ...]]:
    text = example_files()[TRAINER].replace(*LARGER)
    number = stage.open("disk", "Give the trainer a larger disk", {TRAINER: text})
    stage.plan_comment(number)
    stage.github.merge(stage.name, number, ADMIN)
    comment = stage.result(number, "dev", "✓ Applied")
    return stage.page(number), gist(comment.body)


def _promoted_to_staging(stage: Stage) -> tuple[str, tuple[str, ...]]:
    pull = _promotion(stage, "dev_to_staging")
    stage.plan_comment(pull.number)
    text = _text(stage, pull, "staging")
    assert LARGER[1] in text, text
    assert "instance_type: g4dn.2xlarge" in text, text
    stage.approve(pull.number, ADMIN, "The disk alone: good.")
    stage.github.merge(stage.name, pull.number, ADMIN)
    comment = stage.result(pull.number, "staging", "✓ Applied")
    said = stage.github.issue(stage.name, pull.number)
    return stage.page(pull.number), (
        f"gitbot: {said.title}",
        "staging keeps its instance type, g4dn.2xlarge; the disk alone changes",
        *gist(comment.body),
    )


def _waits_for_prod(stage: Stage) -> tuple[str, tuple[str, ...]]:
    pull = _promotion(stage, "staging_to_prod")
    stage.approve(pull.number, ADMIN, "Good, once staging has run with it.")
    stage.pulls["prod"] = pull.number
    return stage.page(pull.number), (f"check gitbot/promotion: {_waits_for(stage, pull)}",)


def _waits_for(stage: Stage, pull: Pull) -> str:
    """What the check about the promotion waits for, in its words."""

    def look() -> str | None:
        runs = list(stage.github.repository(stage.name).check_runs.values())
        here = [run for run in runs if run.sha == stage.head(pull.number)]
        titles = [run.title or "" for run in here if run.name == "gitbot/promotion"]
        return titles[-1] if titles and "opens" in titles[-1] else None

    return eventually(
        look, timeout_s=stage.patience_s, what="a check that says when its gate opens"
    )


def _soaked(stage: Stage) -> tuple[str, tuple[str, ...]]:
    number = stage.pulls["prod"]
    now = stage.move_time("2h")
    comment = stage.result(number, "prod", "✓ Applied")
    return stage.page(number), (
        f"it is {now:%H:%M} UTC by the sandbox's clock; gitbot has merged #{number}",
        *gist(comment.body),
    )


def _promotion(stage: Stage, edge: str) -> Pull:
    """The open pull request of gitbot with the trainer on the edge; waits until there is one."""

    def look() -> Pull | None:
        pulls = list(stage.github.repository(stage.name).pulls.values())
        begins = f"gitbot/promote/{edge}/"
        return next(
            (
                pull
                for pull in pulls
                if pull.head_ref.startswith(begins)
                and (page := stage.github.issue(stage.name, pull.number)).state == "open"
                and "gpu-trainer" in page.title
            ),
            None,
        )

    return eventually(look, timeout_s=stage.patience_s, what=f"a promotion {edge}")


def _text(stage: Stage, pull: Pull, environment: str) -> str:
    git = stage.github.hub.git(stage.github.repository(stage.name))
    return git.blob(f"{pull.head_sha}:specs/{environment}/gpu-trainer.yaml").decode()


CHAPTERS = (
    Chapter(
        title="Staging and prod get the trainer, with machines of their own size",
        play=_staging_and_prod,
    ),
    Chapter(title="Bob gives the trainer in dev a larger disk", play=_changed_in_dev),
    Chapter(title="gitbot proposes the same for staging; Ada merges", play=_promoted_to_staging),
    Chapter(title="gitbot proposes it for prod, and waits", play=_waits_for_prod),
    Chapter(title="Two hours later gitbot merges it", play=_soaked),
)
