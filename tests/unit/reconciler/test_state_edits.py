"""Changes of state by hand, and state that is brought up to the cloud."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gitbot.errors import UserError
from gitbot.model.drift import Differs
from gitbot.model.names import Address, RemoteId
from gitbot.model.ownership import Owner, Whose
from gitbot.model.recorded import Deposed, RecordedStack
from gitbot.reconciler.refreshing import Refresh, refresh
from gitbot.reconciler.state_edits import move, remove
from tests.unit.reconciler.planning_world import (
    BUCKET,
    GROUP,
    MACHINE,
    REDACT,
    TYPES,
    absent,
    plan_of,
    power_intent,
    present,
    record,
    resource,
    stack,
    state,
)

A, B = Address("a"), Address("b")
OLD = Deposed(resource=record("a", GROUP), operation="o1")


def held() -> RecordedStack:
    return state(
        record("a", GROUP),
        record('m["x"].c', GROUP, needs=["a"]),
        record('m["x"].d', GROUP, needs=['m["x"].c']),
        deposed=(OLD,),
    )


def test_a_move_takes_along_what_uses_it_and_its_old_objects() -> None:
    edit = move(held(), A, B)
    assert set(edit.after.resources) == {"b", 'm["x"].c', 'm["x"].d'}
    assert edit.after.resources[Address('m["x"].c')].depends_on == ("b",)
    assert edit.after.resources[B] == replace(held().resources[A], address=B)
    assert edit.after.deposed[0].resource.address == "b"
    assert (edit.moved, edit.removed) == ({"a": "b"}, {})
    assert (edit.after.serial, edit.after.complete) == (3, False)


def test_an_address_stands_for_everything_below_it() -> None:
    edit = move(held(), Address('m["x"]'), Address('m["y"]'))
    assert set(edit.after.resources) == {"a", 'm["y"].c', 'm["y"].d'}
    assert edit.after.resources[Address('m["y"].d')].depends_on == ('m["y"].c',)
    removed = remove(held(), Address("m"))
    assert set(removed.after.resources) == {"a"}
    assert removed.removed == {'m["x"].c': 'id-m["x"].c', 'm["x"].d': 'id-m["x"].d'}
    assert removed.after.complete is False


def test_what_leaves_state_takes_its_old_objects_along() -> None:
    edit = remove(held(), A)
    assert edit.after.deposed == ()
    assert edit.removed == {"a": "id-a", "a (old object 1)": "id-a"}
    assert set(edit.after.resources) == {'m["x"].c', 'm["x"].d'}


CUT_OFF = state(record("a", GROUP), intents=(power_intent(record("a", GROUP)),))


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (lambda: move(held(), B, A), "dev/web has nothing at 'b' in state; it has: a, m"),
        (lambda: move(held(), A, Address('m["x"].c')), "something at m.* already"),
        (lambda: move(held(), A, A), "a is a itself"),
        (lambda: move(held(), A, Address("b c")), "'b c' is no address"),
        (lambda: move(held(), A, Address('b["x"')), "is no address"),
        (lambda: move(held(), A, Address("b\n")), "is no address"),
        (lambda: move(held(), Address("m"), Address('m["z"]')), "inside of it"),
        (lambda: remove(state(), A), "it has: nothing"),
        (lambda: remove(CUT_OFF, A), "cut off in the middle of a change of a: apply it first"),
        (lambda: move(CUT_OFF, A, B), "cut off"),
    ],
)
def test_an_edit_that_means_nothing_is_refused(edit: Any, words: str) -> None:
    with pytest.raises(UserError, match=words):
        edit()


DECLARED: dict[str, Any] = {
    "BucketName": "n",
    "Versioning": {"Status": "Enabled"},
    "Tags": [{"Key": "k", "Value": "v"}],
}


def refreshed(
    properties: dict[str, Any], observed: dict[str, Any], owners: Any = None, type_: Any = BUCKET
) -> Refresh:
    before = state(record("a", type_, properties))
    return refresh(before, present("a", **observed), owners or {}, TYPES.get, REDACT, str)


def test_state_takes_over_what_the_cloud_has_of_what_is_managed() -> None:
    observed = {
        "BucketName": "n",
        "Arn": "arn:1",
        "Versioning": {"Status": "Suspended", "MfaDelete": "Off"},
        "Tags": [{"Key": "k", "Value": "w"}, {"Key": "theirs", "Value": "t"}],
    }
    found = refreshed(DECLARED, observed)
    after = found.after.resources[A]
    assert after.properties == {
        "BucketName": "n",
        "Versioning": {"Status": "Suspended"},
        "Tags": [{"Key": "k", "Value": "w"}],
    }
    assert after.attributes["Arn"] == "arn:1"
    assert {one.path for one in found.taken} == {"/Versioning/Status", "/Tags/k"}
    assert (found.kept, found.after.complete, found.empty) == ((), False, False)
    again = refresh(found.after, present("a", **observed), {}, TYPES.get, REDACT, str)
    assert (again.taken, again.kept, again.empty) == ((), (), True)
    # The next plan says what the specs want otherwise, and not that somebody changed it.
    plan = plan_of(stack(resource("a", BUCKET, DECLARED)), found.after, present("a", **observed))
    assert plan.drift == ()
    assert [change.address for change in plan.effective] == ["a"]


def test_a_property_that_the_cloud_has_no_more_is_managed_no_more() -> None:
    found = refreshed(DECLARED, {"BucketName": "n", "Tags": DECLARED["Tags"]})
    assert "Versioning" not in found.after.resources[A].properties
    assert [(one.how, one.path) for one in found.taken] == [(Differs.MISSING, "/Versioning")]


def test_what_is_as_it_was_only_gets_its_attributes_anew() -> None:
    found = refreshed(DECLARED, {**DECLARED, "Arn": "arn:2"})
    assert found.after.resources[A].properties == DECLARED
    assert found.after.resources[A].attributes["Arn"] == "arn:2"
    assert (found.taken, found.empty, found.after.complete) == ((), False, True)


def test_an_object_that_is_gone_leaves_state_and_one_that_was_not_read_stays() -> None:
    before = state(record("a", BUCKET, DECLARED), record("b", BUCKET, DECLARED))
    found = refresh(before, absent("a"), {}, TYPES.get, REDACT, str)
    assert set(found.after.resources) == {"b"}
    assert [(one.address, one.how) for one in found.taken] == [("a", Differs.GONE)]


def test_what_is_sensitive_or_of_somebody_else_is_left_as_it_is() -> None:
    secret = {**DECLARED, "Versioning": {"Status": REDACT("Enabled")}}
    found = refreshed(secret, {**DECLARED, "Versioning": {"Status": "Suspended"}})
    assert found.after.resources[A].properties == secret
    assert [one.path for one in found.kept] == ["/Versioning/Status"]
    assert found.taken == ()
    theirs = {A: Owner(whose=Whose.ANOTHERS, name="dev/other")}
    found = refreshed(DECLARED, {**DECLARED, "Versioning": {"Status": "Suspended"}}, theirs)
    assert found.empty
    assert [one.path for one in found.kept] == ["/Versioning/Status"]


def test_a_machine_that_an_apply_still_has_to_start_is_no_difference() -> None:
    machine = record("a", MACHINE, {"Size": "s"}, remote_id=RemoteId("id-a"))
    before = state(machine, intents=(power_intent(machine),))
    seen = present("a", Size="s", Power="stopped")
    found = refresh(before, seen, {}, TYPES.get, REDACT, str)
    assert (found.taken, found.kept) == ((), ())


def test_a_digest_names_which_stack_takes_over_what() -> None:
    known = state(record("a", GROUP, {"Description": "d", "Tags": [{"Key": "k", "Value": "v"}]}))

    def digest(value: str, held: RecordedStack = known) -> str:
        tags = [{"Key": "k", "Value": value}]
        seen = present("a", Description="d", Tags=tags, GroupId="sg-1")
        return refresh(held, seen, {}, TYPES.get, REDACT, str).digest

    assert digest("x") == digest("x", replace(known, serial=9))
    other = replace(known, id=replace(known.id, name="other"))
    assert len({digest("x"), digest("y"), digest("v"), digest("x", other)}) == 4
