"""Tests for the comparison of desired, recorded and observed, rule by rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from gitbot.model.plan import Cause, PathChange
from gitbot.model.schema import Removal, Route, SelfReference, TypeSchema
from gitbot.model.tag_limits import TagLimits
from gitbot.model.values import Sensitive, redactor
from gitbot.reconciler.compare import compare
from gitbot.reconciler.secretive import NOT_SHOWN
from tests.unit.reconciler.planning_world import BUCKET, GROUP, MACHINE, REDACT, unknown

PLAIN = TypeSchema(name="Test::Plain", route=Route.NATIVE)

NAMED = replace(
    GROUP,
    itself=SelfReference(
        attributes=frozenset({"GroupId"}), within=frozenset({"/Ingress"}), word="self"
    ),
)


def differ(
    schema: TypeSchema,
    desired: Mapping[str, Any],
    recorded: Mapping[str, Any] | None,
    observed: Mapping[str, Any] | None,
    ignore: tuple[str, ...] = (),
) -> list[PathChange]:
    found = compare(
        schema,
        desired=desired,
        recorded=recorded,
        observed=observed,
        ignore=ignore,
        redactor=REDACT,
    )
    return list(found)


def brief(found: list[PathChange]) -> list[tuple[str, Any, Any]]:
    return [(path.path, path.before, path.after) for path in found]


EQUAL: dict[str, tuple[TypeSchema, Any, Any]] = {
    "an integer and the same number as a float": (PLAIN, {"A": 1}, {"A": 1.0}),
    "keys that only the cloud has": (PLAIN, {"A": {"B": 1}}, {"A": {"B": 1, "C": 2}, "D": 3}),
    "nothing and an empty list": (PLAIN, {"A": []}, {}),
    "nothing and an empty map": (PLAIN, {"A": {}}, {"B": 1}),
    "null and nothing": (PLAIN, {"A": None}, {}),
    "the beginning of a version": (
        replace(PLAIN, versions=frozenset({"/V"})),
        {"V": "15", "W": "1.2"},
        {"V": "15.4", "W": "1.2"},
    ),
    "a set in another order": (
        GROUP,
        {"Ingress": [{"P": 1}, {"P": 2}]},
        {"Ingress": [{"P": 2}, {"P": 1}]},
    ),
    "a set of texts in another order": (MACHINE, {"Groups": ["a", "b"]}, {"Groups": ["b", "a"]}),
    "set elements to which the cloud added keys": (
        GROUP,
        {"Ingress": [{"P": 1}]},
        {"Ingress": [{"P": 1, "Id": "r"}]},
    ),
    "an undemanding and a demanding set element": (
        GROUP,
        {"Ingress": [{"P": 1}, {"P": 1, "C": "x"}]},
        {"Ingress": [{"P": 1, "C": "x"}, {"P": 1, "C": "y"}]},
    ),
    "elements that pair by identity": (
        BUCKET,
        {"Lifecycle": {"Rules": [{"Id": "a", "N": 1}, {"Id": "b", "N": 2}]}},
        {"Lifecycle": {"Rules": [{"Id": "b", "N": 2}, {"Id": "a", "N": 1}]}},
    ),
    "an element without identity that the cloud gave one": (
        BUCKET,
        {"Lifecycle": {"Rules": [{"N": 1}]}},
        {"Lifecycle": {"Rules": [{"Id": "made-up", "N": 1}]}},
    ),
    "others' elements of an open list": (
        MACHINE,
        {"Addresses": ["a"]},
        {"Addresses": ["x", "a", "y"]},
    ),
    "others' tags": (
        BUCKET,
        {"Tags": [{"Key": "a", "Value": "1"}]},
        {"Tags": [{"Key": "z", "Value": "9"}, {"Key": "a", "Value": "1"}]},
    ),
    "reserved tags": (
        BUCKET,
        {"Tags": []},
        {"Tags": [{"Key": "aws:x", "Value": "1"}, {"Key": "gitbot:y", "Value": "1"}]},
    ),
    "the word for the object itself and its identifier": (
        NAMED,
        {"Ingress": [{"From": "id-1"}]},
        {"Ingress": [{"From": "self"}], "GroupId": "id-1"},
    ),
    "the identifier of the object, in both": (
        NAMED,
        {"Ingress": [{"From": "id-1"}]},
        {"Ingress": [{"From": "id-1"}], "GroupId": "id-1"},
    ),
    "a sensitive value that the cloud shows": (PLAIN, {"A": Sensitive("s")}, {"A": "s"}),
}


@pytest.mark.parametrize("name", EQUAL)
def test_these_are_equal(name: str) -> None:
    schema, desired, observed = EQUAL[name]
    assert differ(schema, desired, desired, observed) == []
    assert differ(schema, desired, None, observed) == []


DIFFERENT: dict[str, tuple[TypeSchema, Any, Any, list[tuple[str, Any, Any]]]] = {
    "a boolean and a number": (PLAIN, {"A": True}, {"A": 1}, [("/A", 1, True)]),
    "a text and a number": (PLAIN, {"A": "1"}, {"A": 1}, [("/A", 1, "1")]),
    "a nested key": (PLAIN, {"A": {"B": 2}}, {"A": {"B": 1, "C": 3}}, [("/A/B", 1, 2)]),
    "a key that needs escaping": (PLAIN, {"A": {"x/y~z": 2}}, {"A": {"x/y~z": 1}}, [("/A/x~1y~0z", 1, 2)]),
    "a list element by index": (PLAIN, {"A": ["x", "y"]}, {"A": ["x", "z"]}, [("/A/1", "z", "y")]),
    "a list of another length": (PLAIN, {"A": ["x"]}, {"A": ["x", "z"]}, [("/A", ["x", "z"], ["x"])]),
    "a set with one element more and one less": (
        GROUP,
        {"Ingress": [{"P": 1}, {"P": 3}]},
        {"Ingress": [{"P": 2}, {"P": 1}]},
        [("/Ingress/1", None, {"P": 3}), ("/Ingress/0", {"P": 2}, None)],
    ),
    "a set that holds an element twice": (MACHINE, {"Groups": ["a"]}, {"Groups": ["a", "a"]}, [("/Groups/1", "a", None)]),
    "an element of the same identity": (
        MACHINE,
        {"Disks": [{"Name": "b", "Type": "gp3"}]},
        {"Disks": [{"Name": "a", "Type": "x"}, {"Name": "b", "Type": "gp2"}]},
        [("/Disks/0/Type", "gp2", "gp3"), ("/Disks/0", {"Name": "a", "Type": "x"}, None)],
    ),
    "a missing element of an open list": (MACHINE, {"Addresses": ["a"]}, {"Addresses": ["x"]}, [("/Addresses/0", None, "a")]),
    "a tag": (BUCKET, {"Tags": [{"Key": "a", "Value": "2"}]}, {"Tags": [{"Key": "a", "Value": "1"}]}, [("/Tags/a", "1", "2")]),
    "a tag in the map shape": (MACHINE, {"Tags": {"a": "2"}}, {"Tags": {"b": "1"}}, [("/Tags/a", None, "2")]),
    "the identifier of another object": (
        NAMED,
        {"Ingress": [{"From": "id-2"}]},
        {"Ingress": [{"From": "self"}], "GroupId": "id-1"},
        [("/Ingress/0", None, {"From": "id-2"}), ("/Ingress/0", {"From": "self"}, None)],
    ),
    "the identifier where it does not stand for the object": (
        NAMED,
        {"Label": "id-1"},
        {"Label": "self", "GroupId": "id-1"},
        [("/Label", "self", "id-1")],
    ),
    "a map where the cloud has a text": (PLAIN, {"A": {"B": 1}}, {"A": "x"}, [("/A", "x", {"B": 1})]),
}  # fmt: skip


@pytest.mark.parametrize("name", DIFFERENT)
def test_these_differ_and_it_is_drift_as_long_as_the_spec_stays(name: str) -> None:
    schema, desired, observed, expected = DIFFERENT[name]
    found = differ(schema, desired, desired, observed)
    assert brief(found) == expected
    assert {path.cause for path in found} == {Cause.DRIFT}


@pytest.mark.parametrize("name", DIFFERENT)
def test_a_difference_is_a_change_if_recorded_agrees_with_observed(name: str) -> None:
    schema, desired, observed, expected = DIFFERENT[name]
    found = differ(schema, desired, observed, observed)
    assert [path for path in brief(found) if path in expected] == expected
    assert {path.cause for path in found} == {Cause.CHANGE}


# --- removal -------------------------------------------------------------------------------------


def test_a_removed_path_goes_back_to_the_default_of_its_type() -> None:
    was = {"Versioning": {"Status": "Enabled"}}
    (path,) = differ(BUCKET, {}, was, was)
    assert (path.path, path.removed, path.after) == ("/Versioning", True, {"Status": "Suspended"})
    assert (path.note, path.cause) == ("versioning is suspended", Cause.CHANGE)


def test_a_removed_path_that_is_at_its_default_already_is_no_change() -> None:
    was = {"Versioning": {"Status": "Enabled"}, "Lifecycle": {"Rules": [{"Id": "a"}]}}
    assert differ(BUCKET, {}, was, {"Versioning": {"Status": "Suspended", "MfaDelete": "no"}}) == []


@pytest.mark.parametrize("observed", [{}, {"Ingress": []}])
def test_a_removed_path_gets_its_default_although_the_cloud_has_no_value(
    observed: dict[str, Any],
) -> None:
    schema = replace(GROUP, removals={"/Ingress": Removal(default=[{"P": -1}], says="all")})
    (path,) = differ(schema, {}, {"Ingress": []}, observed)
    assert (path.after, path.removed) == ([{"P": -1}], True)


def test_a_removed_path_without_a_default_value_is_deleted() -> None:
    was = {"Lifecycle": {"Rules": [{"Id": "a"}]}}
    (path,) = differ(BUCKET, {}, was, was)
    assert (path.path, path.removed, path.after) == ("/Lifecycle", True, None)


def test_a_removed_nested_key_gets_its_part_of_its_parents_default() -> None:
    was = {"Versioning": {"Status": "Enabled", "Extra": 1}}
    found = differ(BUCKET, {"Versioning": {}}, was, was)
    assert [(p.path, p.after, p.removed) for p in found] == [
        ("/Versioning/Extra", None, True),
        ("/Versioning/Status", "Suspended", True),
    ]


def test_the_most_specific_removal_wins() -> None:
    schema = replace(
        PLAIN,
        removals={
            "/A/*": Removal(default="any", says="any"),
            "/A/B": Removal(default="exact", says="exact"),
            "/*/B": Removal(default="other", says="other"),
        },
    )
    was = {"A": {"B": 1, "C": 1}, "D": {"B": 1}}
    found = differ(schema, {"A": {}, "D": {}}, was, was)
    assert [(p.path, p.after) for p in found] == [
        ("/A/B", "exact"),
        ("/A/C", "any"),
        ("/D/B", "other"),
    ]


def test_a_removed_tag_is_deleted_and_others_stay() -> None:
    was = {"Tags": [{"Key": "mine", "Value": "1"}]}
    now = {"Tags": [{"Key": "mine", "Value": "1"}, {"Key": "theirs", "Value": "2"}]}
    assert [(p.path, p.removed) for p in differ(BUCKET, {}, was, now)] == [("/Tags/mine", True)]


def test_a_removed_element_of_an_open_list_is_deleted_and_others_stay() -> None:
    found = differ(
        MACHINE, {"Addresses": ["a"]}, {"Addresses": ["a", "b"]}, {"Addresses": ["x", "b", "a"]}
    )
    assert [(p.path, p.before, p.removed, p.cause) for p in found] == [
        ("/Addresses/1", "b", True, Cause.CHANGE)
    ]


def test_a_list_element_that_somebody_else_added_is_drift_and_a_dropped_one_a_change() -> None:
    found = differ(
        GROUP,
        {"Ingress": [{"P": 1}]},
        {"Ingress": [{"P": 1}, {"P": 2}]},
        {"Ingress": [{"P": 1}, {"P": 2}, {"P": 3}]},
    )
    assert [(p.before, p.cause) for p in found] == [
        ({"P": 2}, Cause.CHANGE),
        ({"P": 3}, Cause.DRIFT),
    ]


# --- what cannot be read, and what must not be shown ----------------------------------------------


def test_a_write_only_path_compares_with_the_record() -> None:
    same = REDACT("p")
    assert differ(MACHINE, {"Password": Sensitive("p")}, {"Password": same}, {}) == []
    (path,) = differ(MACHINE, {"Password": Sensitive("q")}, {"Password": same}, {})
    assert (path.before, path.after) == (same, REDACT("q"))


def test_an_object_to_adopt_has_a_write_only_value_that_a_read_shows_all_the_same() -> None:
    """The kind: the storage of a database, which is compared with what was applied, since it grows by itself."""
    assert differ(MACHINE, {"Password": "20"}, None, {"Password": "20"}) == []
    (path,) = differ(MACHINE, {"Password": "20"}, None, {"Password": "10"})
    assert (path.added, path.after) == (True, "20")
    assert len(differ(MACHINE, {"Password": "20"}, None, {})) == 1
    assert len(differ(MACHINE, {"Password": "20"}, {"Password": "10"}, {"Password": "20"})) == 1


def test_a_hash_under_another_key_counts_as_changed() -> None:
    other = redactor(b"other", "k0")("p")
    assert len(differ(MACHINE, {"Password": Sensitive("p")}, {"Password": other}, {})) == 1


_KEYS = "arn:aws:kms:eu-west-1:1:key/"
_ID = "0f1e2d3c-0f1e-0f1e-0f1e-0f1e2d3c4b5a"


@pytest.mark.parametrize(
    ("desired", "observed", "cause"),
    [
        (f"{_KEYS}a", f"{_KEYS}a", None),
        (f"{_KEYS}a", f"{_KEYS}b", Cause.DRIFT),
        (_ID, f"{_KEYS}{_ID}", None),
        (_ID, f"{_KEYS}b", Cause.DRIFT),
        ("alias/ml", f"{_KEYS}b", None),
    ],
)
def test_another_key_is_drift_where_its_name_tells_which_it_is(
    desired: str, observed: str, cause: Cause | None
) -> None:
    schema = replace(PLAIN, write_only=("/Key",), key_names=frozenset({"/Key"}))
    found = differ(schema, {"Key": desired}, {"Key": desired}, {"Key": observed})
    assert [one.cause for one in found] == ([] if cause is None else [cause])


def test_a_removed_write_only_path_is_removed_though_nobody_can_see_it() -> None:
    (path,) = differ(MACHINE, {}, {"Password": REDACT("p")}, {})
    assert (path.path, path.removed) == ("/Password", True)


def test_the_observed_value_of_something_sensitive_is_not_shown() -> None:
    (path,) = differ(PLAIN, {"A": Sensitive("new")}, {"A": REDACT("old")}, {"A": "old"})
    assert (path.before, path.after) == (REDACT("old"), REDACT("new"))
    (path,) = differ(
        replace(PLAIN, removals={"/A": Removal(default=None, says="")}),
        {},
        {"A": REDACT("old")},
        {"A": "old"},
    )
    assert path.before == REDACT("old")


POLICY = {"Effect": "Allow", "Key": Sensitive("s3cret")}


@pytest.mark.parametrize(
    ("desired", "observed", "shown"),
    [
        pytest.param(
            {"A": [POLICY, {"Effect": "Deny"}]},
            {"A": [{"Effect": "Allow", "Key": "0ld"}]},
            [{"Effect": "Allow", "Key": REDACT("0ld")}],
            id="a leaf of an element",
        ),
        pytest.param(
            {"A": [Sensitive("s3cret"), "b"]},
            {"A": ["x"]},
            [REDACT("x")],
            id="an element may have moved in the list",
        ),
        pytest.param(
            {"A": [Sensitive({"Effect": "Allow"}), POLICY]},
            {"A": [{"Effect": "Allow"}]},
            [REDACT({"Effect": "Allow"})],
            id="a whole element that is sensitive hides the whole",
        ),
        pytest.param(
            {"A": [POLICY, POLICY]},
            {"A": [["0ld", Sensitive("x")]]},
            [[REDACT("0ld"), REDACT("x")]],
            id="another shape is hidden whole",
        ),
    ],
)
def test_one_sensitive_leaf_hides_its_place_and_nothing_else(
    desired: Mapping[str, Any], observed: Mapping[str, Any], shown: Any
) -> None:
    """The kind: one leaf that is sensitive hides a whole policy, and what else changes in it."""
    (path,) = differ(PLAIN, desired, None, observed)
    assert path.before == shown
    assert "s3cret" not in repr(path)


def test_drift_of_something_sensitive_is_seen_through_its_hash() -> None:
    assert differ(PLAIN, {"A": REDACT("s")}, {"A": REDACT("s")}, {"A": "s"}) == []
    (path,) = differ(PLAIN, {"A": REDACT("s")}, {"A": REDACT("s")}, {"A": "moved"})
    assert (path.before, path.cause) == (REDACT("moved"), Cause.DRIFT)


# --- ignoreChanges, normalisation, unknowns, replacement ------------------------------------------


@pytest.mark.parametrize(
    ("ignore", "left"),
    [
        ("/A", ["/B/C", "/B/D"]),
        ("/B", ["/A"]),
        ("/B/*", ["/A"]),
        ("/B/C", ["/A", "/B/D"]),
    ],
)
def test_ignored_paths_are_not_compared(ignore: str, left: list[str]) -> None:
    found = differ(
        PLAIN, {"A": 1, "B": {"C": 1, "D": 1}}, None, {"A": 2, "B": {"C": 2, "D": 2}}, (ignore,)
    )
    assert [path.path for path in found] == left


def test_an_ignored_tag_is_left_alone_even_when_the_spec_drops_it() -> None:
    was = {"Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "1"}]}
    assert [path.path for path in differ(BUCKET, {}, was, was, ("/Tags/a",))] == ["/Tags/b"]


def test_both_sides_are_normalised_before_they_are_compared() -> None:
    schema = replace(
        PLAIN, normalise=lambda tree: {key: str(item).lower() for key, item in tree.items()}
    )
    assert differ(schema, {"A": "TCP"}, {"A": "tcp"}, {"A": "Tcp"}) == []


def test_unknown_elements_of_a_set_pair_with_what_is_left_over() -> None:
    found = differ(MACHINE, {"Groups": [unknown("${g.Id}"), "a"]}, None, {"Groups": ["a", "b"]})
    assert [(p.path, p.before, p.added) for p in found] == [("/Groups/0", "b", False)]
    found = differ(MACHINE, {"Groups": [unknown("${g.Id}"), "a"]}, None, {"Groups": ["a"]})
    assert [(p.path, p.before, p.added) for p in found] == [("/Groups/0", None, True)]


def test_an_unknown_inside_a_set_element_pairs_by_the_rest() -> None:
    found = differ(
        GROUP,
        {"Ingress": [{"P": 22, "From": unknown("${g.Id}")}]},
        None,
        {"Ingress": [{"P": 80, "From": "x"}, {"P": 22, "From": "y"}]},
    )
    assert [(p.path, p.before) for p in found] == [
        ("/Ingress/0/From", "y"),
        ("/Ingress/0", {"P": 80, "From": "x"}),
    ]


def test_what_a_tag_says_beside_its_value_differs_where_the_type_has_it() -> None:
    limits = TagLimits(pattern="", says="", most=50, details=("PropagateAtLaunch",))
    group = replace(BUCKET, tag_limits=limits)
    wanted, has = (
        {
            "Tags": [
                {"Key": "a", "Value": "1", "PropagateAtLaunch": is_so},
                {"Key": "b", "Value": ""},
            ]
        }
        for is_so in (True, False)
    )
    assert brief(differ(group, wanted, wanted, has)) == [("/Tags/a/PropagateAtLaunch", False, True)]
    assert differ(group, wanted, wanted, wanted) == []
    assert differ(group, wanted, wanted, has, ("/Tags/a",)) == []
    assert differ(BUCKET, wanted, wanted, has) == []
    assert brief(differ(group, wanted, None, {"Tags": []})) == [
        ("/Tags/a", None, "1"),
        ("/Tags/b", None, ""),
    ]


def test_unknown_tags_may_change() -> None:
    found = differ(
        BUCKET,
        {"Tags": [{"Key": "a", "Value": unknown("${g.Id}")}]},
        None,
        {"Tags": [{"Key": "a", "Value": "1"}]},
    )
    assert [(p.path, p.before) for p in found] == [("/Tags/a", "1")]


def test_a_forced_replacement_inside_a_list_is_marked_on_the_element() -> None:
    now = {"Disks": [{"Name": "a", "Size": 1, "Type": "x"}]}
    (path,) = differ(MACHINE, {"Disks": [{"Name": "a", "Size": 2}]}, None, now)
    assert (path.path, path.forces) == ("/Disks/0/Size", True)
    (path,) = differ(MACHINE, {"Disks": [{"Name": "a", "Type": "y"}]}, None, now)
    assert (path.path, path.forces) == ("/Disks/0/Type", False)
    found = differ(MACHINE, {"Disks": [{"Name": "a"}, {"Name": "b", "Size": 1}]}, None, now)
    assert [(p.path, p.forces) for p in found] == [("/Disks/1", True)]


def test_a_create_only_value_that_is_not_read_back_is_not_gone() -> None:
    assert differ(MACHINE, {"Image": "a"}, {"Image": "a"}, {"Size": "s"}) == []
    (path,) = differ(MACHINE, {"Image": "b"}, {"Image": "a"}, {"Size": "s"})
    assert path.forces
    (path,) = differ(MACHINE, {"Image": "a"}, {"Image": "a"}, {"Image": "b"})
    assert (path.forces, path.cause) == (True, Cause.DRIFT)


def test_nothing_forces_anything_where_there_is_no_object_yet() -> None:
    assert not any(path.forces for path in differ(MACHINE, {"Image": "a"}, None, None))


def test_a_create_only_path_that_cannot_be_read_does_not_block_an_adoption() -> None:
    schema = replace(MACHINE, create_only=("/Password",))
    assert differ(schema, {"Password": "p"}, None, {"Size": "s"}) == []
    assert brief(differ(schema, {"Password": "p"}, None, None)) == [("/Password", None, "p")]


def test_a_removed_structure_shows_only_what_the_spec_had() -> None:
    had = {"Rules": [{"Id": "a", "Days": 30}]}
    now = {"Size": "default of the cloud", "Rules": [{"Id": "a", "Days": 30, "Extra": "cloud"}]}
    schema = replace(
        PLAIN,
        sets=frozenset({"/Config/Rules"}),
        identities={"/Config/Rules": ("Id",)},
        removals={"/Config": Removal(default=None, says="it is deleted")},
    )
    found = differ(schema, {}, {"Config": had}, {"Config": now})
    assert brief(found) == [("/Config", had, None)]


def test_a_removed_set_element_shows_only_what_the_spec_had() -> None:
    found = differ(
        GROUP,
        {"Ingress": []},
        {"Ingress": [{"P": 1}]},
        {"Ingress": [{"P": 1, "Id": "r"}]},
    )
    assert brief(found) == [("/Ingress/0", {"P": 1}, None)]


def test_a_rule_that_somebody_else_added_is_shown_whole() -> None:
    rule = {"P": 2, "Id": "r"}
    found = differ(GROUP, {"Ingress": []}, {"Ingress": []}, {"Ingress": [rule]})
    assert brief(found) == [("/Ingress/0", rule, None)]


LOOKS_SECRET = "ghp_0123456789abcdefghij"


@pytest.mark.parametrize(
    ("desired", "recorded", "observed", "before"),
    [
        ({"A": "x"}, {"A": "x"}, {"A": LOOKS_SECRET}, NOT_SHOWN),
        ({"A": "y"}, {"A": "x"}, {"A": LOOKS_SECRET}, NOT_SHOWN),
        ({"A": "x"}, None, {"A": LOOKS_SECRET}, NOT_SHOWN),
        ({"A": "x"}, {"A": LOOKS_SECRET}, {"A": LOOKS_SECRET}, LOOKS_SECRET),
        ({"A": "x"}, {"A": "x"}, {"A": "z"}, "z"),
    ],
    ids=["drift", "drift and a change", "adopted", "what the spec said", "no secret"],
)
def test_what_somebody_put_into_the_cloud_and_may_be_a_secret_is_not_shown(
    desired: Any, recorded: Any, observed: Any, before: Any
) -> None:
    (found,) = differ(PLAIN, desired, recorded, observed)
    assert found.before == before


SETTABLE = TypeSchema(
    name="Test::Settable",
    route=Route.NATIVE,
    sets=frozenset({"/Cidrs"}),
    removals={"/Labels": Removal(default={}, says="the labels are deleted")},
)


@pytest.mark.parametrize(
    ("recorded", "cause"),
    [({}, Cause.CHANGE), ({"Cidrs": ["a"]}, Cause.DRIFT), ({"Cidrs": []}, Cause.DRIFT)],
)
def test_a_list_that_the_spec_says_first_takes_out_what_nobody_has_put_in_behind_its_back(
    recorded: dict[str, Any], cause: Cause
) -> None:
    found = differ(SETTABLE, {"Cidrs": ["a"]}, recorded, {"Cidrs": ["everybody"]})
    assert [path.cause for path in found if path.removed] == [cause]


def test_a_map_that_leaves_the_spec_is_emptied_once() -> None:
    recorded = {"Labels": {"team": "ml"}}
    [gone] = differ(SETTABLE, {}, recorded, recorded)
    assert (gone.path, gone.after, gone.removed) == ("/Labels", {}, True)
    assert differ(SETTABLE, {}, recorded, {"Labels": {}}) == []
    assert differ(SETTABLE, {}, recorded, {}) == []


DEVICES = TypeSchema(
    name="Test::Machine",
    route=Route.NATIVE,
    identities={"/Devices": ("Name",)},
    open_lists=frozenset({"/Devices"}),
    write_only=("/Devices/*/None", "/Devices/*/Key"),
    create_only=("/Devices/*/Name", "/Devices/*/None"),
)
NONE, DISK = {"Name": "b", "None": {}}, {"Name": "a", "Size": 1}


def test_an_element_that_says_only_what_the_creation_takes_unread_is_as_it_was_applied() -> None:
    both, seen = {"Devices": [DISK, NONE]}, {"Devices": [DISK, {"Name": "c", "Size": 9}]}
    assert differ(DEVICES, both, both, seen) == []
    assert differ(DEVICES, both, None, seen) == []  # an object to adopt: the spec is trusted
    [added] = differ(DEVICES, both, {"Devices": [DISK]}, seen)
    assert (added.path, added.after, added.forces) == ("/Devices/1", NONE, True)
    other = {"Devices": [DISK, {"Name": "b", "Size": 2}]}
    assert [path.path for path in differ(DEVICES, other, other, seen)] == ["/Devices/1"]
    hidden = {
        "Devices": [DISK, {"Name": "b", "Key": "k"}]
    }  # written in place: it may have been lost
    assert [path.path for path in differ(DEVICES, hidden, hidden, seen)] == ["/Devices/1"]


def test_an_open_list_that_leaves_the_spec_takes_its_own_elements_along_alone() -> None:
    schema = replace(
        DEVICES,
        create_only=(),
        removals={"/Devices": Removal(default=None, says="the disks are taken off")},
    )
    other = {"Name": "c", "Size": 9}
    seen = {"Devices": [other, DISK]}
    [removed] = differ(schema, {}, {"Devices": [DISK]}, seen)
    assert (removed.path, removed.before, removed.removed) == ("/Devices", [DISK], True)
    assert differ(schema, {}, {"Devices": [DISK]}, {"Devices": [other]}) == []


POLICY = TypeSchema(
    name="Test::Policy",
    route=Route.NATIVE,
    closed={"/Document": frozenset({"Id"}), "/Document/Statement/*": frozenset({"Sid"})},
)
ALLOW = {"Effect": "Allow", "Action": ["a"]}


def test_what_somebody_adds_to_a_closed_map_is_drift_wherever_it_stands_in_it() -> None:
    ours = {"Document": {"Statement": [ALLOW]}, "Other": {"A": 1}}
    named = {"Document": {"Id": "x", "Statement": [{**ALLOW, "Sid": "1", "Condition": {}}]}}
    assert differ(POLICY, ours, ours, {**named, "Other": {"A": 1, "B": 2}}) == []
    more = {
        "Document": {"Statement": [{**ALLOW, "Condition": {"Bool": {"k": "v"}}}], "More": [1]},
        "Other": {"A": 1},
    }
    found = differ(POLICY, ours, ours, more)
    assert [(one.path, one.cause, one.removed) for one in found] == [
        ("/Document/Statement/0/Condition", Cause.DRIFT, True),
        ("/Document/More", Cause.DRIFT, True),
    ]
    assert found[0].before == {"Bool": {"k": "v"}}
    # Of an object to adopt, or a property that the spec is the first to declare, nobody has changed anything.
    for recorded in (None, {"Other": {"A": 1}}):
        assert {one.cause for one in differ(POLICY, ours, recorded, more)} == {Cause.CHANGE}
    ignore = ("/Document/More", "/Document/Statement/0/Condition")
    assert differ(POLICY, ours, ours, more, ignore) == []


def test_elements_of_a_set_within_a_closed_map_pair_only_as_a_whole() -> None:
    schema = replace(POLICY, sets=frozenset({"/Document/Statement"}))
    ours = {"Document": {"Statement": [ALLOW]}}
    strict = {**ALLOW, "Condition": {"Bool": {"k": "v"}}}
    found = differ(schema, ours, ours, {"Document": {"Statement": [strict]}})
    assert [(one.path, one.added, one.removed) for one in found] == [
        ("/Document/Statement/0", True, False),
        ("/Document/Statement/0", False, True),
    ]


@pytest.mark.parametrize("flag", ["--password", "-db-token"])
def test_the_argument_after_a_flag_for_secrets_is_not_shown(flag: str) -> None:
    """The flag stands beside it in the list, so the list is one change."""
    ours = {"Command": ["run", flag, "x", "-v"]}
    (found,) = compare(
        TypeSchema(name="Test::Job", route=Route.NATIVE),
        desired=ours,
        recorded=ours,
        observed={"Command": ["run", flag, "hunter2", "-v"]},
        redactor=REDACT,
    )
    assert (found.path, found.before, found.cause) == ("/Command", NOT_SHOWN, Cause.DRIFT)
