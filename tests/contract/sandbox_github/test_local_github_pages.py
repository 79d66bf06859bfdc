"""Tests for the local GitHub's pages: what they show and hide, and what their forms do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from gitbot_sandbox.github.pages.markup import markdown
from tests.contract.sandbox_github.house import REPO, House, house


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("pages") / "github") as made:
        yield made


def _page(world: House, path: str) -> str:
    answer = requests.get(world.local.url + path, timeout=60)
    assert answer.status_code == 200, answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    return answer.text


def _form(world: House, path: str, **fields: str) -> int:
    sent = requests.post(world.local.url + path, data=fields, allow_redirects=False, timeout=60)
    return sent.status_code


def test_the_pages_of_a_pull_request_show_everything_about_it(world: House) -> None:
    number = world.pull_request()
    head = world.local.pull_request(REPO, number).head_sha
    app = world.app_client().get_repo(REPO)
    note = {
        "path": "specs/dev/bucket.yaml",
        "start_line": 2,
        "end_line": 2,
        "annotation_level": "failure",
        "title": "Unknown name",
        "message": "there is no <two>",
    }
    output = {"title": "1 to add", "summary": "| a |\n|---|\n| b |", "annotations": [note]}
    run = app.create_check_run("gitbot/dev", head, conclusion="failure", output=output)
    app.get_commit(head).create_status("success", context="lint", description="clean")
    app.create_deployment(head, environment="dev", required_contexts=[]).create_status("success")
    world.local.comment(REPO, number, "bob", "<!-- marker -->\n**bold**\n\n```diff\n+ new\n```")
    page = _page(world, f"/{REPO}/pull/{number}")
    for shown in ("<strong>bold</strong>", '<span class="diff-add">+ new', "gitbot/dev", "lint"):
        assert shown in page
    assert "marker" not in page
    assert '<span class="diff-del">-name: one' in page
    detail = _page(world, f"/{REPO}/runs/{run.id}")
    assert "<td>b</td>" in detail
    assert "there is no &lt;two&gt;" in detail
    assert f"/blob/{head}/specs/dev/bucket.yaml#L2" in detail
    assert "name: two" in _page(world, f"/{REPO}/blob/{head}/specs/dev/bucket.yaml")
    assert "name: two" in _page(world, f"/{REPO}/commit/{head}")
    home = _page(world, f"/{REPO}")
    assert "Change it" in home
    assert '<span class="pill success">success</span> <b>dev</b>' in home
    assert REPO in _page(world, "/")
    assert "POST /repos/acme/infra/check-runs" in _page(world, "/_sandbox/calls")


def test_the_forms_act_with_the_rights_of_the_chosen_login(world: House) -> None:
    number = world.pull_request("by-hand")
    path = f"/{REPO}/pull/{number}"
    assert _form(world, path, login="bob", action="comment", body="/plan") == 303
    assert _form(world, path, login="bob", action="approve") == 422
    assert _form(world, path, login="carol", action="merge", method="merge") == 403
    assert _form(world, path, login="carol", action="approve") == 303
    assert _form(world, path, login="nobody", action="comment", body="x") == 422
    foreign = requests.post(
        world.local.url + path,
        data={"login": "alice", "action": "merge"},
        headers={"Origin": "https://evil.example"},
        timeout=60,
    )
    assert foreign.status_code == 403
    assert world.local.pull_request(REPO, number).merged_at is None
    assert _form(world, path, login="alice", action="merge", method="squash") == 303
    assert "merged by <b>alice</b>" in _page(world, path)


def test_an_issue_can_be_read_answered_and_closed_by_hand(world: House) -> None:
    issue = world.local.create_issue(REPO, "carol", "Drift in dev", "It *moved*", ["drift"])
    path = f"/{REPO}/issues/{issue.number}"
    assert _form(world, path, login="carol", action="close") == 403
    assert _form(world, path, login="bob", action="comment", body="Seen") == 303
    assert _form(world, path, login="bob", action="close") == 303
    page = _page(world, path)
    for shown in ("It <em>moved</em>", "Seen", '<span class="pill closed">closed</span>', "drift"):
        assert shown in page


def test_a_delivery_can_be_viewed_and_sent_again(world: House) -> None:
    hook = world.local.set_webhook(REPO, "http://127.0.0.1:9/hook", "s3cret")
    assert world.local.courier.wait_idle()
    world.local.remove_webhook(hook)
    sent = world.local.courier.deliveries("ping")[-1]
    assert sent.guid in _page(world, "/_sandbox/deliveries")
    page = _page(world, f"/_sandbox/deliveries/{sent.id}")
    assert "X-Hub-Signature-256" in page
    assert "s3cret" not in page
    assert _form(world, f"/_sandbox/deliveries/{sent.id}/attempts") == 303
    assert world.local.courier.wait_idle()
    again = world.local.courier.deliveries("ping")[-1]
    assert (again.guid, again.redelivery) == (sent.guid, True)
    assert _form(world, "/_sandbox/deliveries/999999/attempts") == 404


@pytest.mark.parametrize(
    ("hostile", "never"),
    [
        ("<script>alert(1)</script>", "alert"),
        ("<img src=x onerror=alert(1)>", "onerror"),
        ('<a href="javascript:alert(1)">x</a>', "javascript"),
        ("[x](javascript:alert(1))", 'href="javascript'),
        ('<a href=" &#106;avascript:alert(1)">x</a>', "href"),
        ("<svg><script>alert(1)</script></svg>", "alert"),
        ('<p style="position:fixed">x</p>', "position"),
        ('<div class="box" onclick="x()">x</div>', "onclick"),
        ("<iframe src=//evil></iframe>", "iframe"),
        ("<form action=/x><button>x</button></form>", "<form"),
        ("<style>body{display:none}</style>", "display"),
        ("<!-- gitbot:plan -->", "gitbot"),
        ("</div></main><h1>out", "</main>"),
        ('```x"><script>alert(1)</script>\n```', "<script"),
    ],
)
def test_a_hostile_comment_does_nothing(hostile: str, never: str) -> None:
    assert never not in markdown(f"{hostile}\n\nafter")
    assert "after" in markdown(f"{hostile}\n\nafter")


def test_what_gitbot_writes_is_shown_as_on_github() -> None:
    shown = markdown(
        "<details open><summary><b>2</b> to add</summary>\n\n"
        "| a | b |\n|--:|---|\n| `x` | ~~y~~ |\n\n"
        "```diff\n-old <b>\n+new\n@@ 1\n```\n</details>\n\n<details>\n\nunclosed"
    )
    assert '<details open=""><summary><b>2</b> to add</summary>' in shown
    assert '<td align="right"><code>x</code></td>' in shown
    assert '<span class="diff-del">-old &lt;b&gt;</span>' in shown
    assert '<span class="diff-hunk">@@ 1</span>' in shown
    assert shown.count("<details") == shown.count("</details>") == 2
