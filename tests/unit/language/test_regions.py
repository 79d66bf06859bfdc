"""Stacks that are there once in each of their regions."""

from __future__ import annotations

import pytest

from gitbot.language.editing.pieces import EditError, documents_of
from gitbot.language.editing.regions import without_stacks
from gitbot.model.desired import LoadedTree
from tests.unit.language.specs_by_hand import ENVIRONMENT, HEAD, box, codes, load_files, load_spec

BASE = HEAD.replace("demo", "base") + box("Name: a") + '  outputs: {arn: "${box.Arn}"}\n'
USE = box("Name: '${stacks.base.outputs.arn}'")
BOTH = "  regions: [us-east-1, eu-west-1]\n"


def load(spec: str, base: str) -> LoadedTree:
    files = {"specs/dev/base.yaml": base, "specs/dev/demo.yaml": HEAD + spec}
    return load_files({"specs/dev/environment.yaml": ENVIRONMENT, **files})


def in_regions(text: str, *regions: str) -> str:
    return text.replace("spec:\n", f"spec:\n  regions: [{', '.join(regions)}]\n")


def test_each_region_has_an_instance_with_its_own_hash() -> None:
    loaded = load_spec(
        BOTH + box("""Name: '${env.region.startsWith("eu") ? "eu" : "us"}-${stack.name}'""")
    )
    assert loaded.diagnostics == ()
    found = {one.name: one for one in loaded.stacks}
    assert list(found) == ["demo@us-east-1", "demo@eu-west-1"]
    assert [one.region for one in found.values()] == ["us-east-1", "eu-west-1"]
    assert len({one.hash for one in found.values()}) == 2
    names = [one.resources["box"].properties["Name"] for one in found.values()]  # type: ignore[index]
    assert names == ["us-demo", "eu-demo"]


def test_the_instance_of_the_home_region_was_the_stack_before() -> None:
    loaded = load_spec(BOTH + box("Name: a"))
    assert [one.moved_from for one in loaded.stacks] == ["demo", None]
    head = HEAD.replace("{name: demo}", "{name: demo, moved: old}")
    files = {
        "specs/dev/environment.yaml": ENVIRONMENT,
        "specs/dev/demo.yaml": head + BOTH + box("Name: a"),
    }
    assert [one.moved_from for one in load_files(files).stacks] == [
        "old@us-east-1",
        "old@eu-west-1",
    ]
    back = HEAD.replace("{name: demo}", "{name: demo, moved: demo@us-east-1}") + box("Name: a")
    (one,) = load_files({**files, "specs/dev/demo.yaml": back}).stacks
    assert (one.name, one.moved_from) == ("demo", "demo@us-east-1")


@pytest.mark.parametrize(
    ("spec", "base", "uses"),
    [
        (BOTH + USE, BASE, ["base.arn", "base.arn"]),
        (BOTH + USE, in_regions(BASE, "us-east-1", "eu-west-1"), ["base@us-east-1.arn", "base@eu-west-1.arn"]),
        (USE, in_regions(BASE, "us-east-1", "eu-west-1"), ["base@us-east-1.arn"]),
    ],
    ids=["one for all regions", "each its own", "a stack of the environment's region"],
)  # fmt: skip
def test_an_output_is_that_of_the_same_region(spec: str, base: str, uses: list[str]) -> None:
    loaded = load(spec, base)
    assert loaded.diagnostics == ()
    stacks = [one for one in loaded.stacks if one.name.startswith("demo")]
    assert [use.key for one in stacks for use in one.uses] == uses
    assert [sorted(one.depends_on) for one in stacks] == [[key.partition(".")[0]] for key in uses]


@pytest.mark.parametrize(
    ("spec", "base", "code", "words"),
    [
        (BOTH + USE, in_regions(BASE, "us-east-1"), "unknown-stack", "is in us-east-1, and this one uses it from eu-west-1"),
        ("  regions: []\n" + box("Name: a"), BASE, "bad-value", "spec.regions is empty"),
        (f"  regions: {[f'us-east-{n}' for n in range(41)]}\n" + box("Name: a"), BASE, "bad-value", "names 41 regions"),
        ("  regions: [mars]\n" + box("Name: a"), BASE, "bad-value", '"mars"'),
        (BOTH + box("Name: a, Nam: b"), BASE, "unknown-property", "Nam"),
        (BOTH + box("Name: '${stacks.bas.outputs.arn}'"), BASE, "unknown-stack", 'Did you mean "base"?'),
        (box("Name: '${stacks[\"base@us-east-1\"].outputs.arn}'"), in_regions(BASE, "us-east-1"), "unknown-stack", ""),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_once(spec: str, base: str, code: str, words: str) -> None:
    loaded = load(spec, base)
    assert codes(loaded) == [code]
    assert words in f"{loaded.diagnostics[0].detail} {loaded.diagnostics[0].fix}"


def test_one_name_is_one_stack_with_and_without_regions() -> None:
    loaded = load(box("Name: a"), in_regions(BASE.replace("base", "demo"), "us-east-1"))
    assert codes(loaded) == ["duplicate-stack"]
    assert loaded.stacks == ()


IN_THREE = (
    HEAD
    + "  regions:\n    - us-east-1\n    - eu-west-1  # Dublin\n    - us-west-2\n  resources: {}\n"
)
OTHER = HEAD.replace("demo", "other") + "  resources: {}\n"


def test_a_stack_is_taken_out_of_some_of_its_regions_and_with_the_last_out_of_its_file() -> None:
    text = f"{IN_THREE}---\n{OTHER}"
    less = without_stacks(text, ["demo@eu-west-1"])
    assert less == text.replace("    - eu-west-1  # Dublin\n", "")
    every = [f"demo@{one}" for one in ("us-east-1", "eu-west-1", "us-west-2")]
    rest = without_stacks(text, every)
    assert documents_of(rest) == documents_of(OTHER)
    assert without_stacks(IN_THREE, every) == ""
    assert without_stacks(OTHER, ["other"]) == ""
    with pytest.raises(EditError, match="declares no stack of the name gone"):
        without_stacks(text, ["gone@eu-west-1"])
