"""Answers have the keys that GitHub's own descriptions require.

The complete check (``tests/openapi``) needs npm; this part runs with every suite.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.contract.sandbox_github.house import REPO, House, house

PULL = (
    "_links assignee author_association auto_merge base body changed_files closed_at comments "
    "commits created_at deletions draft head html_url id maintainer_can_modify merge_commit_sha "
    "mergeable mergeable_state merged merged_at merged_by node_id number state title updated_at "
    "url user"
)
REPOSITORY = (
    "archived clone_url created_at default_branch disabled fork full_name hooks_url html_url id "
    "license name node_id owner permissions private pushed_at size ssh_url updated_at url"
)
COMMENT = "body created_at html_url id issue_url node_id updated_at url user"
USER = "avatar_url events_url html_url id login node_id site_admin type url"
CHECK_RUN = (
    "app check_suite completed_at conclusion details_url external_id head_sha html_url id name "
    "node_id output pull_requests started_at status url"
)
COMBINED = "commit_url repository sha state statuses total_count url"
COMMIT = "author comments_url commit committer html_url node_id parents sha url"
DEPLOYMENT = (
    "created_at creator description environment id node_id payload ref repository_url sha "
    "statuses_url task updated_at url"
)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("shapes") / "github") as made:
        number = made.pull_request()
        made.local.comment(REPO, number, "bob", "hello")
        app = made.app_client().get_repo(REPO)
        head = made.local.pull_request(REPO, number).head_sha
        app.create_check_run("gitbot/dev", head, conclusion="success")
        app.create_deployment(head, environment="dev", required_contexts=[])
        yield made


def _get(world: House, path: str) -> Any:
    headers = {"Authorization": f"token {world.tokens['bob']}"}
    return requests.get(world.local.api_url + path, headers=headers, timeout=60).json()


@pytest.mark.parametrize(
    ("path", "inside", "required"),
    [
        ("/user", None, USER),
        (f"/repos/{REPO}", None, REPOSITORY),
        (f"/repos/{REPO}/pulls/1", None, PULL),
        (f"/repos/{REPO}/issues/1/comments", 0, COMMENT),
        (f"/repos/{REPO}/commits/feature", None, COMMIT),
        (f"/repos/{REPO}/commits/feature/status", None, COMBINED),
        (f"/repos/{REPO}/commits/feature/check-runs", "check_runs", CHECK_RUN),
        (f"/repos/{REPO}/deployments", 0, DEPLOYMENT),
    ],
)
def test_an_answer_has_what_github_requires(
    world: House, path: str, inside: str | int | None, required: str
) -> None:
    answer = _get(world, path)
    if inside is not None:
        answer = answer[inside]
    if isinstance(answer, list):
        answer = answer[0]
    assert set(required.split()) - set(answer) == set()


def test_every_address_in_an_answer_is_this_servers_own(world: House) -> None:
    def addresses(node: Any) -> Iterator[str]:
        if isinstance(node, dict):
            for value in node.values():
                yield from addresses(value)
        elif isinstance(node, list):
            for value in node:
                yield from addresses(value)
        elif isinstance(node, str) and node.startswith("http"):
            yield node

    found = list(addresses(_get(world, f"/repos/{REPO}/pulls/1")))
    assert len(found) > 50
    assert all(address.startswith(world.local.url) for address in found)
