"""Tables of how an entry of drift.ignore is written into an environment's file."""

from __future__ import annotations

import pytest

from gitbot.decisions.drift.ignoring import with_ignored
from gitbot.errors import RefusedError

HEAD = "kind: Environment\nmetadata: {name: dev}\nspec:\n  region: eu-west-1   # here\n"
ENTRY = {
    "stack": "gpu-trainer",
    "resource": "trainer",
    "path": "/Tags/owner",
    "until": "2026-12-24",
    "because": "handover: ada → bob",
}
WRITTEN = """\
      - stack: gpu-trainer
        resource: trainer
        path: /Tags/owner
        until: "2026-12-24"
        because: "handover: ada → bob"
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", f"  drift:\n    ignore:\n{WRITTEN}"),
        ("  drift: 30m\n", f"  drift:\n    every: 30m\n    ignore:\n{WRITTEN}"),
        ("  drift:\n    every: 30m  # often\n", f"  drift:\n    every: 30m  # often\n    ignore:\n{WRITTEN}"),
        ("  drift:\n    ignore: []\n", "  drift:\n    ignore: [{stack: gpu-trainer, resource: trainer, path: /Tags/owner, "
         'until: "2026-12-24", because: "handover: ada → bob"}]\n'),
    ],
)  # fmt: skip
def test_the_entry_is_added_and_nothing_else_changes(before: str, after: str) -> None:
    assert with_ignored(HEAD + before, "dev", ENTRY) == HEAD + after


def test_an_entry_about_the_same_path_gets_the_new_date() -> None:
    once = with_ignored(HEAD, "dev", ENTRY)
    again = with_ignored(once, "dev", {**ENTRY, "until": "2027-01-31"})
    assert again == once.replace("2026-12-24", "2027-01-31")
    other = with_ignored(once, "dev", {**ENTRY, "path": "/Size"})
    assert other.count("- stack: gpu-trainer") == 2


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("kind: Stack\nmetadata: {name: dev}\n", "has no environment in it"),
        ("kind: Environment\nmetadata: {name: dev}\n", "has no `spec`"),
        (HEAD + "  drift: off\n", "drift is not looked for"),
        (HEAD + "  drift: {ignore: later}\n", "is no list"),
    ],
)
def test_a_file_in_another_form_is_refused(text: str, says: str) -> None:
    with pytest.raises(RefusedError, match=says):
        with_ignored(text, "dev", ENTRY)
