"""A person with a browser at the local GitHub reads plans, comments, approves and merges."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from gitbot_sandbox.sandbox import WRITER, Sandbox, example_files
from gitbot_sandbox.stage import Stage
from gitbot_sandbox.story.review import TRAINER
from tests.browser.conftest import Visit
from tests.browser.hands import act, comment, overflow_px, see

pytestmark = pytest.mark.browser

HOSTILE = """\
before <script>document.title = "run"; alert("run")</script>

<img src="/x" onerror="alert('image')"> <svg onload="alert('svg')"><script>alert(2)</script></svg>

<a href="javascript:alert('link')" onclick="alert('click')" id="evil">press me</a>
[or me](javascript:alert('markdown'))

<details open ontoggle="alert('toggle')"><summary>fold</summary>inside</details>
<style>body { display: none }</style><base href="https://evil.example/">
<meta http-equiv="refresh" content="0; url=https://evil.example/">
<iframe srcdoc="<script>parent.alert(3)</script>"></iframe>
<form action="https://evil.example/"><button>send</button></form>

</div></div></main> after
"""


def test_a_person_takes_a_pull_request_from_its_plan_to_its_deployment(
    page: Page, clicked: Stage
) -> None:
    page.goto(clicked.github.url)
    page.get_by_role("link", name=clicked.name).click()
    page.get_by_role("link", name="Add the artifact bucket").click()

    plan = see(page, comment(page, "gitbot plan"))
    expect(plan).to_contain_text("1 to create")
    assert "<!--" not in page.locator("body").inner_text()
    expect(plan.get_by_role("heading", name="gitbot plan")).to_be_visible()
    resource = plan.locator("details", has_text="AWS::S3::Bucket")
    expect(resource.locator("pre")).to_be_hidden()
    resource.locator("summary").click()
    added = resource.locator("pre .diff-add", has_text="ml-platform-dev-artifacts")
    expect(added).to_be_visible()
    tint = added.evaluate("line => getComputedStyle(line).backgroundColor")
    assert tint not in ("rgba(0, 0, 0, 0)", page.evaluate("getComputedStyle(document.body).color"))

    act(page, "bob", "Comment", "/help")
    page.wait_for_url(lambda url: "acted" not in url)  # the page looks again by itself
    expect(see(page, comment(page, "/unlock"))).to_contain_text("/plan")
    asked = page.locator(".box:not(.bot)[id^=issuecomment]", has_text="/help")
    expect(asked.locator(".reaction").first).to_be_attached()

    act(page, "ada", "Approve", "One private bucket: good.")
    expect(page.locator(".pill.approved")).to_be_visible()
    act(page, "ada", "Merge")
    expect(page.locator("h1 + p .pill.merged")).to_be_visible()

    applied = see(page, comment(page, "gitbot apply: dev"))
    expect(applied).to_contain_text("Applied: 1 created.")
    expect(applied).to_contain_text("ml-platform-dev-artifacts")
    see(page, page.locator(".row:has(.pill.success)", has_text="dev is as the commit says"))
    page.get_by_role("link", name=clicked.name).click()
    deployed = page.locator("#deployments + .box .row").first
    expect(deployed.locator(".pill")).to_have_text("success")
    buckets = clicked.sandbox.aws.client("s3").list_buckets()["Buckets"]
    assert "ml-platform-dev-artifacts" in [bucket["Name"] for bucket in buckets]


def test_a_mistake_is_shown_at_its_line_in_the_diff_and_at_the_check(
    page: Page, sandbox: Sandbox
) -> None:
    stage = Stage(sandbox, "acme/broken")
    wrong = example_files()[TRAINER].replace("SecurityGroupIngress:", "SecurityGroupIngres:")
    number = stage.open("trainer", "Add the GPU trainer", {TRAINER: wrong})
    page.goto(stage.page(number))
    failed = see(page, page.locator(".row:has(.pill.failure)", has_text="gitbot/dev"))

    line = page.locator("table.lines tr.add", has_text="SecurityGroupIngres:")
    below = line.locator("xpath=following-sibling::tr[1]")
    expect(below.locator(".failure-note")).to_contain_text("SecurityGroupIngress")
    number_shown = line.locator("td.number").last.inner_text()
    failed.get_by_role("link", name="gitbot/dev").click()
    place = page.locator(".failure-note a", has_text=f"{TRAINER}:{number_shown}")
    place.click()
    expect(page.locator(f"#L{number_shown}")).to_contain_text("SecurityGroupIngres:")


def test_a_pull_request_is_opened_by_editing_a_file_in_the_page(
    page: Page, sandbox: Sandbox
) -> None:
    page.goto(f"{sandbox.github.url}/acme/edited")
    page.get_by_role("link", name="specs/dev/artifact-bucket.yaml").click()
    page.get_by_text("Propose a change of this file").click()
    content = page.get_by_label("content of the file")
    content.fill(content.input_value().replace("default: 30", "default: 60"))
    page.get_by_label("act as").select_option("bob")
    page.get_by_role("button", name="Open a pull request").click()
    expect(
        page.get_by_role("heading", name="Change specs/dev/artifact-bucket.yaml")
    ).to_be_visible()
    expect(page.locator("table.lines tr.add")).to_contain_text("default: 60")
    expect(page.locator("table.lines tr.del")).to_contain_text("default: 30")
    expect(see(page, comment(page, "gitbot plan"))).to_contain_text("dev/artifact-bucket")


def test_a_pushed_branch_can_be_proposed_in_the_page(page: Page, sandbox: Sandbox) -> None:
    sandbox.github.push_files(
        "acme/quiet", "hello", {"hello.txt": "hello\n"}, WRITER, message="Greet"
    )
    page.goto(f"{sandbox.github.url}/acme/quiet")
    page.get_by_label("branch", exact=True).select_option("hello")
    page.get_by_role("button", name="Open a pull request").click()
    expect(page.get_by_role("heading", name="Greet")).to_be_visible()
    page.get_by_role("link", name="acme/quiet").click()
    expect(page.get_by_role("button", name="Open a pull request")).to_have_count(0)


def test_a_hostile_comment_does_nothing(visit: Visit, sandbox: Sandbox) -> None:
    page, github = visit.page, sandbox.github
    issue = github.create_issue(
        "acme/quiet", "eve", "<b>Look</b><script>alert(0)</script>", HOSTILE
    )
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{github.url}/acme/quiet/issues/{issue.number}")
    act(page, "eve", "Comment", HOSTILE)
    said = comment(page, "before")
    expect(said).to_contain_text("after")
    expect(page.get_by_role("heading", name="<b>Look</b>")).to_be_visible()
    said.get_by_text("press me").click()
    said.get_by_text("or me").click()
    said.get_by_text("fold").click()
    page.wait_for_timeout(300)
    assert page.title().startswith(f"#{issue.number} ")
    assert all(url.startswith(github.url) for url in asked), asked
    assert said.locator("script, img:not(.avatar), iframe, form, svg, style").count() == 0
    page.get_by_role("button", name="Comment").wait_for()  # the form is still outside of it
    assert visit.complaints == []


def test_table_cells_keep_the_alignment_that_their_author_chose(
    page: Page, sandbox: Sandbox
) -> None:
    table = "| left | price |\n|---|--:|\n| a | 1.00 |\n"
    issue = sandbox.github.create_issue("acme/quiet", "eve", "What it costs", table)
    page.goto(f"{sandbox.github.url}/acme/quiet/issues/{issue.number}")
    align = "cell => getComputedStyle(cell).textAlign"
    assert "right" in page.locator("td", has_text="1.00").evaluate(align)
    assert page.locator("th", has_text="left").evaluate(align) == "left"


def test_pages_fit_a_phone_and_wide_parts_scroll_by_themselves(
    page: Page, sandbox: Sandbox
) -> None:
    stage = Stage(sandbox, "acme/quiet")
    wide = "x" * 300
    body = f"| a | b |\n|---|---|\n| `{wide}` | b |\n\n```diff\n+ {wide}\n```\n\n{wide}"
    number = stage.open("wide", "W" * 120, {"wide.txt": f"{wide}\n"})
    stage.github.comment(stage.name, number, "eve", body)
    page.set_viewport_size({"width": 390, "height": 800})
    for path in (
        f"{stage.name}/pull/{number}",
        stage.name,
        "_sandbox/deliveries",
        "_sandbox/calls",
    ):
        page.goto(f"{stage.github.url}/{path}")
        assert overflow_px(page) <= 0, path
    page.goto(stage.page(number))
    for part in (".markdown pre", ".markdown table", "#files + .box .body"):
        box = page.locator(part).first
        assert box.evaluate("box => box.scrollWidth > box.clientWidth"), part


def test_pages_are_dark_if_the_system_is(page: Page, sandbox: Sandbox) -> None:
    shade = "() => Number(getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0])"
    for url in (sandbox.github.url, f"{sandbox.aws.url}/_sandbox/"):
        page.goto(url)
        page.emulate_media(color_scheme="light")
        assert page.evaluate(shade) > 200
        page.emulate_media(color_scheme="dark")
        assert page.evaluate(shade) < 50


def test_a_delivery_can_be_shown_and_sent_again(page: Page, sandbox: Sandbox) -> None:
    issue = sandbox.github.create_issue("acme/quiet", "eve", "Something to talk about")
    sandbox.github.comment("acme/quiet", issue.number, "bob", "Deliver this")
    assert sandbox.github.courier.wait_idle()
    page.goto(f"{sandbox.github.url}/_sandbox/deliveries")
    row = page.locator(".row", has_text="issue_comment.created").first
    guid = row.locator("code").inner_text()
    row.get_by_role("link").click()
    expect(page.locator("pre").first).to_contain_text("X-Hub-Signature-256: sha256=")
    page.go_back()
    page.locator(".row", has_text=guid).get_by_role("button", name="Redeliver").click()
    again = page.locator(".row", has_text=guid).filter(has_text="redelivery")
    see(page, again)


def test_a_person_adds_a_file_and_an_issue_and_sees_who_may_do_what(
    page: Page, sandbox: Sandbox
) -> None:
    page.goto(f"{sandbox.github.url}/acme/quiet")
    people = page.locator("h2#people + .box")
    expect(people).to_contain_text(f"{WRITER} write")
    page.get_by_text("Add a file").click()
    page.get_by_label("path of the new file").fill("notes/idea.md")
    page.get_by_label("content of the new file").fill("# An idea")
    form = page.locator("form:has(input[name=new])")
    form.get_by_label("act as").select_option(WRITER)
    form.get_by_role("button", name="Open a pull request").click()
    expect(page.get_by_role("heading", name="Add notes/idea.md")).to_be_visible()

    page.goto(f"{sandbox.github.url}/acme/quiet")
    page.get_by_text("New issue").click()
    page.get_by_label("title of the issue").fill("Which bucket?")
    page.get_by_role("button", name="Open an issue").click()
    expect(page.get_by_role("heading", name="Which bucket?")).to_be_visible()
