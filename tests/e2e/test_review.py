"""A command, a release or a result counts only for what it was meant for."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing

import pytest

from gitbot_sandbox.sandbox import ADMIN, WRITER, eventually
from gitbot_sandbox.stage import ANSWER, Stage
from tests.e2e.conftest import environment
from tests.e2e.specs import bucket, group, stack
from tests.e2e.test_attacks import apply_and_be_answered, buckets, groups, project
from tests.e2e.test_pull_requests import APPLIED, held_digest, merged

pytestmark = pytest.mark.story


def digests(body: str) -> list[str]:
    """The digests beside the plans of a comment, in order."""
    return re.findall(r"[Dd]igest[^0-9a-f]{1,12}([0-9a-f]{16})\b", body)


def test_a_digest_names_one_stack_and_only_that_is_applied(stage: Stage) -> None:
    files: dict[str, str | None] = {
        "specs/dev/one.yaml": group("one"),
        "specs/dev/two.yaml": group("two"),
    }
    number = stage.open("both", "Both", files)
    first, second = digests(stage.plan_comment(number).body)
    stage.github.comment(stage.name, number, WRITER, f"/apply dev {second}")
    body = stage.comment(number, APPLIED).body
    assert "dev/two" in body
    assert "dev/one" not in body
    assert groups(stage) == [f"{project(stage)}-dev-two"]
    assert first != second


def test_results_of_two_environments_asked_for_in_one_comment_are_both_reported(
    stage: Stage,
) -> None:
    files: dict[str, str | None] = {
        "specs/dev/g.yaml": group("g"),
        "specs/prod/g.yaml": group("g"),
    }
    number = stage.open("both", "Both", files)
    stage.approve(number, ADMIN)
    stage.github.comment(stage.name, number, ADMIN, "/apply dev\n/apply prod")
    for name in ("dev", "prod"):
        body = stage.result(number, name).body
        assert "1 created" in body, body
    assert len(groups(stage)) == 2


def test_a_guarded_apply_before_the_merge_needs_its_digest_too(stage: Stage) -> None:
    merged(stage, {"specs/dev/b.yaml": bucket()}, "bucket")
    number = stage.open("gone", "Remove the bucket", {"specs/dev/b.yaml": None})
    stage.plan_comment(number)
    digest = held_digest(apply_and_be_answered(stage, number, WRITER, "/apply dev"))
    assert len(buckets(stage)) == 1
    stage.github.comment(stage.name, number, WRITER, f"/apply dev {digest}")
    eventually(lambda: buckets(stage) == [], what="the bucket's end")
    stage.comment(number, APPLIED, "1 deleted")
    # Whoever lost the reply is told how it ended, also while the plan is still made anew.
    assert "was applied at" in apply_and_be_answered(stage, number, WRITER, f"/apply dev {digest}")


def test_a_held_apply_that_the_next_merge_reverts_is_superseded(stage: Stage) -> None:
    merged(stage, {"specs/dev/b.yaml": bucket()}, "bucket")
    gone = stage.open("gone", "Remove the bucket", {"specs/dev/b.yaml": None})
    stage.plan_comment(gone)
    stage.github.merge(stage.name, gone, ADMIN)
    digest = held_digest(stage.comment(gone, APPLIED, "⏸ Held").body)
    back = stage.open("back", "Keep the bucket", {"specs/dev/b.yaml": bucket()})
    stage.plan_comment(back)
    stage.github.merge(stage.name, back, ADMIN)
    stage.comment(back, APPLIED, "othing to do")
    assert "no held apply" in apply_and_be_answered(stage, gone, ADMIN, f"/apply dev {digest}")
    assert len(buckets(stage)) == 1


def test_a_new_environment_is_held_whatever_it_says_and_a_broken_spec_is_told(
    stage: Stage,
) -> None:
    anyway = "  apply: {changedPlan: apply}\n"
    files: dict[str, str | None] = {
        "specs/test/environment.yaml": environment(project(stage), "test", anyway),
        "specs/test/g.yaml": group("g"),
    }
    number = stage.open("test", "Add an environment", files)
    shown = stage.plan_comment(number).body
    assert "planned after the merge" in shown
    assert "`apply.changedPlan`: `hold` → `apply` (**loosens the rules**)" in shown
    stage.github.merge(stage.name, number, ADMIN)

    # It applied everything that a new environment says, with any role, before anybody saw a plan.
    def held() -> list[str]:
        runs = list(stage.github.repository(stage.name).check_runs.values())
        asked = [
            r for r in runs if (r.name, r.conclusion) == ("gitbot/test/apply", "action_required")
        ]
        return [r.summary or "" for r in asked]

    summary = eventually(held, what="the hold")[-1]
    assert "no pull request showed" in summary
    assert "`changedPlan: apply` counts once something was applied by consent" in summary
    assert groups(stage) == []
    broken = stage.open("broken", "Break a spec", {"specs/dev/g.yaml": "apiVersion: [\n"})
    stage.plan_comment(broken)
    stage.github.merge(stage.name, broken, ADMIN)
    assert "specs/dev/g.yaml" in stage.comment(broken, APPLIED).body


def test_what_the_tip_broke_fails_no_pull_request_and_an_apply_there_says_why(
    stage: Stage,
) -> None:
    broken: dict[str, str | None] = {"specs/dev/broken.yaml": "apiVersion: [\n"}
    stage.github.push_files(stage.name, "main", broken, ADMIN, message="Break")
    number = stage.open("prod", "Something else", {"specs/prod/g.yaml": group("g")})
    assert stage.check(number, "gitbot").conclusion != "failure"
    refused = apply_and_be_answered(stage, number, ADMIN, "/apply dev")
    assert "the specs have problems" in refused


def test_a_stack_whose_last_commit_is_lost_is_held_with_a_way_on_and_the_others_go_on(
    stage: Stage,
) -> None:
    """The environment was never applied again, and nobody was told."""
    files: dict[str, str | None] = {f"specs/dev/{name}.yaml": group(name) for name in ("g", "h")}
    base = merged(stage, files, "groups")
    with closing(sqlite3.connect(stage.sandbox.data / "gitbot.db", timeout=30)) as database:
        lose = "UPDATE stacks SET commit_id = ?, serial = serial + 1 WHERE name = 'g' AND repository IN "
        lose += "(SELECT id FROM repositories WHERE full_name = ?)"
        assert database.execute(lose, ("f" * 40, stage.name)).rowcount == 1
        database.commit()
    changed = {name: group(name, "198.51.100.1/32") for name in ("g", "h")}
    number = stage.open("h", "Change h", {"specs/dev/h.yaml": changed["h"]})
    stage.plan_comment(number)
    pushed: dict[str, str | None] = {"specs/dev/g.yaml": changed["g"]}
    stage.sandbox.github.courier.hold()
    try:
        stage.github.push_files(stage.name, "main", pushed, ADMIN, message="Change g")
        stage.github.merge(stage.name, number, ADMIN)
    finally:
        stage.sandbox.github.courier.release()
    told = stage.comment(number, APPLIED, "1 updated").body
    assert f"`dev/g` is held until somebody says so (see #{base})" in told
    body = stage.comment(base, APPLIED, "⏸ Held").body
    assert "commit ffffffff, which the repository does not have any more" in body
    stage.github.comment(stage.name, base, ADMIN, f"/apply dev {held_digest(body)}")
    eventually(lambda: str(_rules(stage)).count("198.51.100.1/32") == 2, what="the release")


def _rules(stage: Stage) -> list[object]:
    found = stage.sandbox.aws.client("ec2").describe_security_groups()["SecurityGroups"]
    return [g["IpPermissions"] for g in found if g["GroupName"].startswith(project(stage))]


def test_a_stack_is_renamed_by_the_merge_and_keeps_its_resources(stage: Stage) -> None:
    merged(stage, {"specs/dev/g.yaml": group("g")}, "group")
    renamed = group("g").replace("name: g\n", "name: h\n  moved: g\n")
    number = stage.open("rename", "Rename", {"specs/dev/g.yaml": renamed})
    said = stage.plan_comment(number).body
    assert "**Renamed**: the stack was applied as `g`." in said
    assert "merge to rename it" in apply_and_be_answered(stage, number, ADMIN, "/apply dev")
    stage.github.merge(stage.name, number, ADMIN)
    assert "dev/h" in stage.comment(number, APPLIED).body
    assert groups(stage) == [f"{project(stage)}-dev-g"]


def test_a_merge_that_removes_an_environment_with_resources_gets_one_comment(stage: Stage) -> None:
    merged(stage, {"specs/dev/g.yaml": group("g")}, "group")
    number = stage.open(
        "end", "Remove dev", {"specs/dev/environment.yaml": None, "specs/dev/g.yaml": None}
    )
    stage.plan_comment(number)
    stage.github.merge(stage.name, number, ADMIN)
    assert "environment.yaml back" in stage.comment(number, APPLIED).body
    other = stage.open("other", "Something else", {"specs/prod/g.yaml": group("g")})
    stage.plan_comment(other)
    tip = stage.github.merge(stage.name, other, ADMIN)

    def failed() -> bool:
        runs = list(stage.github.repository(stage.name).check_runs.values())
        return (tip, "gitbot/dev/apply", "failure") in [(r.sha, r.name, r.conclusion) for r in runs]

    eventually(failed, what="the check on the tip")
    stage.result(other, "prod")
    told = [c for n in (number, other) for c in stage.github.comments(stage.name, n)]
    assert len([c for c in told if APPLIED in c.body]) == 1
    assert groups(stage) == [f"{project(stage)}-{name}-g" for name in ("dev", "prod")]


def test_the_lines_of_a_comment_get_one_answer_and_a_plan_without_news_gets_one(
    stage: Stage,
) -> None:
    """The kind: answers that are too many, and a command that nobody can see was heard."""
    number = stage.open("g", "A group", {"specs/dev/g.yaml": group("g")})
    stage.plan_comment(number)
    lines = "/plan\n/unlock\n/aply dev\n/apply DEV\n/help"
    command = stage.github.comment(stage.name, number, WRITER, lines)
    stage.answer(number, command, "holds no stack", "`/apply`?", "did you mean `dev`?", "Commands")
    stage.answer(number, command, "nothing has changed")
    answers = [c for c in stage.github.comments(stage.name, number) if ANSWER in c.body]
    assert len(answers) == 2


def test_unlock_wakes_the_merge_that_waited_for_it(stage: Stage) -> None:
    """The kind: what was blocked stays blocked until something else happens."""
    merged(stage, {"specs/dev/g.yaml": group("g")}, "group")
    holder = stage.open("hold", "Hold", {"specs/dev/g.yaml": group("g", cidr="203.0.113.6/32")})
    stage.plan_comment(holder)
    stage.github.comment(stage.name, holder, WRITER, "/apply dev")
    stage.result(holder, "dev")
    other = stage.open("other", "Other", {"specs/dev/g.yaml": group("g", cidr="203.0.113.7/32")})
    stage.plan_comment(other)
    stage.github.merge(stage.name, other, ADMIN)
    stage.result(other, "dev", f"#{holder}")
    assert "eleased" in apply_and_be_answered(stage, holder, WRITER, "/unlock")
    stage.result(other, "dev", "1 updated")


def test_what_a_pull_request_looked_up_stays_until_somebody_looks_again(stage: Stage) -> None:
    """From what is not listed, over a newer answer, to the merge: nothing comes by surprise."""
    name = f"/{project(stage)}/office"

    def move(cidr: str) -> None:
        ssm = stage.sandbox.aws.client("ssm")
        ssm.put_parameter(Name=name, Value=cidr, Type="String", Overwrite=True)

    move("203.0.113.1/32")
    rule = f'{{type: "AWS::SSM::Parameter", identifiers: ["{name}"], attributes: [Value]}}'
    listed = environment(project(stage), "dev", f"  lookups: [{rule}]\n")
    spec = group("g", '"${lookups.office.Value}"').replace(
        "spec:\n",
        f'spec:\n  lookups:\n    office: {{type: "AWS::SSM::Parameter", identifier: {name}}}\n',
    )
    # What the pull request lists itself does not count.
    files: dict[str, str | None] = {
        "specs/dev/g.yaml": spec,
        "specs/dev/environment.yaml": listed,
    }
    number = stage.open("office", "Let the office in", files)
    stage.comment(number, "which the environment does not list for lookups")
    stage.github.push_files(
        stage.name, "main", {"specs/dev/environment.yaml": listed}, ADMIN, message="List it"
    )
    stage.comment(number, 'Value: "203.0.113.1/32"')
    move("203.0.113.2/32")
    stage.github.comment(stage.name, number, WRITER, "/plan")
    stage.comment(number, 'Value: "203.0.113.1/32"', "Value would be read otherwise now")
    stage.github.comment(stage.name, number, WRITER, "/plan refresh dev")
    stage.comment(number, 'Value: "203.0.113.2/32"')
    stage.approve(number, ADMIN)
    move("203.0.113.3/32")
    stage.github.merge(stage.name, number, ADMIN)
    stage.comment(number, APPLIED, "1 created")
    assert allowed(stage) == ["203.0.113.2/32"]
    # The merged stack keeps it, whatever else of it changes.
    number = stage.open("more", "Label it", {"specs/dev/g.yaml": spec.replace("tests", "more")})
    body = stage.comment(number, "Value would be read otherwise now").body
    assert "203.0.113.3" not in body
    stage.github.merge(stage.name, number, ADMIN)
    stage.comment(number, APPLIED, "1 updated")
    assert allowed(stage) == ["203.0.113.2/32"]


def allowed(stage: Stage) -> list[str]:
    """The addresses that the group of the repository lets in."""
    found = stage.sandbox.aws.client("ec2").describe_security_groups()["SecurityGroups"]
    (mine,) = [one for one in found if one["GroupName"].startswith(f"{project(stage)}-")]
    return [one["CidrIp"] for rule in mine["IpPermissions"] for one in rule["IpRanges"]]


def test_the_neighbour_of_a_secret_changes_as_reviewed_and_the_secret_is_shown_nowhere(
    stage: Stage,
) -> None:
    """The kind: the apply reads the state otherwise than the review did, and so has another plan."""
    name, secret = f"/{project(stage)}/agent", "Kanarie-agent"
    stage.sandbox.aws.client("ssm").put_parameter(Name=name, Value=secret, Type="SecureString")
    listed = environment(project(stage), "dev", f'  secrets: ["ssm:{name}"]\n')
    rules = {"specs/dev/environment.yaml": listed}
    stage.github.push_files(stage.name, "main", rules, ADMIN, message="List it")

    def role(action: str) -> str:
        condition = f'{{StringEquals: {{"aws:UserAgent": \'${{secret("ssm:{name}")}}\'}}}}'
        first = f'{{Effect: Allow, Action: "s3:GetObject", Resource: "*", Condition: {condition}}}'
        second = f'{{Effect: Allow, Action: "{action}", Resource: "*"}}'
        agent = f'{{"StringEquals": {{"aws:UserAgent": "${{secret("ssm:{name}")}}"}}}}'
        text = (
            '{"Statement": [{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*", '
            f'"Condition": {agent}}}]}}'
        )
        trusted = (
            '{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: "sts:AssumeRole"}'
        )
        return stack(
            "role",
            "role:\n"
            "  type: AWS::IAM::Role\n"
            "  properties:\n"
            f"    AssumeRolePolicyDocument: {{Statement: [{trusted}]}}\n"
            "    Policies:\n"
            f"      - {{PolicyName: p, PolicyDocument: {{Statement: [{first}, {second}]}}}}\n"
            f"      - {{PolicyName: q, PolicyDocument: '{text}'}}\n",
        )

    first = stage.open("role", "A role", {"specs/dev/role.yaml": role("s3:ListBucket")})
    stage.plan_comment(first)
    stage.github.merge(stage.name, first, ADMIN)
    digest = held_digest(stage.comment(first, APPLIED, "⏸ Held").body)
    stage.github.comment(stage.name, first, ADMIN, f"/apply dev {digest}")
    stage.comment(first, APPLIED, "1 created")
    number = stage.open("other", "Another", {"specs/dev/role.yaml": role("s3:ListAllMyBuckets")})
    assert "1 to update" in stage.plan_comment(number).body
    stage.github.merge(stage.name, number, ADMIN)
    assert "1 updated" in stage.comment(number, APPLIED).body
    comments = [one.body for at in (first, number) for one in stage.github.comments(stage.name, at)]
    assert secret not in "\n".join(comments)
