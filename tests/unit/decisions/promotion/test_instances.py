"""A promoted document stands for an instance in each of its regions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from gitbot.decisions.promotion.commands import chosen
from gitbot.decisions.promotion.instances import (
    hash_of,
    instances_in,
    names_of,
    regions_of,
    window_of,
)
from gitbot.decisions.promotion.pins import users
from gitbot.decisions.promotion.proposal import StackText, promoted, propose
from gitbot.decisions.promotion.stacks import Edge
from gitbot.errors import RefusedError
from gitbot.model.freeze import ALLOWED, Verdict
from gitbot.render.promotion import decisions, stays
from tests.unit.language.specs_by_hand import ENVIRONMENT, HEAD, box, load_files

EDGE = Edge(source="dev", target="staging", region="us-west-2")
BOTH = "  regions: [us-east-1, eu-west-1]\n"


def stack(*regions: str, moved: str = "", more: str = "") -> str:
    head = HEAD.replace("{name: demo}", f"{{name: demo, moved: {moved}}}") if moved else HEAD
    where = f"  regions: [{', '.join(regions)}]\n" if regions else ""
    return f"{head}{where}  resources: {{}}\n{more}"


def test_the_hash_of_a_document_is_that_of_its_instances() -> None:
    files = {"specs/dev/environment.yaml": ENVIRONMENT}
    loaded = {
        text: {one.name: one for one in load_files({**files, "specs/dev/demo.yaml": text}).stacks}
        for text in (HEAD + BOTH + box("Name: a"), HEAD + box("Name: a"))
    }
    two, one = loaded.values()
    assert instances_in([*two, "demos@eu-west-1"], "demo") == ("demo@eu-west-1", "demo@us-east-1")
    assert hash_of(one, "demo") == one["demo"].hash
    before = hash_of(two, "demo")
    assert before not in (None, *(each.hash for each in two.values()))
    changed = {**two, "demo@eu-west-1": replace(two["demo@eu-west-1"], hash="other")}
    assert hash_of(changed, "demo") != before
    assert hash_of({"demo@eu-west-1": two["demo@eu-west-1"]}, "demo") != before
    assert hash_of(two, "web") is None
    assert users(two, load_files(files).environments["dev"], ["modules/a"], ["demo", "web"]) == {}


@pytest.mark.parametrize(
    ("texts", "names", "regions"),
    [
        (["", stack()], ("demo",), ()),
        (["", ""], ("demo",), ()),
        ([stack("eu-west-1"), ": {"], ("demo@eu-west-1",), ("eu-west-1",)),
        ([stack("eu-west-1"), stack("us-east-1")], ("demo@eu-west-1", "demo@us-east-1"), ("eu-west-1", "us-east-1")),
        ([stack(), stack("us-west-2")], ("demo", "demo@us-west-2"), ("us-west-2",)),
        (["- 1\n", HEAD + "  regions: no\n"], ("demo",), ()),
    ],
)  # fmt: skip
def test_the_stacks_of_a_document_before_and_after(
    texts: list[str], names: tuple[str, ...], regions: tuple[str, ...]
) -> None:
    assert names_of("demo", *texts) == names
    assert regions_of(names) == regions


@pytest.mark.parametrize(
    ("base", "source", "target", "text", "without", "deleted"),
    [
        # A new region comes at once, one that is gone with the deletions.
        (stack("us-east-1"), stack("us-east-1", "eu-west-1"), stack("us-east-1"),
         stack("us-east-1", "eu-west-1"), stack("us-east-1", "eu-west-1"), ()),
        (stack("us-east-1", "eu-west-1"), stack("us-east-1"), stack("us-east-1", "eu-west-1"),
         stack("us-east-1", "eu-west-1"), stack("us-east-1"), ("demo@eu-west-1",)),
        (stack("us-east-1", "eu-west-1"), stack("us-east-1", "us-west-1"), stack("us-east-1", "eu-west-1"),
         stack("us-east-1", "eu-west-1", "us-west-1"), stack("us-east-1", "us-west-1"), ("demo@eu-west-1",)),
        # The target's own region is kept where the source's regions do not have it.
        (stack(), stack("us-east-1"), stack(), stack("us-west-2", "us-east-1"), stack("us-east-1"), ("demo@us-west-2",)),
        (stack(), stack("us-west-2", "us-east-1"), stack(),
         stack("us-west-2", "us-east-1"), stack("us-west-2", "us-east-1"), ()),
        # Back to one: whose state goes on stays, the others are deleted first.
        (stack("us-west-2", "eu-west-1"), stack(moved="demo@us-west-2"), stack("us-west-2", "eu-west-1"),
         stack("us-west-2", "eu-west-1"), stack(moved="demo@us-west-2"), ("demo@eu-west-1",)),
        (stack("us-west-2", moved="old"), stack(moved="demo@us-west-2"), stack("us-west-2", moved="old"),
         stack(moved="demo@us-west-2"), stack(moved="demo@us-west-2"), ()),
        (stack("us-west-2", moved="old"), stack(), stack("us-west-2", moved="old"),
         stack("us-west-2", moved="old"), stack(), ("demo@us-west-2",)),
        # The target's own regions stay.
        (stack(), stack(more="  labels: {}\n"), stack("us-east-1"),
         stack("us-east-1", more="  labels: {}\n"), stack("us-east-1", more="  labels: {}\n"), ()),
    ],
)  # fmt: skip
def test_regions_are_promoted_and_none_is_deleted_on_the_way(
    base: str, source: str, target: str, text: str, without: str, deleted: tuple[str, ...]
) -> None:
    texts = [
        StackText(path=f"specs/{where}/demo.yaml", text=one)
        for where, one in (("dev", source), ("staging", target))
    ]
    found = propose(base, texts[0], texts[1], EDGE)
    assert found.merged.deleted == deleted
    plain = [StackText(path="x", text=one).plain for one in (found.text, found.without)]
    assert plain == [StackText(path="x", text=one).plain for one in (text, without)]
    told = promoted("demo", found, texts[0], EDGE)
    assert sorted(told.regions) == list(regions_of(names_of("demo", text)))
    assert list(decisions(told)) == []
    assert any("stay" in one for one in stays(told)) or not deleted
    if (
        deleted
    ):  # Once the rest is merged, the deletion is still to come, and it is all that is left.
        again = propose(found.base, texts[0], replace(texts[1], text=found.text), EDGE)
        assert (again.is_nothing, again.merged.deleted) == (True, deleted)
        assert StackText(path="x", text=again.without).plain == plain[1]


@pytest.mark.parametrize(
    ("source", "target", "ended", "text", "deleted"),
    [
        (stack("us-east-1"), stack("us-east-1", "eu-west-1"), {"eu-west-1"}, stack("us-east-1", "eu-west-1"), ()),
        (stack("us-west-1"), stack("us-east-1", "eu-west-1"), {"eu-west-1"},
         stack("us-east-1", "eu-west-1", "us-west-1"), ("demo@us-east-1",)),
        (stack("us-east-1"), stack("us-east-1"), {"eu-west-1"}, stack("us-east-1"), ()),
        (stack(), stack("us-east-1"), {"us-east-1"}, stack("us-east-1"), ("demo@us-east-1",)),
        (stack("us-west-2"), stack(), {"eu-west-1"}, stack("us-west-2"), ()),
    ],
)  # fmt: skip
def test_a_region_in_which_expiry_ended_the_source_stays_in_the_target(
    source: str, target: str, ended: set[str], text: str, deleted: tuple[str, ...]
) -> None:
    base = stack("us-east-1", "eu-west-1")
    if stack() in (source, target):
        base = target
    sides = [
        StackText(path=f"specs/{one}/demo.yaml", text=text)
        for one, text in (("dev", source), ("staging", target))
    ]
    found = propose(base, *sides, EDGE, ended=ended)
    assert found.merged.deleted == deleted
    assert StackText(path="x", text=found.text).plain == StackText(path="x", text=text).plain


AT = datetime(2026, 11, 28, tzinfo=UTC)


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ({}, ALLOWED),
        ({"a": ALLOWED, "b": ALLOWED}, ALLOWED),
        ({"a": Verdict(allowed=False, why="no")}, Verdict(allowed=False, why="no")),
        (
            {"a": Verdict(allowed=False, why="x", next_open=AT), "b": ALLOWED},
            Verdict(allowed=False, why="`a`: x", next_open=AT),
        ),
        (
            {
                "a": Verdict(allowed=False, why="x", next_open=AT.replace(day=29)),
                "b": Verdict(allowed=False, why="y", next_open=AT),
            },
            Verdict(allowed=False, why="`a`: x", next_open=AT.replace(day=29)),
        ),
        (
            {
                "a": Verdict(allowed=False, why="x", next_open=AT),
                "b": Verdict(allowed=False, why="y"),
            },
            Verdict(allowed=False, why="`b`: y"),
        ),
    ],
)
def test_the_window_of_a_document_is_open_when_that_of_every_instance_is(
    verdicts: dict[str, Verdict], expected: Verdict
) -> None:
    assert window_of(verdicts) == expected


def test_a_command_names_the_document_and_not_one_of_its_regions() -> None:
    with pytest.raises(RefusedError, match="with all of its regions: write `staging/web`"):
        chosen([], "staging", "web@eu-west-1")
    with pytest.raises(RefusedError, match="write `web`"):
        chosen([], None, "web@eu-west-1")
