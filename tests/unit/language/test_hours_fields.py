"""What stacks, resources and environments say about the power of machines."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gitbot.language.hashing import rules_hash
from gitbot.model.desired import LoadedTree
from gitbot.model.hours import NO_RULES, Busy, BusyMetric, MachineRules, OffHours, PreStop
from gitbot.model.names import Address
from gitbot.model.placement import Kind
from gitbot.model.schema import Route, Switch, TypeSchema
from tests.unit.language.specs_by_hand import ENVIRONMENT, HEAD, TYPES, load_files

MACHINE = TypeSchema(
    name="Test::Machine",
    route=Route.NATIVE,
    power="/State/Name",
    switch=Switch(states={}, size="Size", wiped=("g5.", "p4d."), gpus=("g5.",)),
    placement=Kind(size="Size", subnet="Subnet", zone="Zone"),
    json_schema={"properties": {"Size": {"type": "string"}}, "additionalProperties": False},
)
BOX = "  resources: {box: {type: Test::Box, properties: {Name: a}}}\n"
OFFICE = "off=(M-F,19);on=(M-F,7)"


def machine(size: str = "m5.large", more: str = "") -> str:
    return (
        "  resources:\n"
        "    box: {type: Test::Box, properties: {Name: a}}\n"
        f"    trainer: {{type: Test::Machine, properties: {{Size: {size}}}{more}}}\n"
    )


def load(spec: str, environment: str = ENVIRONMENT) -> LoadedTree:
    files = {"specs/dev/environment.yaml": environment, "specs/dev/demo.yaml": HEAD + spec}
    return load_files(files, {**TYPES, MACHINE.name: MACHINE})


def rules(spec: str) -> MachineRules:
    loaded = load(spec)
    assert loaded.diagnostics == ()
    assert loaded.stacks[0].resources[Address("box")].machine == NO_RULES
    return loaded.stacks[0].resources[Address("trainer")].machine


@pytest.mark.parametrize(
    ("spec", "off_hours"),
    [
        ("", None),
        (f'  offhours: "{OFFICE}"\n', OffHours(text=OFFICE)),
        ("  offhours: off\n", OffHours(text="off")),
        (f'  offhours: {{schedule: "{OFFICE}", enforce: true}}\n', OffHours(text=OFFICE, enforce=True)),
        ("  offhours: {enforce: true}\n", OffHours(text="on", enforce=True)),
    ],
)  # fmt: skip
def test_a_stack_says_when_its_machines_are_stopped(spec: str, off_hours: OffHours | None) -> None:
    assert rules(spec + machine()).off_hours == off_hours


def test_a_machine_says_it_for_itself() -> None:
    spec = f'  offhours: "{OFFICE}"\n' + machine(more=", offhours: 'off=(U,0)'")
    assert rules(spec).off_hours == OffHours(text="off=(U,0)")


@pytest.mark.parametrize(
    ("own", "off_hours"),
    [
        ("'${vars.hours}'", OffHours(text="off=(U,0)")),
        ("'off=(U,${locals.hour})'", OffHours(text="off=(U,3)")),
        ("{schedule: '${env.hours}', enforce: true}", OffHours(text="on", enforce=True)),
        ('\'${box.Name == "a" ? "off" : "on"}\'', OffHours(text="off")),
        ('\'${env.name == "prod" ? "off" : null}\'', OffHours(text=OFFICE)),
    ],
)
def test_a_machine_says_it_with_an_expression(own: str, off_hours: OffHours) -> None:
    spec = (
        "  variables: {hours: {type: string, default: 'off=(U,0)'}}\n  locals: {hour: 3}\n"
        f'  offhours: "{OFFICE}"\n' + machine(more=f", offhours: {own}")
    )
    loaded = load(spec, ENVIRONMENT.replace("{project: ml,", "{project: ml, hours: 'on',"))
    assert loaded.diagnostics == ()
    assert loaded.stacks[0].resources[Address("trainer")].machine.off_hours == off_hours


def test_a_module_takes_the_schedule_of_its_machine_as_a_value() -> None:
    module = """apiVersion: gitbot/v1
