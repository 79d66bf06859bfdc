"""A person with a browser at the local AWS sees the cloud and changes it behind gitbot's back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from gitbot_sandbox.sandbox import Sandbox
from tests.browser.conftest import Visit
from tests.browser.hands import overflow_px

pytestmark = pytest.mark.browser


@pytest.fixture
def group(sandbox: Sandbox) -> Iterator[str]:
    ec2 = sandbox.aws.client("ec2")
    made = ec2.create_security_group(GroupName="drifting", Description="Moves by hand")["GroupId"]
    yield made
    ec2.delete_security_group(GroupId=made)


def _described(sandbox: Sandbox, group: str) -> dict[str, Any]:
    [found] = sandbox.aws.client("ec2").describe_security_groups(GroupIds=[group])["SecurityGroups"]
    return dict(found)


def test_the_drift_buttons_change_the_cloud(page: Page, sandbox: Sandbox, group: str) -> None:
    page.goto(f"{sandbox.aws.url}/_sandbox/")
    row = page.locator("tr", has_text=group)
    row.get_by_role("button", name="open SSH to the world").click()
    expect(row).to_contain_text("tcp 22 from 0.0.0.0/0")
    [rule] = _described(sandbox, group)["IpPermissions"]
    assert (rule["FromPort"], rule["IpRanges"]) == (22, [{"CidrIp": "0.0.0.0/0"}])
    row.get_by_role("button", name="change a tag").click()
    expect(row).to_contain_text("owner=somebody")
    assert _described(sandbox, group)["Tags"] == [{"Key": "owner", "Value": "somebody"}]
    row.get_by_role("button", name="close SSH to the world").click()
    expect(row.get_by_role("button", name="open SSH to the world")).to_be_visible()
    assert _described(sandbox, group)["IpPermissions"] == []


def test_a_refusal_by_aws_is_shown_as_a_message(visit: Visit, sandbox: Sandbox) -> None:
    s3 = sandbox.aws.client("s3")
    s3.create_bucket(Bucket="soon-gone")
    visit.page.goto(f"{sandbox.aws.url}/_sandbox/")
    s3.delete_bucket(Bucket="soon-gone")
    row = visit.page.locator("tr", has_text="soon-gone")
    row.get_by_role("button", name="enable versioning").click()
    expect(visit.page.get_by_role("heading", name="AWS refused")).to_be_visible()
    expect(visit.page.locator(".bad")).to_contain_text("NoSuchBucket")
    [complaint] = visit.complaints
    assert "status of 400" in complaint
    visit.complaints.clear()
    visit.page.get_by_role("link", name="Back").click()
    expect(visit.page.get_by_role("heading", name="Buckets")).to_be_visible()


def test_names_from_the_cloud_are_text(visit: Visit, sandbox: Sandbox, group: str) -> None:
    hostile = '"><script>alert("tag")</script><img src=x onerror=alert(1)>'
    tags = [{"Key": "note", "Value": hostile}]
    sandbox.aws.client("ec2").create_tags(Resources=[group], Tags=tags)
    visit.page.goto(f"{sandbox.aws.url}/_sandbox/")
    expect(visit.page.locator("tr", has_text=group)).to_contain_text(hostile)
    assert visit.page.locator("script, img").count() == 0


def test_machines_of_other_regions_are_one_click_away(page: Page, sandbox: Sandbox) -> None:
    ec2 = sandbox.aws.client("ec2", "eu-west-1")
    made = ec2.create_security_group(GroupName="far", Description="In Ireland")["GroupId"]
    page.goto(f"{sandbox.aws.url}/_sandbox/")
    page.get_by_role("link", name="eu-west-1").click()
    row = page.locator("tr", has_text=made)
    row.get_by_role("button", name="change a tag").click()
    expect(page.locator("tr", has_text=made)).to_contain_text("owner=somebody")
    ec2.delete_security_group(GroupId=made)


def test_no_button_is_cut_off_on_a_small_laptop(page: Page, sandbox: Sandbox, group: str) -> None:
    tags = [{"Key": f"gitbot:{n}", "Value": "x" * 40} for n in range(6)]
    sandbox.aws.client("ec2").create_tags(Resources=[group], Tags=tags)
    page.set_viewport_size({"width": 1100, "height": 800})
    page.goto(f"{sandbox.aws.url}/_sandbox/")
    button = page.locator("tr", has_text=group).get_by_role("button", name="change a tag")
    place = button.bounding_box()
    assert place is not None
    assert place["x"] + place["width"] <= 1100


def test_the_page_fits_a_phone(page: Page, sandbox: Sandbox, group: str) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"{sandbox.aws.url}/_sandbox/")
    expect(page.locator("tr", has_text=group)).to_be_attached()
    assert overflow_px(page) <= 0
