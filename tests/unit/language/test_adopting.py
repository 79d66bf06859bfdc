"""Objects that exist become resources that import them, with references where one gives what another needs."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import pytest
import yaml

from gitbot.language.adopting import Existing, write_existing
from gitbot.model.names import RemoteId
from gitbot.model.schema import PartOf, Route, SelfReference, TagShape, TypeSchema
from gitbot.providers.aws.catalog import open_catalog

CATALOG = open_catalog()

BOX = TypeSchema(
    name="Test::Box",
    route=Route.NATIVE,
    read_only=("/Arn", "/Ip"),
    primary_identifier=("/Name",),
    handled=frozenset({"/Name", "/Uses", "/Boxes", "/Tags", "/Open/*/From"}),
    tags_path="/Tags",
    tag_shape=TagShape.LIST,
)


def box(name: str, **properties: Any) -> Existing:
    given = {"Name": name, "Arn": f"arn:{name}", **properties}
    known = {key: given[key] for key in ("Name", "Arn")}
    return Existing(remote_id=RemoteId(name), properties=given, known=known, schema=BOX)


def written(*objects: Existing) -> dict[str, Any]:
    document = yaml.safe_load(write_existing("made", objects, "dev"))
    assert document["metadata"] == {"name": "made"}
    found: dict[str, Any] = document["spec"]["resources"]
    return found


def test_what_the_cloud_sets_is_left_out() -> None:
    tags = [{"Key": "owner", "Value": "a"}, {"Key": "aws:x", "Value": "b"}]
    made = written(box("data", Tags=tags, Secret="s", Open=[], Uses=None))
    assert made == {
        "data": {
            "type": "Test::Box",
            "properties": {"Name": "data", "Tags": [{"Key": "owner", "Value": "a"}]},
            "lifecycle": {"import": "data"},
        }
    }


def test_of_two_ways_to_say_one_thing_what_the_cloud_fills_in_is_left_out() -> None:
    """A machine shows its interfaces beside the subnet and the groups that people declare."""
    excludes = {"dependentExcluded": {"Boxes": ["Uses"]}}
    schema = replace(BOX, filled=frozenset({"/Boxes"}), json_schema=excludes)
    made = written(replace(box("data", Boxes=["a"], Uses=["b"]), schema=schema))
    assert made["data"]["properties"] == {"Name": "data", "Uses": ["b"]}


@pytest.mark.parametrize("place", [{}, {"allOf": None}], ids=["of the type", "of a part"])
def test_of_targets_that_exclude_each_other_one_is_written(place: dict[str, Any]) -> None:
    """A route to a machine shows the machine's interface too."""
    one_of = {"requiredXor": ["Boxes", "Uses"]}
    schema = replace(BOX, json_schema={"allOf": [one_of]} if place else one_of)
    made = written(replace(box("data", Boxes=["a"], Uses=["b"]), schema=schema))
    assert made["data"]["properties"] == {"Boxes": ["a"], "Name": "data"}


def test_references_stand_where_another_gives_the_value() -> None:
    uses = ["arn:data", "data", "arn:other", "a${b}", "arn:data/${x}/*", "arn:dat/*", "192.0.2.1"]
    logs = box("logs", Uses=uses, Boxes=["data", "logs"], Name="logs")
    made = written(box("data", Ip="192.0.2.1"), logs)
    assert made["logs"]["properties"]["Boxes"] == ["${data.Name}", "logs"]
    assert made["logs"]["properties"]["Uses"] == [
        "${data.Arn}",
        "data",  # a name that something else may have, too
        "arn:other",
        "a$${b}",
        "${data.Arn}/$${x}/*",
        "arn:dat/*",
        "192.0.2.1",  # a plan that adopts the other does not show it
    ]


def test_a_circle_is_broken_and_tags_stay_texts() -> None:
    tags = [{"Key": "source", "Value": "arn:logs"}]
    made = written(box("data", Uses=["arn:logs"], Tags=tags), box("logs", Uses=["arn:data"]))
    assert made["data"]["properties"]["Uses"] == ["${logs.Arn}"]
    assert made["data"]["properties"]["Tags"] == tags
    assert made["logs"]["properties"]["Uses"] == ["arn:data"]


def test_keys_come_from_names_and_differ() -> None:
    named = [{"Key": "Name", "Value": "My Box"}]
    made = written(
        box("one", Tags=named),
        box("two", Tags=named),
        box("three", Tags=named),
        box("9-x"),
        box("env"),
    )
    assert list(made) == ["my_box", "box_my_box", "box_my_box_2", "box_9_x", "box_env"]


