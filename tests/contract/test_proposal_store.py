"""gitbot's own branches are found by their names and by their pull requests."""

from __future__ import annotations

from dataclasses import replace

from gitbot.model.proposals import OwnBranch
from gitbot.ports.records import Records

OWN = OwnBranch(repository="7", branch="gitbot/adopt/dev/a")


def test_a_branch_is_recorded_before_its_pull_request(records: Records) -> None:
    assert records.proposals.of_branch("7", OWN.branch) is None
    records.proposals.put(OWN)
    assert records.proposals.of_branch("7", OWN.branch) == OWN
    opened = replace(OWN, head="a" * 40, number=12)
    records.proposals.put(opened)
    assert records.proposals.of_branch("7", OWN.branch) == opened
    assert records.proposals.of_pull_request("7", 12) == opened
    assert records.proposals.of_pull_request("8", 12) is None


def test_who_is_behind_a_pull_request_is_never_forgotten(records: Records) -> None:
    assert records.proposals.makers("7", 12) == frozenset()
    records.proposals.note_makers("7", 12, ["ada"])
    records.proposals.note_makers("7", 12, ["bob", "ada"])
    records.proposals.note_makers("8", 12, ["eve"])
    records.proposals.note_makers("7", 13, ["cyd"])
    assert records.proposals.makers("7", 12) == {"ada", "bob"}
