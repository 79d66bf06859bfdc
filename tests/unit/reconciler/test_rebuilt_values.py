"""The values of a rebuilt state: what an apply of the specs would have recorded of the live objects."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from gitbot.model.desired import DesiredOutput, Lifecycle
from gitbot.model.lookups import DesiredLookup, KeptLookup, question_hash
from gitbot.model.names import Address
from gitbot.model.recorded import RecordedOutput, RecordedStack
from gitbot.model.values import Redacted, Sensitive
from gitbot.reconciler.looked_up import out_of
from gitbot.reconciler.rebuilt_values import values_of, with_values
from tests.unit.reconciler.planning_world import (
    BUCKET,
    GROUP,
    MACHINE,
    REDACT,
    SPAN,
    TYPES,
    bind,
    present,
    record,
    resource,
    stack,
    state,
    unknown,
)

IMAGE = Address("image")


def rebuilt(desired, recorded, observed, kept=()) -> RecordedStack:
    answering = out_of(kept, (), fresh=False)
    values = values_of(desired, recorded, observed, TYPES.get, bind, answering)
    return with_values(recorded, desired, values, observed, TYPES.get, REDACT)


def test_what_the_specs_say_is_recorded_with_the_values_of_what_is_there():
    desired = stack(
        resource("data", BUCKET, {"BucketName": "b"}),
        resource("net", GROUP, {"Description": unknown("${data.Arn}")}, needs=["data"]),
        outputs={"arn": DesiredOutput(value=unknown("${data.Arn}"))},
    )
    after = rebuilt(
        desired,
        state(record("data"), record("net", GROUP, generation=4)),
        {**present("data", Arn="arn:b"), **present("net")},
    )
    net = after.resources[Address("net")]
    assert (net.properties, net.depends_on, net.generation) == (
        {"Description": "arn:b"},
        ("data",),
        4,
    )
    assert {name: one.value for name, one in after.outputs.items()} == {"arn": "arn:b"}


def test_what_is_not_known_is_taken_from_the_object_and_an_output_of_it_stays_as_it_was():
    desired = stack(
        resource("data", BUCKET, {"BucketName": "b"}),
        resource(
            "net", GROUP, {"Description": unknown("${data.Arn}"), "Ingress": unknown("${data.X}")}
        ),
        outputs={
            "arn": DesiredOutput(value=unknown("${data.Arn}")),
            "other": DesiredOutput(value=unknown("${data.Arn}")),
        },
    )
    before = state(
        record("net", GROUP),
        outputs={"arn": RecordedOutput(value="old"), "left": RecordedOutput(value="x")},
    )
    after = rebuilt(desired, before, present("net", Description="seen"))
    assert after.resources[Address("net")].properties == {"Description": "seen"}
    assert {name: one.value for name, one in after.outputs.items()} == {"arn": "old"}


def test_sensitive_values_are_recorded_as_hashes():
    desired = stack(resource("it", MACHINE, {"Password": Sensitive("p")}))
    after = rebuilt(desired, state(record("it", MACHINE)), present("it"))
    assert isinstance(after.resources[Address("it")].properties["Password"], Redacted)


def test_what_the_cloud_shows_in_place_of_a_value_that_nobody_opens_is_recorded_as_a_hash():
    """The kind: a sensitive value that is not known is taken from the object, which has it in the clear."""
    secret = replace(unknown("${x}", sensitive=True), references={}, secrets={"ssm:/db": "1"})
    desired = stack(
        resource(
            "it",
            MACHINE,
            {
                "Image": secret,
                "Options": {"A": secret, "B": Sensitive("p"), "C": "c", "D": unknown("${no.X}")},
                "Addresses": [{"Name": "a", "Value": secret}],
            },
        ),
        resource("data", BUCKET, {"Tags": [{"Key": "k", "Value": secret}]}),
    )
    shown = {"A": "hunter2", "B": "cDpw", "C": "c", "D": "d", "Theirs": "hunter2"}
    tags = [{"Key": "k", "Value": "hunter2"}, {"Key": "theirs", "Value": "hunter2"}]
    addresses = [{"Name": "a", "Value": "hunter2"}, {"Name": "b", "Value": "hunter2"}]
    before = state(
        record("it", MACHINE, attributes={"Options": shown, "InstanceId": "i-1"}), record("data")
    )
    seen = {
        **present("it", Image="hunter2", Options=shown, Addresses=addresses),
        **present("data", Tags=tags),
    }
    after = rebuilt(desired, before, seen)
    it = after.resources[Address("it")]
    assert it.properties == {
        "Image": REDACT("hunter2"),
        "Options": {"A": REDACT("hunter2"), "B": REDACT("cDpw"), "C": "c", "D": "d"},
        "Addresses": [{"Name": "a", "Value": REDACT("hunter2")}],
    }
    assert it.attributes == {"InstanceId": "i-1"}
    assert after.resources[Address("data")].properties == {
        "Tags": [{"Key": "k", "Value": REDACT("hunter2")}]
    }


def test_of_a_list_with_a_value_that_nobody_opens_only_what_the_spec_tells_of_is_recorded():
    """The kind: the cloud fills in keys of elements, which an apply would not have recorded."""
    secret = replace(unknown("${x}", sensitive=True), references={}, secrets={"ssm:/db": "1"})
    disks = [
        {"Name": "b", "Size": 1},
        {"Name": "a", "Options": [{"Key": secret, "Open": "o"}], "Kind": unknown("${no.X}")},
    ]
    desired = stack(resource("it", MACHINE, {"Disks": disks}))
    options = [{"Key": "hunter2", "Open": "o", "Filled": 0}]
    shown = [
        {"Name": "a", "Options": options, "Kind": {"of": "d"}, "Size": 8},
        {"Name": "b", "Size": 1, "Filled": True},
        {"Name": "theirs", "Size": 3, "Filled": True},
    ]
    after = rebuilt(desired, state(record("it", MACHINE)), present("it", Disks=shown))
    assert after.resources[Address("it")].properties == {
        "Disks": [
            {
                "Name": "a",
                "Options": [{"Key": REDACT("hunter2"), "Open": "o"}],
                "Kind": {"of": "d"},
            },
            {"Name": "b", "Size": 1},
            {"Name": "theirs", "Size": 3},
        ]
    }


def test_what_cannot_be_read_back_within_it_is_as_the_spec_says_and_left_out_where_nobody_knows():
    """An apply has sent it: else the next plan would send it again, or replace for it."""
    sealed = replace(MACHINE, write_only=("/Disks/*/Key", "/Disks/*/Own"))
    disks = [{"Name": unknown("${no.X}"), "Own": "known", "Key": unknown("${no.Y}")}]
    desired = stack(resource("it", MACHINE, {"Disks": disks}))
    values = values_of(
        desired,
        state(record("it", MACHINE)),
        seen := present("it", Disks=[{"Name": "a"}]),
        lambda _: sealed,
        bind,
        out_of((), (), fresh=False),
    )
    after = with_values(
        state(record("it", MACHINE)), desired, values, seen, lambda _: sealed, REDACT
    )
    assert after.resources[Address("it")].properties == {"Disks": [{"Name": "a", "Own": "known"}]}


def test_what_the_specs_do_not_declare_or_declare_as_another_type_is_left_as_it_is():
    left, other = record("left"), record("other", GROUP)
    desired = stack(resource("other", BUCKET, {"BucketName": "b"}))
    after = rebuilt(desired, state(left, other), {**present("left"), **present("other")})
    assert after.resources == {Address("left"): left, Address("other"): other}


def test_what_an_earlier_apply_noted_of_an_object_stays():
    """A value of ``replaceWhen`` that moved since replaces it in the next plan, not in silence."""
    lifecycle = Lifecycle(replace_when={"v": 2, "w": unknown("${no.X}")}, protect=True)
    desired = stack(resource("it", MACHINE, {}, lifecycle=lifecycle))
    noted = record("it", MACHINE, tainted=True, emptied=3, replace_when={"v": 1})
    (after,) = rebuilt(desired, state(noted), present("it")).resources.values()
    assert (after.tainted, after.emptied, after.protect) == (True, 3, True)
    assert after.replace_when == {"v": 1}


def test_answers_of_lookups_are_kept_and_what_they_give_is_used():
    look = DesiredLookup(address=IMAGE, type="T", identifier="i", attributes=("Id",), source=SPAN)
    desired = stack(resource("it", MACHINE, {"Image": unknown("${image.Id}")}))
    desired = replace(desired, lookups={IMAGE: look})

    def answer(minute: int) -> KeptLookup:
        return KeptLookup(
            question=question_hash(look.asked),
            identifiers=("i",),
            attributes={"Id": "ami"},
            at=datetime(2026, 1, 1, 12, minute, tzinfo=UTC),
        )

    fresh = rebuilt(desired, state(record("it", MACHINE)), present("it"), [answer(5)])
    assert fresh.resources[Address("it")].properties == {"Image": "ami"}
    assert fresh.lookups == {IMAGE: answer(5)}
    before = state(record("it", MACHINE), lookups={IMAGE: answer(1)})
    assert rebuilt(desired, before, present("it"), [answer(5)]).lookups == {IMAGE: answer(1)}
