"""When the commit of an environment's modules moves, and which stacks wait for each other."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from gitbot.decisions.promotion.life import changes_nothing, reverted
from gitbot.decisions.promotion.pins import (
    behind,
    beside,
    changed_parts,
    together,
    users,
    with_pin,
)
from gitbot.decisions.promotion.standing import Next, Standing
from gitbot.language.editing.pieces import EditError
from gitbot.model.names import EnvironmentKey, Sha
from gitbot.model.pins import Beside, PinMove
from gitbot.model.promotion import Hold, Live, Part, PromotionRow
from gitbot.model.tree import Version
from tests.unit.language.specs_by_hand import HEAD, entries, load_files, tree
from tests.unit.language.test_module_versions import OTHER, PIN, environment, module

STAGING = EnvironmentKey(repository="7", environment="staging")
HOLD = Hold(actor="ada", reason="no", at=datetime(2026, 11, 28, tzinfo=UTC))
MOVE = PinMove(
    before=PIN, after=Sha(OTHER), changed=("modules/crate",), stacks=frozenset({"one", "two"})
)


def test_the_parts_that_differ_are_modules_and_calendars() -> None:
    before = {
        "modules/same/module.yaml": "a",
        "modules/changed/module.yaml": "a",
        "modules/gone/module.yaml": "a",
        "modules/same/README.md": "a",
        "calendars/days.yaml": "a",
        "templates/net.yaml": "a",
        "specs/dev/a.yaml": "a",
    }
    after = {
        "modules/same/module.yaml": "a",
        "modules/changed/module.yaml": "b",
        "modules/deep/new/module.yaml": "b",
        "calendars/days.yaml": "b",
        "templates/net.yaml": "b",
        "specs/dev/a.yaml": "b",
    }
    assert changed_parts(entries(before), entries(after)) == {
        "modules/changed",
        "modules/gone",
        "modules/deep/new",
        "calendars/days",
        "templates/net.yaml",
    }


def test_only_promotable_stacks_that_use_what_differs_are_concerned() -> None:
    resources = "  resources:\n    crate: {module: modules/crate}\n"
    loaded = load_files(
        {
            "specs/dev/environment.yaml": environment(
                "dev", '  offhours: "off=(M-F,19); skip=days"\n'
            ),
            "specs/dev/one.yaml": HEAD.replace("demo", "one") + resources,
            "specs/dev/two.yaml": HEAD.replace("demo", "two") + "  resources: {}\n",
            "specs/dev/kept.yaml": HEAD.replace("demo", "kept") + resources,
            "modules/crate/module.yaml": module("crate", "x"),
            "calendars/days.yaml": "- 2026-12-24\n",
        }
    )
    assert loaded.diagnostics == ()
    dev, stacks = loaded.environments["dev"], {one.name: one for one in loaded.stacks}
    crate, days = "modules/crate", "calendars/days"
    promotable = ("one", "two", "gone")
    assert users(stacks, dev, {crate, "modules/x"}, promotable) == {"one": {crate}}
    assert users(stacks, dev, {crate, days}, promotable) == {"one": {crate, days}, "two": {days}}


def test_who_runs_with_the_same_modules_proves_what_the_line_alone_changes() -> None:
    def use(name: str, *modules: str) -> str:
        entries = "".join(f"    {one}: {{module: modules/{one}}}\n" for one in modules)
        return HEAD.replace("demo", name) + f"  resources:\n{entries or '    {}'}"

    loaded = load_files(
        {
            **{f"specs/{name}/environment.yaml": environment(name) for name in ("dev", "staging")},
            "specs/dev/one.yaml": use("one", "crate"),
            "specs/dev/two.yaml": use("two", "crate"),
            "specs/dev/other.yaml": use("other", "still"),
            "specs/staging/one.yaml": use("one", "crate"),
            "specs/staging/other.yaml": use("other", "crate"),
            "specs/staging/own.yaml": use("own", "crate", "lonely"),
            "specs/staging/still.yaml": use("still", "still"),
            **{
                f"modules/{name}/module.yaml": module(name, "x")
                for name in ("crate", "lonely", "still")
            },
        }
    )
    assert loaded.diagnostics == ()
    both = [
        (
            loaded.environments[name],
            {one.name: one for one in loaded.stacks if one.environment == name},
        )
        for name in ("staging", "dev")
    ]
    found = beside(
        ["own", "one", "other", "still"], both[0], both[1], {"modules/crate", "modules/lonely"}
    )
    assert found == (
        Beside(stack="own", proofs=frozenset({"one", "two"}), unproven=("modules/lonely",)),
        Beside(stack="one", proofs=frozenset({"one"})),
        Beside(stack="other", proofs=frozenset({"one", "two"})),
        Beside(stack="still"),
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("spec:\n  region: r  # here\n", f'spec:\n  region: r  # here\n  modules: "{PIN}"\n'),
        (f"spec:\n  modules: '{OTHER}' # now\n", f"spec:\n  modules: '{PIN}' # now\n"),
        (f"spec:\n  modules: {'a' * 40}\n", f'spec:\n  modules: "{PIN}"\n'),
        ("spec: {region: r}\n", f'spec: {{region: r, modules: "{PIN}"}}\n'),
    ],
)
def test_the_line_is_written_in_quotes_and_no_other_changes(text: str, expected: str) -> None:
    assert with_pin(text, PIN) == expected


def test_a_text_beside_the_line_that_looks_like_it_keeps_its_quotes() -> None:
    text = f"spec:\n  variables: {{a: 'modules: {PIN}'}}\n  modules: 'x'\n"
    assert with_pin(text, PIN) == text.replace("'x'", f"'{PIN}'")


@pytest.mark.parametrize("text", ["", "spec: 1\n", "a: 1\n---\nb: 1\n", "- 1\n"])
def test_what_is_no_environment_is_not_written(text: str) -> None:
    with pytest.raises(EditError):
        with_pin(text, PIN)


def row(stack: str, hold: Hold | None = None) -> PromotionRow:
    return PromotionRow(target=STAGING, stack=stack, source="dev", hold=hold)


CHANGES = Standing(next=Next.CHANGES)
WAITS = Standing(next=Next.WAITS, why="a plan of dev is not empty yet")


@pytest.mark.parametrize(
    ("two", "hold", "expected"),
    [
        (CHANGES, None, ""),
        (WAITS, None, "two uses the same modules: a plan of dev is not empty yet"),
        (CHANGES, HOLD, "two uses the same modules, and its promotion is held"),
        (Standing(next=Next.NOTHING), None, ""),
        (None, None, ""),
    ],
)
def test_stacks_of_one_line_wait_for_each_other(
    two: Standing | None, hold: Hold | None, expected: str
) -> None:
    standings = {"one": CHANGES, "other": CHANGES} | ({"two": two} if two is not None else {})
    found = together(standings, {"two": row("two", hold)}, MOVE)
    assert (found["one"].next is Next.WAITS, found["one"].why) == (bool(expected), expected)
    assert found["other"] == CHANGES
    assert together(standings, {}, None) == standings


def live(**more: str) -> Live:
    given = {"branch": "b", "base": "", "before": "a: 1\n", "after": "a: 2\n", **more}
    return Live(number=4, part=Part.CHANGES, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("last", "now", "pin", "expected"),
    [
        (live(), "a: 1\n", "", True),
        (live(), "a: 2\n", "", False),
        (live(after="a: 1\n", pin_before=PIN, pin_after=OTHER), "a: 1\n", OTHER, False),
        (live(after="a: 1\n", pin_before=PIN, pin_after=OTHER), "a: 1\n", PIN, True),
        (live(pin_before=PIN, pin_after=OTHER), "a: 2\n", PIN, True),
        (live(pin_before=PIN, pin_after=OTHER), "a: 1\n", OTHER, True),
        (live(pin_before=PIN, pin_after=PIN), "a: 2\n", PIN, False),
    ],
)
def test_a_line_that_is_taken_back_is_a_revert(
    last: Live, now: str, pin: str, expected: bool
) -> None:
    assert reverted(last, now, pin) is expected


def test_a_promotion_of_modules_alone_is_planned_though_the_text_stays() -> None:
    moves = live(after="a: 1\n", pin_before=PIN, pin_after=OTHER)
    assert not changes_nothing(moves)
    assert changes_nothing(replace(moves, pin_before=OTHER))
    assert not changes_nothing(live())


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("", f"  modules: {PIN}\n", {"one": {"modules/crate", "calendars/days"}}),
        ("", "", {"one": {"modules/crate"}}),
        ("", f"  modules: '{OTHER}'\n", {}),
        (f"  modules: {PIN}\n", f"  modules: {PIN}\n", {}),
        (f"  modules: {PIN}\n", "", {"one": {"modules/crate"}}),
    ],
)
def test_what_a_target_is_behind_in(
    source: str, target: str, expected: dict[str, set[str]]
) -> None:
    pinned = entries(
        {"modules/crate/module.yaml": module("crate", "then"), "calendars/days.yaml": ""}
    )
    versions = {
        PIN: Version(commit=PIN, contained=True, entries=pinned),
        OTHER: Version(commit=OTHER),
    }
    hours = '  offhours: "off=(M-F,19); skip=days"\n'
    files = {
        "specs/dev/environment.yaml": environment("dev", source + hours),
        "specs/dev/one.yaml": HEAD.replace("demo", "one")
        + "  resources:\n    crate: {module: modules/crate}\n",
        "specs/prod/environment.yaml": environment("prod", "  promotesFrom: dev\n" + target),
        "modules/crate/module.yaml": module("crate", "now"),
        "calendars/days.yaml": "- 2026-12-24\n",
    }
    loaded = load_files(files, versions=versions)
    dev, prod = loaded.environments["dev"], loaded.environments["prod"]
    stacks = {one.name: one for one in loaded.stacks}
    assert behind(tree(files, versions), dev, prod, stacks, ["one"]) == expected
