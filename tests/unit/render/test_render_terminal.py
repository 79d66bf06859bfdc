"""Tests for plans and walks as lines of a terminal."""

from __future__ import annotations

from dataclasses import replace

from gitbot.model.names import Address
from gitbot.model.plan import Action, PathChange, ResourceFailure, WalkResult
from gitbot.render.plan_words import count_changes
from gitbot.render.terminal import Line, diagnostic_lines, plan_lines, walk_lines
from gitbot.render.values import path_words, value_lines
from tests.unit.render.plans_by_hand import (
    DELETED,
    EXCERPTS,
    KEPT,
    WARNING,
    WHOLE,
    created,
    diagnostic,
    plan,
)


def test_a_plan_is_shown_in_full() -> None:
    assert [(line.style, line.text) for line in plan_lines(WHOLE)] == [
        ("bold", "dev/gpu-trainer in us-east-1"),
        (
            "",
            "1 to create, 1 to update, 1 to replace, 1 to delete, 1 to adopt. Digest 1a2b3c4d00000000 names exactly this plan.",
        ),
        (
            "",
            "  • ⚠ A merge does not do this by itself (stateful-replace): all data in `data-1` (data) is lost when it is replaced: nothing is copied.",
        ),
        (
            "",
            "  • ⚠ Cannot be reviewed: a value that is marked sensitive is hidden in UserData of `trainer`, which says who may do what, or what runs. A merge does not agree to what nobody can read: it is applied when somebody names its digest.",
        ),
        ("red", "  - old AWS::IAM::Role will be deleted"),
        ("dim", "      In the cloud it is `old-role`."),
        ("magenta", "  -/+ data AWS::S3::Bucket will be replaced"),
        ("dim", "      Replacement: afterwards it is a new object with a new identity."),
        ("dim", "      The old object is deleted first."),
        ("dim", "      All data in `data-1` is lost: nothing is copied to the new one."),
        ("dim", "      BucketName can only be set at creation, so changing it means replacing."),
        ("dim", "      In the cloud it is `data-1`."),
        (
            "yellow",
            '      ~ BucketName: "data-1" → ${x.Y} (known after apply)  # forces replacement',
        ),
        ("yellow", "  ~ trainer AWS::EC2::Instance will be updated in place"),
        ("dim", "      Restart: it is stopped, changed, and started again if it was running."),
        ("dim", "      In the cloud it is `i-0abc`."),
        ("yellow", '      ~ InstanceType: "g4dn.xlarge" → "g5.xlarge"'),
        ("yellow", "      ~ UserData: (sensitive) → (sensitive)"),
        ("dim", "        Changed behind gitbot's back; an apply puts it back:"),
        ("yellow", '      ~ Tags.owner: "somebody" → "ml"'),
        ("cyan", "  ⇐ logs AWS::S3::Bucket will be adopted"),
        ("dim", "      The existing object logs-1 is taken over."),
        ("dim", "      In the cloud it is `logs-1`."),
        ("green", "  + ssh AWS::EC2::SecurityGroup will be created"),
        ("green", '      + GroupDescription: "SSH from my IP only"'),
        ("cyan", "  ⇒ outputs 2 outputs change"),
        ("green", "      + trainer_id: ${trainer.InstanceId} (known after apply)"),
        ("yellow", "      ~ password: (sensitive)"),
        ("", ""),
    ]


def test_an_empty_plan_says_so() -> None:
    assert plan_lines(plan(KEPT))[1:] == (
        Line("Nothing to do: the cloud is as the specs say."),
        Line(""),
    )


def test_a_move_is_no_nothing() -> None:
    """Kind: a headline that says there is nothing where an apply records something."""
    moved = replace(KEPT, moved_from=Address("crate"))
    lines = [line.text for line in plan_lines(plan(moved))]
    assert lines[1].startswith("1 to rename in state. Digest ")
    assert "  = kept AWS::S3::Bucket keeps its object under a new name" in lines
    assert "      It was called `crate` before." in lines
    both = plan(created("a"), moved, replace(moved, address=Address("more")))
    assert plan_lines(both)[1].text.startswith("1 to create, 2 to rename in state.")
    assert count_changes([plan(moved), both]) == "1 to create, 3 to rename in state"


def test_a_walk_lists_what_has_another_name_in_state() -> None:
    moved = replace(KEPT, moved_from=Address("crate"))
    result = WalkResult(moved=((Address("crate"), Address("kept")),))
    assert [line.text for line in walk_lines(plan(moved), result)] == [
        "dev/gpu-trainer: applied",
        "  • crate renamed in state to kept",
        "",
    ]