kind: Module
metadata: {name: rig}
spec:
  variables: {hours: {type: string, default: ""}}
  resources:
    trainer:
      type: Test::Machine
      offhours: '${vars.hours != "" ? vars.hours : null}'
      properties: {Size: m5.large}
"""
    spec = """  resources:
    box: {type: Test::Box, properties: {Name: a}}
    day: {module: modules/rig, values: {hours: "off=(M-F,19)"}}
    always: {module: modules/rig}
    wrong: {module: modules/rig, values: {hours: "off=(X,7)"}}
    late: {module: modules/rig, values: {hours: "${box.Arn}"}}
"""
    files = {
        "specs/dev/environment.yaml": ENVIRONMENT,
        "specs/dev/demo.yaml": HEAD + spec,
        "modules/rig/module.yaml": module,
    }
    types = {**TYPES, MACHINE.name: MACHINE}
    late, wrong = load_files(files, types).diagnostics
    for found, code, words, at in (
        (wrong, "bad-value", "trainer.offhours must be a schedule such as off=", 9),
        (late, "bad-hours", "which only the cloud can tell", 10),
    ):
        assert (found.code, found.file, found.line, found.column) == (
            code,
            "modules/rig/module.yaml",
            9,
            17,
        )
        assert words in found.detail
        assert [str(one) for one in found.used_at] == [f"specs/dev/demo.yaml:{at}:5"]

    files["specs/dev/demo.yaml"] = HEAD + "".join(spec.splitlines(keepends=True)[:4])
    loaded = load_files(files, types)
    assert loaded.diagnostics == ()
    machines = {key: one.machine for key, one in loaded.stacks[0].resources.items()}
    off = MachineRules(off_hours=OffHours(text="off=(M-F,19)"))
    assert machines == {"box": NO_RULES, "day.trainer": off, "always.trainer": NO_RULES}


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("  busy: {tag: true}\n", MachineRules(busy=Busy())),
        (
            "  busy: {tag: true, atMost: 3h}\n  instanceStore: discard\n",
            MachineRules(busy=Busy(at_most=timedelta(hours=3)), discards_disks=True),
        ),
        (
            "  busy: {metric: {namespace: CWAgent, name: gpu, above: 5, window: 1h}}\n",
            MachineRules(
                busy=Busy(
                    metric=BusyMetric(
                        namespace="CWAgent", name="gpu", above=5, window=timedelta(hours=1)
                    )
                )
            ),
        ),
        ("  preStop: ./save.sh\n", MachineRules(pre_stop=PreStop(command="./save.sh"))),
        (
            "  preStop: {command: ./save.sh, timeout: 90s}\n",
            MachineRules(pre_stop=PreStop(command="./save.sh", timeout=timedelta(seconds=90))),
        ),
    ],
)
def test_a_stack_says_what_keeps_its_machines_running(spec: str, expected: MachineRules) -> None:
    assert rules(spec + machine()) == expected


@pytest.mark.parametrize(
    ("spec", "code", "line", "column", "words"),
    [
        (f'  offhours: "{OFFICE}"\n{BOX}', "bad-hours", 5, 3, "no resource that can be stopped"),
        (f'  busy: {{tag: true}}\n{BOX}', "bad-hours", 5, 3, "spec.busy is about machines"),
        (
            "  resources: {box: {type: Test::Box, properties: {Name: a}, offhours: on}}\n",
            "bad-hours", 5, 61, "Test::Box cannot be stopped",
        ),
        ('  offhours: "off=(M-F,24)"\n' + machine(), "bad-value", 5, 23, "not a time of day"),
        ("  offhours: off=(X,7)\n" + machine(), "bad-value", 5, 18, "does not name days"),
        ("  offhours: {schedule: \"off=(M,7)\", enforce: true}\n" + machine(), "bad-hours", 5, 46, "never starts"),
        ("  offhours: {schedule: \"on=(M,7)\", enforce: true}\n" + machine(), "bad-hours", 5, 45, "never stops"),
        ("  offhours: 7\n" + machine(), "wrong-type", 5, 13, "must be a string"),
        (machine(more=", offhours: 7"), "wrong-type", 7, 76, "must be a string"),
        (machine(more=", offhours: 'off=(X,7)'"), "bad-value", 7, 82, "does not name days"),
        (machine(more=", offhours: '${7}'"), "wrong-type", 7, 76, "must be a string"),
        (machine(more=", offhours: '${nothing}'"), "unknown-name", 7, 76, "nothing"),
        (machine(more=", offhours: '${box.Arn}'"), "bad-hours", 7, 76, "${box.Arn}, which only the cloud"),
        (machine(more=", offhours: {schedule: '${\"on=(M,7)\"}', enforce: true}"), "bad-hours", 7, 113, "never stops"),
        (
            "  variables: {h: {type: string, default: on, sensitive: true}}\n" + machine(more=", offhours: '${vars.h}'"),
            "bad-hours", 8, 76, "sensitive value",
        ),
        ('  resources: {box: {type: Test::Box, properties: {Name: a}, offhours: "${\'on\'}"}}\n', "bad-hours", 5, 61, "cannot be stopped"),
        ("  busy: {atMost: 3h}\n" + machine(), "bad-hours", 5, 3, "exactly one way"),
        ("  busy: {tag: true, metric: {namespace: A, name: b, above: 1}}\n" + machine(), "bad-hours", 5, 3, "exactly one way"),
        ("  busy: {metric: {namespace: A, name: b}}\n" + machine(), "missing-field", 5, 18, "has no above"),
        ("  preStop: 7\n" + machine(), "wrong-type", 5, 12, "must be a string"),
        ("  preStop: {timeout: 90s}\n" + machine(), "missing-field", 5, 12, "has no command"),
        (f'  offhours: "{OFFICE}"\n' + machine("g5.xlarge"), "instance-store", 8, 55, '"g5.xlarge"'),
        ("  offhours: on\n" + machine("p4d.24xlarge"), "instance-store", 8, 55, "wipes them"),
        (
            "  offhours: on\n  resources:\n    m: {type: Test::Machine, placement: {instanceTypes: [m5.large, g5.xlarge]}}\n",
            "instance-store", 7, 57, '"g5.xlarge"',
        ),
    ],
)  # fmt: skip
def test_a_mistake_is_told_at_its_place(
    spec: str, code: str, line: int, column: int, words: str
) -> None:
    (found,) = load(spec).errors()
    assert (found.code, found.line, found.column) == (code, line, column), found
    assert words in found.detail


@pytest.mark.parametrize(
    "spec",
    [
        machine("g5.xlarge"),
        "  offhours: off\n" + machine("g5.xlarge"),
        f'  offhours: "{OFFICE}"\n  instanceStore: discard\n' + machine("g5.xlarge"),
        '  variables: {s: {type: string, default: m5.large}}\n  offhours: on\n' + machine('"${vars.s}"'),
    ],
)  # fmt: skip
def test_off_hours_that_wipe_nothing_of_worth_are_allowed(spec: str) -> None:
    assert load(spec).diagnostics == ()


def test_an_environment_has_a_default() -> None:
    spec = ENVIRONMENT + f'  offhours: {{schedule: "{OFFICE}", enforce: true}}\n'
    loaded = load(machine(), spec)
    assert loaded.diagnostics == ()
    found = loaded.environments["dev"]
    assert found.off_hours == OffHours(text=OFFICE, enforce=True)
    assert loaded.stacks[0].resources[Address("trainer")].machine == NO_RULES
    assert rules_hash(found) != rules_hash(load(machine()).environments["dev"])
    (wrong,) = load(machine(), ENVIRONMENT + "  offhours: {enforce: 1}\n").diagnostics
    assert wrong.code == "wrong-type"


@pytest.mark.parametrize(
    "spec",
    [
        "  offhours: on\n",
        "  offhours: {enforce: true}\n",
        "  busy: {tag: true}\n",
        "  busy: {tag: true, atMost: 3h}\n",
        "  preStop: a\n",
        "  preStop: {command: a, timeout: 60s}\n",
        "  instanceStore: discard\n",
    ],
)
def test_each_of_it_changes_the_desired_hash(spec: str) -> None:
    assert load(spec + machine()).stacks[0].hash != load(machine()).stacks[0].hash