def test_an_object_that_names_itself_does_so_by_its_key() -> None:
    itself = SelfReference(
        attributes=frozenset({"Id", "Name"}), within=frozenset({"Uses"}), word="self"
    )
    one = Existing(
        remote_id=RemoteId("data"),
        properties={"Name": "self", "Uses": [{"Of": "self"}]},
        known={},
        schema=replace(BOX, itself=itself),
    )
    assert written(one)["data"]["properties"] == {"Name": "self", "Uses": [{"Of": "${data.Name}"}]}


@pytest.mark.parametrize("named", ["data", ["data"]])
def test_a_list_whose_elements_are_adopted_on_their_own_is_left_out(named: Any) -> None:
    part = PartOf(owner="Test::Box", reference="BoxName", property="Uses")
    part = PartOf(owner="Test::Bag", reference="Bag", property="Uses", others=(part,))
    element = replace(BOX, name="Test::Lid", part_of=part, handled=frozenset({"/BoxName", "/Name"}))
    lid = Existing(
        remote_id=RemoteId("lid-1"),
        properties={"Name": "lid-1", "BoxName": named},
        known={},
        schema=element,
    )
    made = written(box("data", Uses=["lid-1"]), box("more", Uses=["x"]), lid)
    assert "Uses" not in made["data"]["properties"]
    assert made["more"]["properties"]["Uses"] == ["x"]
    reference = "${data.Name}"
    assert made["lid_1"]["properties"]["BoxName"] in (reference, [reference])


def existing(type_: str, **properties: Any) -> Existing:
    schema = CATALOG.lookup(type_)
    assert schema is not None
    return Existing(remote_id=RemoteId("it"), properties=properties, known={}, schema=schema)


def pairs(**values: str) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in values.items()]


SECRETS = {
    "DB_PASSWORD": "hunter2-hunter2",
    "API_KEY": "AbCdEf",
    "URL": "postgres://a:hunter2@db/x",
}
PLAIN = {"MODE": "fast", "TOKENIZER": "bert", "MAX_TOKENS": "512", "SECRET_ARN": "arn:aws:x:y:1:z"}
SCRIPT = base64.b64encode(b"#!/bin/bash\nexport PASSWORD=hunter2\n").decode()


@pytest.mark.parametrize(
    ("type_", "properties"),
    [
        ("AWS::Lambda::Function", {"Environment": {"Variables": {**SECRETS, **PLAIN}}}),
        (
            "AWS::ECS::TaskDefinition",
            {"ContainerDefinitions": [{"Name": "a", "Environment": pairs(**SECRETS, **PLAIN)}]},
        ),
        (
            "AWS::CodeBuild::Project",
            {"Environment": {"EnvironmentVariables": pairs(**SECRETS, **PLAIN)}},
        ),
        (
            "AWS::Batch::JobDefinition",
            {
                "Type": "container",
                "ContainerProperties": {"Environment": pairs(**SECRETS, **PLAIN)},
            },
        ),
        (
            "AWS::SageMaker::Model",
            {"PrimaryContainer": {"Image": "x", "Environment": {**SECRETS, **PLAIN}}},
        ),
        ("AWS::Glue::Job", {"DefaultArguments": {**SECRETS, **PLAIN}}),
        ("AWS::ApiGatewayV2::Stage", {"StageVariables": {**SECRETS, **PLAIN}}),
        (
            "AWS::S3::Bucket",
            {"Tags": [{"Key": k, "Value": v} for k, v in (SECRETS | PLAIN).items()]},
        ),
    ],
)
def test_what_may_be_a_secret_is_not_written(type_: str, properties: dict[str, Any]) -> None:
    """The kind: variables of processes, which often hold passwords, would stand in Git."""
    text = write_existing("made", [existing(type_, **properties)], "dev")
    for name, value in SECRETS.items():
        assert value not in text
        assert f'secret("ssm:/dev/made/it/{name}")' in text.replace("\\\\", "")
        assert f"put-parameter --type SecureString --name /dev/made/it/{name} --value" in text
    assert all(value in text for value in PLAIN.values())
    assert text.count("TO DO: this may be a secret") == len(SECRETS)
    assert yaml.safe_load(text)["kind"] == "Stack"


def test_a_start_script_with_a_password_is_not_written_and_another_one_is() -> None:
    plain = base64.b64encode(b"#!/bin/bash\nyum update -y\n").decode()
    text = write_existing("made", [existing("AWS::EC2::Instance", UserData=SCRIPT)], "dev")
    assert SCRIPT not in text
    assert '${base64(secret("ssm:/dev/made/it/UserData"))}' in text.replace("\\", "")
    assert "--name /dev/made/it/UserData --value" in text
    assert plain in write_existing("made", [existing("AWS::EC2::Instance", UserData=plain)], "dev")


