"""Tests for the schema pack that the build hook made."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gitbot.errors import UserError
from gitbot.model.schema import ReplaceOrder, Route, TagShape
from gitbot.providers.aws.data_stores import DATA_STORES
from gitbot.providers.aws.pack import SchemaPack
from gitbot.providers.aws.pack_build import build_pack, set_paths, strip


@pytest.fixture(scope="module")
def pack() -> Iterator[SchemaPack]:
    opened = SchemaPack.open()
    yield opened
    opened.close()


def test_every_type_loads_and_names_only_paths_below_its_properties(pack: SchemaPack) -> None:
    assert len(pack.names()) > 1_800
    for name in pack.names():
        schema = pack.lookup(name)
        assert schema is not None
        assert schema.name == name
        assert schema.route is Route.CLOUD_CONTROL
        assert len(schema.schema_hash) == 16
        assert schema.primary_identifier
        assert (schema.tags_path is None) == (schema.tag_shape is None)
        for path in (*schema.create_only, *schema.read_only, *schema.write_only, *schema.sets):
            assert path.startswith("/")
            assert not path.startswith("/properties/")


def test_a_bucket_is_stateful_named_by_its_spec_and_tagged_by_a_list(pack: SchemaPack) -> None:
    bucket = pack.lookup("AWS::S3::Bucket")
    assert bucket is not None
    assert bucket.create_only == ("/BucketName", "/BucketNamePrefix", "/BucketNamespace")
    assert bucket.primary_identifier == ("/BucketName",)
    assert bucket.natural_key == ("BucketName",)
    assert {"/Arn", "/DomainName", "/WebsiteURL"} <= set(bucket.read_only)
    assert "/AccessControl" in bucket.write_only
    assert (bucket.tags_path, bucket.tag_shape) == ("/Tags", TagShape.LIST)
    assert bucket.stateful
    assert bucket.updatable


def test_what_holds_data_is_known_also_where_the_registry_does_not_say(pack: SchemaPack) -> None:
    """The kind: a volume whose deletion nobody was asked about."""
    for name in DATA_STORES:
        schema = pack.lookup(name)
        assert schema is not None, name
        assert (schema.stateful, schema.served) == (True, True), name


def test_a_security_groups_rules_are_sets(pack: SchemaPack) -> None:
    group = pack.lookup("AWS::EC2::SecurityGroup")
    assert group is not None
    assert group.sets == {"/SecurityGroupIngress", "/SecurityGroupEgress", "/Tags"}
    assert group.create_only == ("/GroupDescription", "/GroupName", "/VpcId")
    assert group.natural_key is None
    assert not group.stateful


def test_a_security_group_in_the_default_vpc_may_declare_its_egress(pack: SchemaPack) -> None:
    group = pack.lookup("AWS::EC2::SecurityGroup")
    assert group is not None
    assert not group.json_schema.get("dependentRequired")


def test_an_instances_type_replaces_it_only_under_conditions(pack: SchemaPack) -> None:
    instance = pack.lookup("AWS::EC2::Instance")
    assert instance is not None
    assert "/InstanceType" in instance.conditional_create_only
    assert "/InstanceType" not in instance.create_only
    assert "/ImageId" in instance.create_only
    assert "/NetworkInterfaces/*/GroupSet" in instance.sets
    assert instance.read_only[0] == "/InstanceId"


def test_tags_as_a_map_are_distinguished_from_a_list(pack: SchemaPack) -> None:
    parameter = pack.lookup("AWS::SSM::Parameter")
    assert parameter is not None
    assert (parameter.tags_path, parameter.tag_shape) == ("/Tags", TagShape.MAP)


def test_a_type_without_an_update_handler_is_not_updatable(pack: SchemaPack) -> None:
    addition = pack.lookup("AWS::Lambda::EventInvokeConfig")
    fixed = pack.lookup("AWS::Lambda::LayerVersion")
    assert addition is not None
    assert addition.updatable
    assert fixed is not None
    assert not fixed.updatable


def test_the_registrys_replacement_strategy_is_kept(pack: SchemaPack) -> None:
    orders = {
        schema.replace_order for name in pack.names() if (schema := pack.lookup(name)) is not None
    }
    assert orders == {ReplaceOrder.CREATE_FIRST, ReplaceOrder.DELETE_FIRST}


def test_an_unknown_type_is_none(pack: SchemaPack) -> None:
    assert pack.lookup("AWS::S3::Buckett") is None


def test_a_type_is_read_from_the_pack_once() -> None:
    pack = SchemaPack.open()
    found = pack.lookup("AWS::S3::Bucket")
    pack.close()
    assert found is not None
    assert pack.lookup("AWS::S3::Bucket") is found


def test_threads_may_share_a_pack(pack: SchemaPack) -> None:
    names = pack.names()[:400]
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(pack.lookup, names * 2))
    assert [schema.name for schema in found if schema] == [*names, *names]


def test_a_missing_pack_says_how_to_build_it(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"is missing\. Build it with `make install`"):
        SchemaPack.open(tmp_path / "schemas.sqlite")


def test_a_file_that_is_not_a_pack_says_how_to_build_it(tmp_path: Path) -> None:
    file = tmp_path / "schemas.sqlite"
    file.write_bytes(b"not a database at all" * 100)
    with pytest.raises(UserError, match="is not a schema pack"):
        SchemaPack.open(file)


@pytest.mark.story
def test_the_pack_is_made_once_and_always_with_the_same_bytes(tmp_path: Path) -> None:
    first, second = tmp_path / "a" / "schemas.sqlite", tmp_path / "b" / "schemas.sqlite"
    assert build_pack(first)
    assert not build_pack(first)
    second.parent.mkdir()
    second.write_bytes(b"half a file")
    assert build_pack(second)
    assert first.read_bytes() == second.read_bytes()
    assert [entry.name for entry in first.parent.iterdir()] == ["schemas.sqlite"]


def test_a_pack_of_another_format_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "schemas.sqlite"
    connection = sqlite3.connect(file)
    connection.execute("CREATE TABLE meta (key TEXT, value TEXT)")
    connection.execute("INSERT INTO meta VALUES ('format', '0')")
    connection.commit()
    connection.close()
    with pytest.raises(UserError, match="another format"):
        SchemaPack.open(file)


def test_stripping_removes_prose_and_keeps_properties_of_the_same_name() -> None:
    schema = {
        "description": "prose",
        "properties": {"description": {"type": "string", "description": "prose"}},
        "enum": ["title", {"description": "data"}],
    }
    assert strip(schema) == {
        "properties": {"description": {"type": "string"}},
        "enum": ["title", {"description": "data"}],
    }


def test_a_definition_that_contains_itself_is_followed_once() -> None:
    schema = {
        "properties": {"Tree": {"$ref": "#/definitions/Node"}},
        "definitions": {
            "Node": {
                "properties": {
                    "Children": {
                        "type": "array",
                        "insertionOrder": False,
                        "items": {"$ref": "#/definitions/Node"},
                    }
                }
            }
        },
    }
    assert set_paths(schema) == ("/Tree/Children",)
