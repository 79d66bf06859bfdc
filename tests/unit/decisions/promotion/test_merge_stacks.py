"""What the source changed comes to the target; what is the target's own stays."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitbot.decisions.promotion.stacks import Edge, MergedStack, merge_stack, moves_of
from gitbot.language.editing.pieces import documents_of
from gitbot.language.editing.splices import same
from gitbot.model.promotion import Why
from tests.model_checks import sized

EDGE = Edge(source="dev", target="staging", variables=frozenset({"project"}))


def stack(spec: str, name: str = "web") -> dict[str, Any]:
    text = f"apiVersion: gitbot/v1\nkind: Stack\nmetadata: {{name: {name}}}\nspec:\n"
    lines = "".join(f"  {line}\n" for line in spec.splitlines())
    found: dict[str, Any] = documents_of(text + (lines or "  {}\n"))[0]
    return found


def merged(
    base: str | None, source: str, target: str | None, edge: Edge = EDGE, **more: Any
) -> MergedStack:
    return merge_stack(
        None if base is None else stack(base),
        stack(source),
        None if target is None else stack(target),
        edge,
        **more,
    )


def machine(more: str = "", kind: str = "small") -> str:
    return f"resources:\n  vm: {{type: A, properties: {{Size: {kind}{more}}}}}"


@pytest.mark.parametrize(
    ("base", "source", "target", "result"),
    [
        # the source only
        (machine(), machine(kind="big"), machine(), machine(kind="big")),
        (machine(), machine(", Disk: 8"), machine(), machine(", Disk: 8")),
        (machine(", Disk: 8"), machine(), machine(", Disk: 8"), machine()),
        # the target only
        (machine(), machine(), machine(kind="huge"), machine(kind="huge")),
        (machine(), machine(), machine(", Mine: 1"), machine(", Mine: 1")),
        # both, on different paths
        (machine(), machine(", Disk: 8"), machine(", Mine: 1"), machine(", Mine: 1, Disk: 8")),
        # both, to the same
        (machine(), machine(kind="big"), machine(kind="big"), machine(kind="big")),
        # values that differed stay, equal ones are taken, new ones too
        ("values: {a: 1}", "values: {a: 2}", "values: {a: 9}", "values: {a: 9}"),
        ("values: {a: 1}", "values: {a: 2}", "values: {a: 1}", "values: {a: 2}"),
        ("values: {a: 1}", "values: {a: 1, b: 2}", "values: {a: 9}", "values: {a: 9, b: 2}"),
        ("values: {a: 1}", "values: {a: 2}", "values: {}", "values: {}"),
        # what every environment has of its own
        ("ttl: 1d", "ttl: 2d", "ttl: 9d", "ttl: 9d"),
        ("values: {}", "offhours: x\nexpires: y\npromote: true\nvalues: {}", "values: {}", "values: {}"),
        ("ttl: 1d", "resources: {}", "ttl: 1d", "ttl: 1d\nresources: {}"),
        ("ttl: 1d", "ttl: 1d\nresources: {}", "ttl: 1d", "ttl: 1d\nresources: {}"),
        # lists whose items have names
        (
            "tags: [{Key: a, Value: 1}]",
            "tags: [{Key: a, Value: 2}, {Key: c, Value: 3}]",
            "tags: [{Key: m, Value: 0}, {Key: a, Value: 1}]",
            "tags: [{Key: m, Value: 0}, {Key: a, Value: 2}, {Key: c, Value: 3}]",
        ),
        # lists without names, where the changes do not meet
        ("l: [1, 2, 3]", "l: [1, 2, 4]", "l: [0, 1, 2, 3]", "l: [0, 1, 2, 4]"),
        ("l: [1, 2]", "l: [1, 2, 3]", "l: [2]", "l: [2, 3]"),
        ("l: [1]", "l: [2]", "l: [1]", "l: [2]"),
        ("l: [1]", "l: [1]", "l: [7]", "l: [7]"),
    ],
)  # fmt: skip
def test_a_promotion_is_merged_path_by_path(
    base: str, source: str, target: str, result: str
) -> None:
    found = merged(base, source, target)
    assert found.document == stack(result)
    assert found.conflicts == ()
    assert merge_stack(stack(base), stack(source), found.document, EDGE).document == found.document


@pytest.mark.parametrize(
    ("base", "source", "target", "paths"),
    [
        (machine(), machine(kind="big"), machine(kind="huge"), ["resources/vm/properties/Size"]),
        (machine(), machine(", Disk: 8"), machine(", Disk: 9"), ["resources/vm/properties/Disk"]),
        (machine(", Disk: 8"), machine(), machine(", Disk: 9"), ["resources/vm/properties/Disk"]),
        (machine(), machine(kind="big"), "resources: {}", ["resources/vm"]),
        ("l: [1]", "l: [2]", "l: [3]", ["l"]),
        ("l: [1]", "l: {a: 1}", "l: [3]", ["l"]),
        ("l: [1]", "l: [1, 2]", "l: [1, 3]", ["l"]),
        # it is not clear which of the two equal items the source means
        ("l: [1, 1]", "l: [1]", "l: [1, 2, 1]", ["l"]),
        # nothing is known of the base
        (None, machine(kind="big"), machine(), ["resources/vm/properties/Size"]),
        (None, "values: {a: 1}", "values: {a: 2}", []),
        (None, machine(), machine(), []),
    ],
)
def test_a_change_on_both_sides_is_a_conflict_and_the_target_stays(
    base: str | None, source: str, target: str, paths: list[str]
) -> None:
    found = merged(base, source, target)
    assert ["/".join(map(str, one.path[1:])) for one in found.conflicts] == paths
    assert found.document == stack(target)
    assert found.is_draft == bool(paths)


def test_what_stays_different_is_named_with_the_reason() -> None:
    edge = Edge(
        source="dev",
        target="staging",
        keep=(("spec", "values", "my_ip"), ("spec", "*", "vm", "type")),
    )
    found = merged(
        "values: {my_ip: 1, a: 1}\nresources: {vm: {type: A, x: 1}}",
        "ttl: 1d\nvalues: {my_ip: 2, a: 2}\nresources: {vm: {type: B, x: 1}}",
        "ttl: 3d\nvalues: {my_ip: 1, a: 9}\nresources: {vm: {type: A, x: 5}}",
        edge,
    )
    assert found.document == stack(
        "ttl: 3d\nvalues: {my_ip: 1, a: 9}\nresources: {vm: {type: A, x: 5}}"
    )
    assert {one.path[1:]: (one.source, one.target, one.why) for one in found.differences} == {
        ("ttl",): ("1d", "3d", Why.OWN),
        ("values", "my_ip"): (2, 1, Why.KEEP),
        ("values", "a"): (2, 9, Why.VALUES),
        ("resources", "vm", "type"): ("B", "A", Why.KEEP),
        ("resources", "vm", "x"): (1, 5, Why.TARGET),
    }


def test_an_import_is_never_promoted_and_the_target_keeps_its_own() -> None:
    source = "resources: {b: {type: A, lifecycle: {import: dev-bucket, protect: true}}}"
    found = merged(None, source, None)
    assert found.document == stack("resources: {b: {type: A, lifecycle: {protect: true}}}")
    only = "resources: {b: {type: A, lifecycle: {import: dev-bucket}}}"
    assert merged(None, only, None).document == stack("resources: {b: {type: A}}")
    ours = "resources: {b: {type: A, lifecycle: {import: mine}}}"
    assert merged(only, only, ours).document == stack(ours)
    assert [one.why for one in merged(only, only, ours).differences] == [Why.TARGET]


def test_imports_by_address_are_never_promoted_and_the_target_keeps_its_own() -> None:
    source = "imports: [{to: b, id: dev-bucket}]\nresources: {b: {type: A}}"
    assert merged(None, source, None).document == stack("resources: {b: {type: A}}")
    ours = "imports: [{to: b, id: mine}]\nresources: {b: {type: A}}"
    assert merged(source, source, ours).document == stack(ours)


def test_a_new_target_has_no_lifetime_and_no_hours() -> None:
    source = (
        "ttl: 3d\noffhours: x\ninstanceStore: discard\nexpires: y\npromote: true\nvalues: {a: 1, b: 2}\n"
        "resources: {vm: {type: A, offhours: y}}"
    )
    edge = Edge(source="dev", target="staging", keep=(("spec", "values", "a"),))
    found = merged(None, source, None, edge)
    assert found.document == stack("values: {b: 2}\nresources: {vm: {type: A}}")


def test_a_renamed_resource_is_renamed_in_the_target_and_says_from_what() -> None:
    base = "resources: {a: {type: A, x: 1}, o: {type: B}}"
    source = "resources: {b: {type: A, x: 2, lifecycle: {moved: a}}, o: {type: B}}"
    target = "resources: {a: {type: A, x: 1, mine: 1}, o: {type: B}}"
    found = merged(base, source, target)
    wanted = "resources: {b: {type: A, x: 2, mine: 1, lifecycle: {moved: a}}, o: {type: B}}"
    assert found.document == stack(wanted)
    assert found.renamed == {"b": "a"}
    assert found.deleted == ()


@pytest.mark.parametrize(
    ("moves", "renamed"),
    [
        ({"c": "b", "b": "a"}, {"c": "a"}),
        ({"c": "a"}, {"c": "a"}),
        ({"c": "b", "b": "c"}, {}),
        ({"c": "o"}, {}),
        ({"c": "x"}, {}),
        ({}, {}),
    ],
)
def test_renamings_that_the_source_has_dropped_are_carried(
    moves: dict[str, str], renamed: dict[str, str]
) -> None:
    base = "resources: {a: {type: A}, o: {type: B}}"
    found = merged(base, "resources: {c: {type: A}, o: {type: B}}", base, moves=moves)
    assert found.renamed == renamed
    assert moves_of(found.document) == renamed
    assert found.deleted == (() if renamed else ("a",))


def test_what_has_no_resources_is_merged_too() -> None:
    found = merge_stack(
        {"spec": 1}, {"spec": {"resources": {"a": {"lifecycle": 1}}}}, {"spec": 1}, EDGE
    )
    assert found.document == {"spec": {"resources": {"a": {"lifecycle": 1}}}}
    odd = {"metadata": 1, "spec": {"resources": {"a": 1}}}
    moved = merge_stack(odd, {"spec": {"resources": {"b": 1}}}, odd, EDGE, moves={"b": "a"})
    assert moved.document == {"spec": {"resources": {"b": 1}}}


def test_a_renamed_stack_says_from_what() -> None:
    base, target = stack(machine(), "old"), stack(machine(), "old")
    found = merge_stack(base, stack(machine(kind="big"), "new"), target, EDGE)
    assert found.document["metadata"] == {"name": "new", "moved": "old"}


def test_a_deletion_is_kept_apart_with_what_it_uses() -> None:
    base = (
        "variables: {a: {type: string}, b: {type: string}}\nvalues: {a: 1, b: 2}\n"
        'resources: {vm: {type: A, x: "${vars.a}"}, o: {type: B}}'
    )
    found = merged(base, "resources: {o: {type: B}}", base)
    assert found.deleted == ("vm",)
    assert found.document == stack(
        "variables: {a: {type: string}}\nvalues: {a: 1}\n"
        'resources: {vm: {type: A, x: "${vars.a}"}, o: {type: B}}'
    )
    assert found.without == stack("resources: {o: {type: B}}")


def test_a_deletion_keeps_what_the_document_has_still() -> None:
    base = "variables: {a: {type: string}}\nresources: {vm: {x: '${vars.a}'}, o: {y: '${vars.a}'}}"
    after = "variables: {a: {type: string}}\nresources: {o: {y: '${vars.a}'}, p: {}}"
    found = merged(base, after, base)
    assert list(found.document["spec"]["resources"]) == ["vm", "o", "p"]
    assert found.without == stack(after)


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ("ami-0a1b2c3d4e5f60718", ["`ami-0a1b2c3d4e5f60718` is an object of one account and region"]),
        ("a subnet-12345678, twice: subnet-12345678", ["`subnet-12345678` is an object of one account and region"]),
        ("ami-short", []),
        ("arn:aws:iam::123456789012:role/x", ["an ARN names one account or region"]),
        ("arn:aws:s3:::bucket/*", ["an ARN names one account or region"]),
        ("arn:aws:s3:::${vars.bucket}/*", []),
        ("arn:aws:iam::${env.account}:role/x", []),
        ("arn:aws:iam::aws:policy/ReadOnlyAccess", []),
        ("ml-dev-data", ["it names the environment dev"]),
        ("https://DEV.example.org", ["it names the environment dev"]),
        ("/dev/sda1", []),
        ("mkfs /dev/nvme1n1 && echo device", []),
        ("${env.name == 'dev' ? 1 : 2}", []),
    ],
)  # fmt: skip
def test_a_value_that_holds_in_the_source_only_is_named(value: str, what: list[str]) -> None:
    source = stack("resources: {}")
    source["spec"]["resources"] = {"r": {"l": [1, "x", {"v": value}]}}
    target = stack("resources: {r: {l: [1]}}")
    found = merge_stack(target, source, target, EDGE)
    assert [(one.path, one.value, one.what) for one in found.bound] == [
        (("spec", "resources", "r", "l", 2, "v"), value, one) for one in what
    ]
    assert found.is_draft == bool(what)
    assert merge_stack(target, source, found.document, EDGE).bound == ()


def test_an_item_that_the_target_has_already_is_not_named() -> None:
    base = "l: [subnet-12345678]"
    assert merged(base, "l: [subnet-12345678, x]", base).bound == ()
    assert [one.value for one in merged("l: {}", "l: [subnet-12345678]", "l: {}").bound] == [
        "subnet-12345678"
    ]


def test_what_the_target_lacks_is_named_with_its_place() -> None:
    source = (
        "variables: {a: {type: string}, b: {type: string, default: x}, c: {type: string}}\n"
        "values: {c: 1}\nresources: {r: {x: '${env.project}-${env.name}-${env.gpu_ami}', "
        "y: '${env.gpu_ami}', z: '${not valid', w: '${vars.a}'}}"
    )
    found = merged("{}", source, "{}")
    assert [(one.file, one.path, one.of) for one in found.lacking] == [
        (
            "specs/staging/environment.yaml",
            ("spec", "variables", "gpu_ami"),
            ("spec", "resources", "r", "x"),
        ),
        ("", ("spec", "values", "a"), ("spec", "variables", "a")),
    ]
    again = merge_stack(stack("{}"), stack(source), found.document, EDGE)
    assert again.lacking == ()


leaves = st.one_of(st.integers(0, 3), st.sampled_from(["a", "b", "dev"]), st.booleans(), st.none())
trees = st.recursive(
    leaves,
    lambda below: st.one_of(
        st.dictionaries(st.sampled_from("abc"), below, max_size=3),
        st.lists(below, max_size=3),
        st.lists(
            st.fixed_dictionaries({"Key": st.sampled_from("xyz"), "Value": below}),
            max_size=3,
            unique_by=lambda one: str(one["Key"]),
        ),
    ),
    max_leaves=10,
)
specs = st.fixed_dictionaries(
    {},
    optional={
        "ttl": leaves,
        "values": st.dictionaries(st.sampled_from("abc"), trees, max_size=3),
        "resources": st.dictionaries(st.sampled_from("abc"), trees, max_size=3),
        "outputs": trees,
    },
)


def document(spec: Any) -> dict[str, Any]:
    return {"metadata": {"name": "web"}, "spec": spec}


def paths(value: Any, path: tuple[Any, ...] = ()) -> dict[tuple[Any, ...], Any]:
    """Every leaf by its path; lists are leaves, as their items have no fixed places."""
    if isinstance(value, dict) and value:
        return {
            where: leaf
            for key, below in value.items()
            for where, leaf in paths(below, (*path, key)).items()
        }
    return {path: value}


@pytest.mark.model
@given(specs, specs, specs)
@sized(60, whole=1500)
def test_a_merge_is_idempotent(base: Any, source: Any, target: Any) -> None:
    first = merge_stack(document(base), document(source), document(target), EDGE)
    again = merge_stack(document(base), document(source), first.without, EDGE)
    assert same(again.without, first.without)
    settled = merge_stack(document(source), document(source), first.without, EDGE)
    assert same(settled.without, first.without)


@pytest.mark.model
@given(specs, specs, specs)
@sized(60, whole=1500)
def test_a_value_of_the_target_is_only_changed_where_it_was_that_of_the_base(
    base: Any, source: Any, target: Any
) -> None:
    found = paths(merge_stack(document(base), document(source), document(target), EDGE).without)
    was, ours = paths(document(base)), paths(document(target))
    for path, value in ours.items():
        is_list = isinstance(value, list)
        own = path not in was or not same(was[path], value)
        if own and not is_list and value != {}:
            assert path in found or any(path[: len(one)] == one for one in was)
            if path in found:
                assert same(found[path], value)


@pytest.mark.model
@given(specs, specs)
@sized(60, whole=1500)
def test_a_change_and_its_inverse_leave_the_target_as_it_was(base: Any, source: Any) -> None:
    target = document({**copy.deepcopy(base), "mine": 1, "ttl": "own"})
    there = merge_stack(document(base), document(source), target, EDGE)
    back = merge_stack(document(source), document(base), there.without, EDGE)
    assert same(back.without, target)


@pytest.mark.model
@given(specs, specs)
@sized(30, whole=600)
def test_nothing_is_promoted_where_nothing_changed(base: Any, target: Any) -> None:
    found = merge_stack(document(base), document(base), document(target), EDGE)
    assert same(found.document, document(target))
    assert found.conflicts == () == found.bound == found.lacking == found.deleted
