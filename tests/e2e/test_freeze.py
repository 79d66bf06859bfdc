"""A freeze holds merges until it ends: by hand, by a window, and for whom it does not count."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gitbot_sandbox.sandbox import ADMIN, WRITER, eventually
from gitbot_sandbox.stage import Stage
from tests.e2e.conftest import environment
from tests.e2e.specs import bucket, group
from tests.e2e.test_attacks import apply_and_be_answered, buckets, project
from tests.e2e.test_pull_requests import APPLIED
from tests.e2e.test_review import digests

pytestmark = pytest.mark.story


def tip_check(stage: Stage, title: str) -> str:
    """The summary of the newest check of dev's applies whose title has this part."""

    def look() -> list[str]:
        runs = list(stage.github.repository(stage.name).check_runs.values())
        return [
            run.summary or ""
            for run in runs
            if run.name == "gitbot/dev/apply" and title in (run.title or "")
        ]

    return eventually(look, what=f"a check that says {title}")[-1]


def test_a_freeze_by_hand_keeps_merges_until_somebody_ends_it(stage: Stage) -> None:
    chat = stage.github.create_issue(stage.name, WRITER, "Launch").number
    told = apply_and_be_answered(stage, chat, WRITER, "/freeze dev because the Übergabe @bob")
    number = int(told.partition("frozen. #")[2].split()[0])
    issue = stage.github.issue(stage.name, number)
    assert (issue.title, issue.state) == ("dev is frozen", "open")
    assert "`the Übergabe @bob`" in (issue.body or "")
    repository = stage.github.repository(stage.name).id
    assert (issue.body or "").startswith(f"<!-- gitbot:freeze:{repository}:dev:")
    assert "frozen already" in apply_and_be_answered(stage, chat, ADMIN, "/freeze dev because x")

    named = "  permissions: {drift: {teams: [acme/nobody]}}\n"
    rules = {"specs/dev/environment.yaml": environment(project(stage), "dev", named)}
    early = stage.open("early", "Early", {"specs/dev/e.yaml": group("early"), **rules})
    shown = stage.plan_comment(early).body
    assert "**⚠ Nobody can be found** in `acme/nobody`" in shown
    assert "⏳ Frozen now" in shown
    assert "/apply dev" not in shown
    assert "dev/early is frozen" in apply_and_be_answered(stage, early, WRITER, "/apply dev")

    late = stage.open("late", "Late", {"specs/dev/b.yaml": bucket("late")})
    stage.plan_comment(late)
    stage.github.merge(stage.name, late, ADMIN)
    waits = stage.comment(late, APPLIED, "⏳ Waits: frozen").body
    assert f"bob froze dev (#{number}) because `the Übergabe @bob`" in waits
    assert "`/unfreeze dev`" in waits
    assert "bob froze dev" in tip_check(stage, "frozen: bob froze dev")
    assert buckets(stage) == []

    gone = apply_and_be_answered(stage, late, WRITER, "/cancel dev/late")
    assert "withdrawn: `dev/late`" in gone
    assert "no apply of dev is held or waits" in apply_and_be_answered(
        stage, late, WRITER, "/cancel dev"
    )
    ended = apply_and_be_answered(stage, number, WRITER, "/unfreeze")
    assert "`dev` is not frozen by hand any more" in ended
    assert stage.github.issue(stage.name, number).state == "closed"
    assert "bob withdrew it" in tip_check(stage, "not everything could be applied")
    assert buckets(stage) == []
    assert "1 created" in apply_on(stage, late, "/apply dev")
    assert len(buckets(stage)) == 1
    # What was offered before the freeze is offered again.
    stage.comment(early, "gitbot plan", "/apply dev")


def apply_on(stage: Stage, number: int, line: str) -> str:
    stage.github.comment(stage.name, number, WRITER, line)
    return stage.comment(number, APPLIED, "✓ Applied").body


def test_a_window_lets_what_waits_go_at_its_end_and_a_team_before(stage: Stage) -> None:
    now = stage.github.clock.now()
    start, end = (f"{now + timedelta(hours=n):%Y-%m-%dT%H:%MZ}" for n in (-1, 2))
    window = (
        f"  freeze:\n    - {{name: launch, deny: [apply], from: {start}, until: {end}, "
        'stacks: ["late*"], override: {teams: [acme/nobody, acme/sre]}}\n'
    )
    rules = {"specs/dev/environment.yaml": environment(project(stage), "dev", window)}
    stage.github.create_team("acme", "sre", [ADMIN])
    unseen = {"specs/dev/late0.yaml": group("late0")}
    stage.github.push_files(stage.name, "main", rules | unseen, ADMIN, message="Freeze")

    waiting = []
    for name in ("late1", "late2"):
        number = stage.open(name, name, {f"specs/dev/{name}.yaml": bucket(name)})
        waiting.append((number, digests(stage.plan_comment(number).body)[0]))
        stage.github.merge(stage.name, number, ADMIN)
        body = stage.comment(number, APPLIED, "⏳ Waits: frozen").body
        assert "the window `launch` (open until" in body
        assert "acme/sre can apply it now" in body
        assert "(nobody can be found in acme/nobody)" in body
        assert "Nobody agreed to its plan" in body.partition("`dev/late0`")[2].partition("##")[0]
    (first, digest), (second, _) = waiting
    line = f"/apply dev {digest} because the site is down"
    assert "may not override `launch`" in apply_and_be_answered(stage, first, WRITER, line)
    plain = apply_and_be_answered(stage, first, ADMIN, f"/apply dev {digest}")
    assert "dev/late1 is frozen" in plain
    assert "(nobody can be found in acme/nobody)" in plain
    stage.github.comment(stage.name, first, ADMIN, line)
    stage.comment(first, APPLIED, "✓ Applied", "late1")
    assert [name[-5:] for name in buckets(stage)] == ["late1"]

    stage.move_time("3h")
    stage.comment(second, APPLIED, "✓ Applied", "late2")
    assert sorted(name[-5:] for name in buckets(stage)) == ["late1", "late2"]
    over = (f"`dev/{name}`\n\n**⌛ Waited: it was frozen.**" for name in ("late0", "late2"))
    assert "⏳ Waits" not in stage.comment(second, APPLIED, *over).body

    apply_and_be_answered(stage, second, WRITER, "/freeze dev because x")
    stage.github.push_files(
        stage.name, "main", {"specs/dev/late3.yaml": group("late3")}, ADMIN, message="More"
    )
    summary = eventually(
        lambda: next(filter(lambda text: "late3" in text, [tip_check(stage, "held: ")]), None),
        what="a check that tells of late3",
    )
    assert "`dev/late0`\n\n**⏸ Held until somebody says so**" in summary
    assert "`dev/late3`\n\n**⏳ Waits: frozen**" in summary