TEXTS_WITH_ONE: list[tuple[str, dict[str, Any], str]] = [
    (
        "AWS::SageMaker::NotebookInstanceLifecycleConfig",
        {"OnStart": [{"Content": SCRIPT}]},
        '${base64(secret("ssm:/dev/made/it/OnStart-0-Content"))}',
    ),
    (
        "AWS::EC2::LaunchTemplate",
        {"LaunchTemplateData": {"UserData": SCRIPT}},
        '${base64(secret("ssm:/dev/made/it/LaunchTemplateData-UserData"))}',
    ),
    (
        "AWS::Events::Rule",
        {"Targets": [{"Id": "a", "Input": '{"api_key": "hunter2"}'}]},
        '${secret("ssm:/dev/made/it/Targets-0-Input")}',
    ),
    (
        "AWS::CodeBuild::Project",
        {"Source": {"BuildSpec": "env:\n  variables:\n    API_TOKEN: hunter2\n"}},
        '${secret("ssm:/dev/made/it/Source-BuildSpec")}',
    ),
    (
        "AWS::Batch::JobDefinition",
        {"ContainerProperties": {"Command": ["run", "--password", "hunter2"]}},
        '${secret("ssm:/dev/made/it/password")}',
    ),
    (
        "AWS::Batch::JobDefinition",
        {"ContainerProperties": {"Command": ["run", "--password=hunter2"]}},
        '${secret("ssm:/dev/made/it/ContainerProperties-Command-1")}',
    ),
    (
        "AWS::IAM::Role",
        {
            "AssumeRolePolicyDocument": {
                "Condition": {"StringEquals": {"sts:ExternalId": "hunter2"}}
            }
        },
        '${secret("ssm:/dev/made/it/sts-ExternalId")}',
    ),
    (
        "AWS::CloudWatch::Dashboard",
        {"DashboardBody": '{"widgets": [{"properties": {"markdown": "password: hunter2"}}]}'},
        '${secret("ssm:/dev/made/it/DashboardBody")}',
    ),
]


@pytest.mark.parametrize(("type_", "properties", "reference"), TEXTS_WITH_ONE)
def test_a_text_with_a_secret_in_it_is_not_written(
    type_: str, properties: dict[str, Any], reference: str
) -> None:
    text = write_existing("made", [existing(type_, **properties)], "dev")
    assert "hunter2" not in text
    assert SCRIPT not in text
    assert reference in text.replace("\\", "")
    assert text.count("TO DO: this may be a secret") == 1


@pytest.mark.parametrize(("attached_to", "left"), [("it", []), ("another", ["/dev/sdf"])])
def test_a_disk_with_an_attachment_of_its_own_is_none_of_the_machine(
    attached_to: str, left: list[str]
) -> None:
    """Else each new machine gets an empty one, whose device the attachment then finds taken."""
    disks = [{"DeviceName": name, "Ebs": {"VolumeSize": 9}} for name in ("/dev/xvda", "/dev/sdf")]
    machine = existing("AWS::EC2::Instance", BlockDeviceMappings=disks)
    attachment = replace(
        existing(
            "AWS::EC2::VolumeAttachment",
            VolumeId="vol-1",
            InstanceId=attached_to,
            Device="/dev/sdf",
        ),
        remote_id=RemoteId("vol-1|it"),
    )
    made = yaml.safe_load(write_existing("made", [machine, attachment], "dev"))
    given = made["spec"]["resources"]["it"]["properties"]["BlockDeviceMappings"]
    assert [one["DeviceName"] for one in given] == ["/dev/xvda", *left]


def test_what_the_type_needs_and_aws_does_not_show_is_asked_for() -> None:
    """Without a value: the next apply would send it to the function that runs."""
    schema = CATALOG.lookup("AWS::Lambda::Function")
    assert schema is not None
    shown = {"FunctionName": "x", "Role": "arn:aws:iam::1:role/x", "Handler": "a.b"}
    function = Existing(remote_id=RemoteId("x"), properties=shown, known={}, schema=schema)
    whole = Existing(
        remote_id=RemoteId("y"),
        properties={**shown, "Code": {"ZipFile": "a"}},
        known={},
        schema=schema,
    )
    text = write_existing("made", [function, whole], "dev")
    before, _, after = text.partition("# TO DO: AWS does not show Code")
    assert before.endswith("    x:\n      type: AWS::Lambda::Function\n      ")
    assert "# TO DO" not in after
    assert "Code" not in yaml.safe_load(text)["spec"]["resources"]["x"]["properties"]
