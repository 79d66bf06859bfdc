"""What somebody changes in the console becomes one issue, and its end is told there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from gitbot.errors import LeaseUnavailableError
from gitbot.jobs.apply_drift import apply_drift
from gitbot.jobs.detect_drift import detect_drift
from gitbot.jobs.follow_tip import follow_tip
from gitbot.jobs.heal_drift import heal_drift
from gitbot.jobs.steps.look import look
from gitbot.jobs.steps.runs import Occasion, hold_run, open_run
from gitbot.jobs.steps.schedules import reschedule
from gitbot.model.drift import Finding, Phase
from gitbot.model.freeze import HandFreeze
from gitbot.model.keys import AnswerComment, ApplyDrift, DetectDrift, FollowTip
from gitbot.model.names import Sha, StackId
from gitbot.model.runs import Claim, RunKind, RunStatus
from gitbot.model.time import At, Every, Work
from gitbot_sandbox.aws import Fault, FaultKind
from gitbot_sandbox.sandbox import ADMIN, READER, WRITER
from tests.e2e.drift_world import (
    MINUTE,
    Died,
    DriftWorld,
    Dying,
    Interfering,
    Place,
    drift_world,
    machine,
    web,
)
from tests.e2e.specs import group

pytestmark = pytest.mark.story

DAY = timedelta(days=1)
HEAL = '  drift: {heal: [{types: ["AWS::S3::Bucket"], paths: [/Tags]}]}\n'


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DriftWorld]:
    root: Path = tmp_path_factory.mktemp("drift")
    with drift_world(root, repositories=18) as made:
        yield made


def test_drift_is_confirmed_filed_once_told_of_and_closed(world: DriftWorld) -> None:
    place = world.place({"web": web()})
    place.scan()
    assert place.issues() == []
    assert place.check() is None
    place.tag("bob")
    issue = place.confirmed()
    assert issue.title == "Drift: dev/web differs in the cloud from what was applied"
    assert '"ml-team" → "bob"' in (issue.body or "")
    assert "console-user" in (issue.body or "")
    assert (issue.body or "").startswith(
        f"<!-- gitbot:drift:{place.id}:dev/web@us-east-1:drift:1 -->"
    )
    check = place.check()
    assert check is not None
    assert (check.conclusion, check.title) == ("neutral", "Drift: dev/web")
    touching = place.open({"specs/dev/web.yaml": web(versioning="Suspended")})
    assert f"what was applied (#{issue.number})." in place.said(touching)[-1]
    place.scan()
    assert place.said(issue.number) == []
    place.tag("eve")
    place.scan()
    (news,) = place.said(issue.number)
    assert '"ml-team" → "eve"' in news
    assert '"ml-team" → "eve"' in (issue.body or "")
    place.tag("ml-team")
    place.scan()
    assert "put back in the cloud" in place.said(issue.number)[-1]
    assert (issue.state, issue.state_reason) == ("closed", "completed")
    assert place.row().phase is Phase.CLEAN
    assert check.conclusion == "success"
    place.tag("bob")
    place.scan()
    place.scan()
    assert (len(place.issues()), issue.state) == (1, "open"), "the same issue is opened again"
    assert "It is back" in place.said(issue.number)[-1]


@pytest.mark.full
@pytest.mark.model
def test_who_closes_it_decides_whether_it_stays_closed(world: DriftWorld) -> None:
    place = world.place({"web": web()}, "  drift: {issues: {labels: [drift], assignees: [bob]}}\n")
    place.tag("bob")
    issue = place.confirmed()
    assert (issue.labels, issue.assignees) == (["drift"], ["bob"])
    place.github.close(place.name, issue.number, ADMIN, "completed")
    place.scan()
    assert issue.state == "open"
    assert "closed by `ada`, but gitbot has looked again" in place.said(issue.number)[-1]
    place.github.close(place.name, issue.number, ADMIN, "not_planned")
    place.scan()
    assert issue.state == "closed"
    assert "gitbot says nothing more about it until" in place.said(issue.number)[-1]
    told = len(place.said(issue.number))
    place.scan(6 * DAY)
    assert (issue.state, len(place.said(issue.number))) == ("closed", told)
    place.scan(2 * DAY)
    assert issue.state == "open"
    assert "Seven days are over" in place.said(issue.number)[-1]


@pytest.mark.full
@pytest.mark.model
def test_whatever_people_do_to_the_issue_there_is_no_second_one(world: DriftWorld) -> None:
    place = world.place({"web": web()})
    place.tag("bob")
    issue = place.confirmed()
    issue.title, issue.body = "Renamed", "edited away"
    place.github.lock(place.name, issue.number, ADMIN)
    place.tag("eve")
    place.scan()
    assert place.issues() == [issue]
    assert '"eve"' in (issue.body or ""), "the body is written again"
    assert issue.title == "Renamed"
    assert place.said(issue.number) == [], "an App cannot comment while it is locked"
    world.ports.records.drift.put(replace(place.row(), issue=None, nth=1))
    place.scan()
    assert place.issues() == [issue], "it is found by its marker"
    place.github.delete_issue(place.name, issue.number, ADMIN)
    place.scan()
    assert place.issues() == []
    place.scan(8 * DAY)
    (second,) = place.issues()
    assert f"#{issue.number}" in (second.body or "")


def test_an_object_that_is_gone_or_that_no_state_knows_is_told_until_that_is_over(
    world: DriftWorld,
) -> None:
    place = world.place({"web": web(), "other": web("other")})
    world.sandbox.aws.client("s3").delete_bucket(Bucket=place.bucket())
    issue = place.confirmed()
    assert "it does not exist any more" in (issue.body or "")
    place.bring({"specs/dev/web.yaml": web(owner="ops")})
    assert [key for key in _queued(world, DetectDrift) if key.repository == place.id]
    place.scan()
    assert "an apply put it back" in place.said(issue.number)[-1]
    s3 = world.sandbox.aws.client("s3")
    tags = s3.get_bucket_tagging(Bucket=place.bucket())["TagSet"]
    stray = f"{place.project}-stray"
    s3.create_bucket(Bucket=stray)
    s3.put_bucket_tagging(Bucket=stray, Tagging={"TagSet": tags})
    place.scan()
    place.scan()
    issue = place.issues()[-1]
    assert issue.title == "Drift: the cloud has objects of dev/web that gitbot does not know"
    assert f"AWS::S3::Bucket: {stray}" in (issue.body or "")
    assert "`lifecycle.import`" in (issue.body or "")
    s3.delete_bucket(Bucket=stray)
    place.scan()
    assert "it is deleted" in place.said(issue.number)[-1]
    assert issue.state == "closed"


def test_a_scan_that_is_disturbed_or_dies_tells_nothing_wrong_and_nothing_twice(
    world: DriftWorld,
) -> None:
    place = world.place({"web": web()})
    place.tag("bob")
    engine = world.ports.engine

    def apply_begins() -> None:
        lease = engine.state.acquire(place.key, "another apply", timedelta(minutes=1))
        engine.state.release(lease)

    clouds = Interfering(engine.clouds, apply_begins)
    ports = replace(world.ports, engine=replace(engine, clouds=clouds))
    detect_drift(ports, DetectDrift(repository=place.id, environment="dev", reason="x"))
    assert world.ports.records.drift.of_environment(place.key) == ()
    place.scan()
    assert place.row().phase is Phase.SUSPECT
    # It dies after it has opened the issue.
    world.calendar.at += 6 * MINUTE
    ports = replace(world.ports, forges=Dying(world.ports.forges, at=1, after=True))
    with pytest.raises(Died):
        detect_drift(ports, DetectDrift(repository=place.id, environment="dev", reason="dies"))
    (issue,) = place.issues()
    place.scan()
    assert (place.issues(), place.row().issue) == ([issue], issue.number)
    # A new tip says what the last scan has found.
    place.push({"README.md": "new"})
    follow_tip(world.ports, FollowTip(repository=place.id, reason="push"))
    check = place.check()
    assert check is not None
    assert check.title == "Drift: dev/web"


def test_scans_are_scheduled_by_the_tip_and_by_what_waits(world: DriftWorld) -> None:
    place = world.place({"web": web()}, "  drift: {every: 30m}\n")
    reschedule(world.ports, look(world.ports, place.id))
    assert [row.schedule.when for row in _scheduled(world, place.id)] == [
        Every(interval=timedelta(minutes=30))
    ]
    place.tag("bob")
    place.scan()
    (confirm,) = [r.schedule for r in _scheduled(world, place.id) if r.schedule.name != "scan"]
    assert confirm.when == At(instant=world.calendar.at + timedelta(minutes=5))
    place.rule('  drift: "off"\n')
    place.scan()
    assert _scheduled(world, place.id) == []
    assert place.row().phase is Phase.ARCHIVED


def test_listed_drift_is_put_back_without_asking_and_told(world: DriftWorld) -> None:
    place = world.place({"web": web(), "other": web("other")}, HEAL)
    place.tag("bob")
    issue = place.confirmed()
    (key,) = place.heals()
    heal_drift(world.ports, key)
    assert _owner(place.bucket(), world) == "ml-team"
    heal_drift(world.ports, key)
    place.scan(timedelta())
    assert (issue.state, issue.state_reason) == ("closed", "completed")
    assert "gitbot put it back by itself" in place.said(issue.number)[-1]
    place.tag("bob")
    place.scan()
    place.scan()
    assert len(place.heals()) == 1, "the first pause is over"
    for minutes in (1, 2):
        world.ports.records.drift.note_heal(_stack(place), world.calendar.at - minutes * MINUTE)
    place.scan()
    assert place.heals() == []
    assert "it came back: until " in (issue.body or "")


def test_an_ignored_path_is_neither_told_nor_corrected(world: DriftWorld) -> None:
    place = world.place({"web": web()})
    place.tag("bob")
    issue = place.confirmed()
    place.rule(
        "  drift: {ignore: [{stack: web, resource: bucket, path: /Tags/owner, until: 2090-01-01, "
        "because: handover}]}\n"
    )
    place.scan()
    assert (issue.state, issue.state_reason) == ("closed", "not_planned")
    assert "drift.ignore" in place.said(issue.number)[-1]
    number = place.bring({"specs/dev/web.yaml": web(versioning="Suspended")})
    assert "Tags.owner is left as the cloud has it" in place.said(number)[0]
    assert _owner(place.bucket(), world) == "bob"
    place.bring({"specs/dev/web.yaml": web(owner="ops", versioning="Suspended")})
    assert _owner(place.bucket(), world) == "ops", "the spec changes that very path"


def test_a_check_that_does_not_hold_is_told_by_plan_apply_and_scan(world: DriftWorld) -> None:
    that = '${ssh.GroupId.startsWith("vpc-")}'
    checks = f"  checks:\n    kind: {{that: '{that}', says: it is a network}}\n"
    place = world.place({"web": group("web") + checks})
    (number,) = place.github.repository(place.name).pulls
    planned, applied = place.said(number)[0], place.said(number)[-1]
    assert "`checks.kind` is checked at apply, when everything else is done: it is a net" in planned
    assert "**⚠ A check does not hold**: `checks.kind`: it is a network (it stops noth" in applied
    assert "✓ Applied" in applied
    place.scan()
    check = place.check()
    assert check is not None
    assert (check.title, check.conclusion) == ("A check does not hold", "neutral")
    assert "A check of dev/web does not hold, checks.kind: it is a network." in (
        check.summary or ""
    )
    assert place.issues() == []
    place.bring({"specs/dev/web.yaml": group("web")})
    place.scan()
    check = place.check()
    assert check is None or check.title == "The cloud is as it was applied"


@pytest.mark.full
@pytest.mark.model
def test_too_many_at_once_share_one_issue_and_without_issues_the_check_tells(
    world: DriftWorld,
) -> None:
    place = world.place(
        {"a": web("a"), "b": web("b")}, "  drift: {confirmAfter: 0s, issues: {max: 1}}\n"
    )
    place.github.switch_issues(place.name, on=False)
    place.tag("bob", "a")
    place.scan()
    check = place.check()
    assert check is not None
    assert (check.title, "GitHub takes none" in (check.summary or "")) == ("Drift: dev/a", True)
    place.github.switch_issues(place.name, on=True)
    place.tag("bob", "b")
    place.scan()
    (issue,) = place.issues()
    assert issue.title.startswith("Drift: many stacks of dev")
    assert "- `dev/a`\n- `dev/b`" in (issue.body or "")
    place.tag("ml-team", "b")
    place.scan()
    (own,) = [one for one in place.issues() if one is not issue]
    assert own.title.startswith("Drift: dev/a differs")
    assert issue.state == "closed"
    assert place.row(Finding.DRIFT, "a").issue == own.number


def _queued(world: DriftWorld, kind: type) -> list:  # type: ignore[type-arg]
    return [key for key in world.ports.queue.keys if isinstance(key, kind)]  # type: ignore[attr-defined]


def _scheduled(world: DriftWorld, repository: str) -> list:  # type: ignore[type-arg]
    rows = world.ports.records.schedules.of_repository(repository)
    return [row for row in rows if row.schedule.work is Work.DRIFT]


def _owner(bucket: str, world: DriftWorld) -> str:
    tags = world.sandbox.aws.client("s3").get_bucket_tagging(Bucket=bucket)["TagSet"]
    return next(tag["Value"] for tag in tags if tag["Key"] == "owner")


def test_the_issue_says_who_did_it_and_apply_undoes_exactly_what_it_shows(
    world: DriftWorld,
) -> None:
    place = world.place({"ssh": group()})
    ec2 = world.sandbox.aws.client("ec2", person="bob")
    found = ec2.describe_security_groups(
        Filters=[{"Name": "group-name", "Values": [f"{place.project}-dev-ssh"]}]
    )
    made = found["SecurityGroups"][0]["GroupId"]
    ec2.authorize_security_group_ingress(
        GroupId=made, CidrIp="0.0.0.0/0", FromPort=22, ToPort=22, IpProtocol="tcp"
    )
    issue = place.confirmed()
    body = issue.body or ""
    assert "Changed by `bob` in the AWS console, from `203.0.113.7`, at " in body
    assert "(`ec2:AuthorizeSecurityGroupIngress`)" in body
    assert "- `/drift apply`: put back exactly what is shown here" in body
    assert "was not done" in place.say(issue.number, "/drift apply", author=READER)
    lease = world.ports.engine.state.acquire(place.key, "elsewhere:1:x", timedelta(hours=1))
    place.hear(issue.number, "/drift apply")
    world.run(AnswerComment)
    (waits,) = [key for key in _queued(world, ApplyDrift) if key.repository == place.id]
    with pytest.raises(LeaseUnavailableError):
        apply_drift(world.ports, waits)
    world.ports.engine.state.release(lease)
    world.run(ApplyDrift)
    _, said = place.said(issue.number)
    assert "✓ Put back" in said, said
    group_now = ec2.describe_security_groups(GroupIds=[made])["SecurityGroups"][0]
    ranges = [each["IpRanges"] for each in group_now["IpPermissions"]]
    assert [[one["CidrIp"] for one in some] for some in ranges] == [["203.0.113.5/32"]]
    place.scan()
    assert "an apply put it back" in place.said(issue.number)[-1]
    assert issue.state == "closed"


def test_apply_holds_what_would_do_more_until_somebody_names_its_digest(
    world: DriftWorld,
) -> None:
    place = world.place({"web": web()})
    place.tag("bob")
    issue = place.confirmed()
    files: dict[str, str | None] = {"specs/dev/web.yaml": web(versioning="Suspended")}
    place.github.push_files(place.name, "main", files, ADMIN, message="Unreviewed")
    said = place.say(issue.number, "/drift apply")
    assert "⏸ Held until somebody says so" in said, said
    assert "from a change of the spec that was not applied yet" in said
    assert place.versioning() == "Enabled"
    (command,) = re.findall(r"`(/drift apply dev/web [0-9a-f]{16})`", said)
    assert "✓ Put back" in place.say(issue.number, command)
    assert place.versioning() == "Suspended"


def test_adopt_writes_literals_by_a_pull_request_whose_plan_is_empty(world: DriftWorld) -> None:
    place = world.place({"web": "# Ours.\n" + web()})
    place.tag("bob")
    world.sandbox.aws.client("s3").put_bucket_versioning(
        Bucket=place.bucket(), VersioningConfiguration={"Status": "Suspended"}
    )
    issue = place.confirmed()
    # Nobody's commits are overwritten, and a new pull request follows a closed one.
    branch, note = "gitbot/adopt/dev/web", {"note.md": "mine"}
    theirs = place.github.push_files(place.name, branch, note, WRITER, message="Mine")
    assert "overwrites nobody's work" in place.say(issue.number, "/drift adopt")
    forge = world.ports.forges.open(place.id)
    forge.delete_branch(branch, Sha(theirs))
    place.say(issue.number, "/drift adopt")
    first = place.pull_request(branch)
    place.github.close(place.name, first, ADMIN)
    said = place.say(issue.number, "/drift adopt")
    assert "leaves nothing to change" in said, said
    number = place.pull_request(branch)
    assert number != first
    text = place.file(number, "specs/dev/web.yaml")
    assert text.startswith("# Ours.\n")
    assert "    VersioningConfiguration: {Status: Suspended}\n" in text
    assert "          - Key: owner\n            Value: bob\n" in text
    assert place.makers(number) >= {WRITER}
    assert world.ports.records.proposals.makers(place.id, number) == {WRITER}
    assert "leaves nothing to change" in place.say(issue.number, "/drift adopt")
    assert place.pull_request(branch) == number, "one pull request, not two"
    theirs = place.github.push_files(place.name, branch, note, WRITER, message="Mine")
    assert "overwrites nobody's work" in place.say(issue.number, "/drift adopt")
    assert place.github.pull_request(place.name, number).head_sha == theirs
    place.github.merge(place.name, number, ADMIN)
    place.apply()
    place.scan()
    assert "the specs want it as the cloud has it" in place.said(issue.number)[-1]


def test_a_value_that_may_be_a_secret_is_not_shown_and_without_the_right_the_issue_says_so(
    world: DriftWorld,
) -> None:
    place = world.place({"web": web()})
    place.tag("ghp_0123456789abcdefghijklm")
    denied = Fault(
        kind=FaultKind.ERROR,
        service="cloudtrail",
        status=400,
        code="AccessDeniedException",
        count=None,
    )
    world.sandbox.aws.inject(denied)
    issue = place.confirmed()
    world.sandbox.aws.clear_faults()
    assert "Allow it `cloudtrail:LookupEvents`: `gitbot permissions dev`" in (issue.body or "")
    place.scan(timedelta(days=1, minutes=1))
    assert "Changed by `console-user`" in (issue.body or "")
    assert place.said(issue.number) == [], "a cause is no news of the drift"
    assert "(sensitive)" in (issue.body or "")
    said = place.say(issue.number, "/drift adopt")
    assert "there is nothing that gitbot can write" in said
    everything = [issue.body or "", *place.said(issue.number)]
    assert not any("ghp_" in text for text in everything)


def test_ignore_adds_an_entry_by_a_pull_request_and_the_drift_is_over_when_it_is_merged(
    world: DriftWorld,
) -> None:
    place = world.place({"web": web()}, "  drift: 30m\n")
    place.tag("bob")
    issue = place.confirmed()
    until = f"{world.calendar.now() + timedelta(days=9):%Y-%m-%d}"
    place.hear(issue.number, f"/drift ignore nothing /Tags/owner until {until} because x")
    place.hear(issue.number, "/drift ignore bucket /Tags/owner until 2020-01-01 because x")
    world.waiting.keys.reverse()
    world.run(AnswerComment)
    wrong, past = place.said(issue.number)
    assert "has no resource `nothing`" in wrong, "answered in the order in which they were written"
    assert "that time has passed" in past
    line = f"/drift ignore bucket /Tags/owner until {until} because handover"
    assert "it counts once it is merged" in place.say(issue.number, line)
    number = place.pull_request("gitbot/ignore/dev/web/")
    assert f'until: "{until}"' in place.file(number, "specs/dev/environment.yaml")
    place.github.merge(place.name, number, ADMIN)
    place.scan()
    assert "`drift.ignore` names it now" in place.said(issue.number)[-1]
    assert (issue.state, issue.state_reason) == ("closed", "not_planned")


def test_what_is_gone_is_created_again_and_told_even_if_the_process_dies_in_between(
    world: DriftWorld,
) -> None:
    place = world.place({"ssh": group()})
    ec2 = world.sandbox.aws.client("ec2", person="bob")
    named = [{"Name": "group-name", "Values": [f"{place.project}-dev-ssh"]}]
    (before,) = ec2.describe_security_groups(Filters=named)["SecurityGroups"]
    ec2.delete_security_group(GroupId=before["GroupId"])
    issue = place.confirmed()
    body = issue.body or ""
    assert "it does not exist any more" in body
    assert "Changed by `bob`" in body
    assert "/drift adopt" not in body
    said = place.say(issue.number, "/drift adopt")
    assert "let `/drift apply` create it again" in said
    place.hear(issue.number, "/drift apply")
    world.run(AnswerComment)
    place.die_before_telling()
    (after,) = ec2.describe_security_groups(Filters=named)["SecurityGroups"]
    assert after["GroupId"] != before["GroupId"]
    world.run(ApplyDrift)
    told = [text for text in place.said(issue.number) if "✓ Put back" in text]
    assert len(told) == 1
    assert "`ssh` created" in told[0]
    (same,) = ec2.describe_security_groups(Filters=named)["SecurityGroups"]
    assert same["GroupId"] == after["GroupId"]


def test_what_somebody_is_at_work_on_is_no_drift(world: DriftWorld) -> None:
    place = world.place({"web": web()})
    records, stack = world.ports.records, _stack(place)
    place.tag("bob")

    def looked() -> bool:
        place.scan()
        return bool(records.drift.of_environment(place.key))

    claim = Claim(
        stack=stack,
        pull_request=1,
        claimed_by="bob",
        claimed_at=world.calendar.at,
        head=Sha("a" * 40),
    )
    records.claims.claim([claim])
    assert not looked()
    records.claims.release([stack])
    freeze = HandFreeze(
        environment=place.key, by="ada", since=world.calendar.at, because="incident", command="x"
    )
    records.freezes.freeze(freeze)
    assert not looked()
    records.freezes.unfreeze(place.key)
    lease = world.ports.engine.state.acquire(place.key, "elsewhere:1:x", timedelta(hours=1))
    plan = records.runs.plan(records.runs.of_stack(stack, RunKind.APPLY)[0].id)
    occasion = Occasion(tip=Sha(place.tip), actor="ada", epoch=lease.epoch)
    running = open_run(world.ports, plan, occasion, RunStatus.RUNNING)
    assert not looked(), "an apply of it runs"
    world.ports.engine.state.release(lease)
    records.runs.move(running.id, RunStatus.FAILED, at=world.ports.clock.now())
    held = hold_run(world.ports, plan, occasion, "a guard")
    assert not looked(), "an apply of it waits"
    records.runs.move(held.id, RunStatus.SUPERSEDED, at=world.ports.clock.now())
    off = "  drift: {off: true, until: 2090-01-01, because: migration}\n"
    place.push({"specs/dev/web.yaml": web() + off})
    assert not looked(), "its spec says so"
    place.push({"specs/dev/web.yaml": web()})
    assert looked()


def _stack(place: Place) -> StackId:
    return StackId(repository=place.id, environment="dev", name="web", region="us-east-1")


def test_a_machine_that_aws_took_back_is_nobodys_doing(world: DriftWorld) -> None:
    place = world.place({"gpu": machine()})
    (found,) = place.machines()
    world.sandbox.aws.interrupt_spot(found)
    body = place.confirmed().body or ""
    assert "AWS took it back: the spot instance was interrupted and ended" in body
    assert "Changed by" not in body
