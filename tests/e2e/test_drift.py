"""What somebody changes in the console becomes one issue, and its end is told there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from gitbot.model.drift import Phase
from gitbot_sandbox.aws import Fault, FaultKind
from gitbot_sandbox.sandbox import ADMIN, READER, WRITER
from tests.e2e.drift_world import DriftWorld, drift_world, web
from tests.e2e.specs import group


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DriftWorld]:
    root: Path = tmp_path_factory.mktemp("drift")
    with drift_world(root) as made:
        yield made


def test_drift_is_confirmed_filed_once_told_of_and_closed(world: DriftWorld) -> None:
    place = world.place({"web": web()})
    place.scan()
    assert place.issues() == []
    place.tag("bob")
    issue = place.confirmed()
    assert issue.title == "Drift: dev/web differs in the cloud from what was applied"
    assert '"ml-team" → "bob"' in (issue.body or "")
    check = place.check()
    assert check is not None
    assert (check.conclusion, check.title) == ("neutral", "Drift: dev/web")
    place.scan()
    assert place.said(issue.number) == []
    place.tag("eve")
    place.scan()
    (news,) = place.said(issue.number)
    assert '"ml-team" → "eve"' in news
    place.tag("ml-team")
    place.scan()
    assert "put back in the cloud" in place.said(issue.number)[-1]
    assert (issue.state, issue.state_reason) == ("closed", "completed")
    assert place.row().phase is Phase.CLEAN


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
    said = place.say(issue.number, "/drift apply")
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
    said = place.say(issue.number, "/drift adopt")
    assert "leaves nothing to change" in said, said
    number = place.pull_request("gitbot/adopt/dev/web")
    text = place.file(number, "specs/dev/web.yaml")
    assert text.startswith("# Ours.\n")
    assert "    VersioningConfiguration: {Status: Suspended}\n" in text
    assert "          - Key: owner\n            Value: bob\n" in text
    assert place.makers(number) >= {WRITER}
    assert "leaves nothing to change" in place.say(issue.number, "/drift adopt")
    assert place.pull_request("gitbot/adopt/dev/web") == number, "one pull request, not two"
    place.github.merge(place.name, number, ADMIN)
    place.apply()
    place.scan()
    assert "the specs want it as the cloud has it" in place.said(issue.number)[-1]


def test_a_value_that_may_be_a_secret_is_neither_written_nor_shown(world: DriftWorld) -> None:
    place = world.place({"web": web()})
    place.tag("ghp_0123456789abcdefghijklm")
    issue = place.confirmed()
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
    wrong = place.say(issue.number, f"/drift ignore nothing /Tags/owner until {until} because x")
    assert "has no resource `nothing`" in wrong
    line = f"/drift ignore bucket /Tags/owner until {until} because handover"
    assert "it counts once it is merged" in place.say(issue.number, line)
    number = place.pull_request("gitbot/ignore/dev/web/")
    assert f'until: "{until}"' in place.file(number, "specs/dev/environment.yaml")
    place.github.merge(place.name, number, ADMIN)
    place.scan()
    assert "`drift.ignore` names it now" in place.said(issue.number)[-1]
    assert (issue.state, issue.state_reason) == ("closed", "not_planned")


def test_without_the_right_the_issue_says_how_to_give_it(world: DriftWorld) -> None:
    place = world.place({"web": web()})
    place.tag("bob")
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