def test_diagnostics_have_place_excerpt_and_count() -> None:
    lines = diagnostic_lines((WARNING, diagnostic()), EXCERPTS)
    assert [line.style for line in lines] == ["red", "dim", "dim", "yellow", "bold"]
    assert lines[0].text.startswith(
        "✗ This property is not known (unknown-property) at specs/dev/trainer.yaml:7:9: "
    )
    assert lines[1].text == "            SecurityGroupIngres:"
    assert lines[2].text == "            ^"
    assert lines[-1].text == "1 error, 1 warning"
    assert diagnostic_lines(()) == ()


def test_a_walk_says_what_was_done_and_what_was_not() -> None:
    shown = plan(created("a"), created("b"), created("c"))
    failure = ResourceFailure(address=Address("b"), action=Action.CREATE, message="no capacity")
    result = WalkResult(done=((Address("a"), Action.CREATE),), failures=(failure,))
    assert [line.text for line in walk_lines(shown, result)] == [
        "dev/gpu-trainer: not everything was applied",
        "  • ✗ + b failed: no capacity",
        "  • a created",
        "Not begun: `c`.",
        "What was done is recorded and is not done again: run the same command again to continue.",
        "",
    ]


def test_a_walk_that_destroys_speaks_of_destroying() -> None:
    shown = plan(DELETED, destroys=True)
    failure = ResourceFailure(address=Address("old"), action=Action.DELETE, message="in use")
    failed = [line.text for line in walk_lines(shown, WalkResult(failures=(failure,)))]
    assert failed[0] == "dev/gpu-trainer: not everything was destroyed"
    assert failed[-2].endswith("run the same command again to continue.")
    done = WalkResult(done=((Address("old"), Action.DELETE),))
    assert walk_lines(shown, done)[0].text == "dev/gpu-trainer: destroyed"


def test_a_walk_of_an_empty_plan_applied_nothing() -> None:
    assert walk_lines(plan(KEPT), WalkResult())[0].text == "dev/gpu-trainer: nothing to do"


def test_control_characters_do_not_reach_the_terminal() -> None:
    change = created("a", Name="\x1b]0;owned\x07")
    text = "\n".join(line.text for line in plan_lines(plan(change)))
    assert "\x1b" not in text
    assert "\x07" not in text


def test_paths_read_as_people_write_them() -> None:
    assert path_words("/Ingress/0/CidrIp") == "Ingress[0].CidrIp"
    assert path_words("/Tags/cost centre") == 'Tags["cost centre"]'
    assert path_words("/Tags/a~1b~0c") == 'Tags["a/b~c"]'
    assert path_words("") == "(whole)"


def test_each_path_says_what_an_apply_does_to_it() -> None:
    paths = (
        PathChange(path="/A", before=1, removed=True),
        PathChange(path="/B", before="x", after="y", removed=True, note="versioning is suspended"),
        PathChange(path="/C", before=True, after=False, may_force=True),
    )
    change = created("a")
    shown = plan(type(change)(address=change.address, type="T", action=Action.UPDATE, paths=paths))
    assert [line.text.strip() for line in plan_lines(shown)[3:-1]] == [
        "- A: 1",
        '~ B: "x" → "y"  # back to its default; versioning is suspended',
        "~ C: true → false  # may force replacement",
    ]


def test_a_long_value_is_written_as_an_outline() -> None:
    rule = {
        "Id": "old-versions",
        "Status": "Enabled",
        "Days": list(range(30)),
        "And": {"a": "x" * 90},
    }
    assert [line.text for line in value_lines({"Rules": [rule, 1], "Empty": []})] == [
        "Rules:",
        '  - Id: "old-versions"',
        '    Status: "Enabled"',
        "    Days:",
        *(f"      - {number}" for number in range(30)),
        f'    And: {{a: "{"x" * 90}"}}',
        "  - 1",
        "Empty: []",
    ]


def test_a_renamed_stack_is_told_with_its_former_name() -> None:
    renamed = replace(plan(created()), renamed_from="trainer")
    told = "Renamed: the stack was applied as trainer. What it has in the cloud stays its own."
    assert told in [line.text for line in plan_lines(renamed)]
    assert not any("Renamed" in line.text for line in plan_lines(plan(created())))
