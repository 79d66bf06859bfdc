"""Which type is meant by a name that is none, or none that gitbot manages."""

from __future__ import annotations

import pytest

from gitbot.language.type_names import meant_type
from gitbot.providers.aws.catalog import open_catalog
from gitbot.providers.aws.unserved import INSTEAD
from tests.unit.language.test_aws_specs import load

CATALOG = open_catalog()


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("AWS::EC2::Instnce", "AWS::EC2::Instance"),
        ("AWS::Sagemaker::Domian", "AWS::SageMaker::Domain"),
        ("aws::s3::bucket", "AWS::S3::Bucket"),
        ("AWS::S4::Bucket", "AWS::S3::Bucket"),
        ("AWS::ElasticLoadBalancing::Listener", "AWS::ElasticLoadBalancingV2::Listener"),
        ("AWS::IAM::AccessKey", ""),
        ("AWS::OpsWorks::App", ""),
        ("Custom::Thing", ""),
        ("Instance", ""),
    ],
)
def test_only_what_is_near_in_the_same_service_is_meant(name: str, meant: str) -> None:
    """The kind: a hint at a type of another service, which only is spelt alike."""
    told = meant_type(name, CATALOG.served_names())
    assert told == (f'Did you mean "{meant}"?' if meant else "")


def test_what_there_is_instead_of_a_type_that_is_not_managed_is_said() -> None:
    loaded = load("key: {type: AWS::IAM::AccessKey, properties: {UserName: ci}}\n")
    (problem,) = loaded.errors()
    assert problem.code == "type-not-served"
    assert problem.fix.startswith("Let programs take an AWS::IAM::Role")
    served = {*CATALOG.served_names()}
    assert served.isdisjoint(INSTEAD)
    assert {*INSTEAD} <= {*CATALOG.names()}
    for words in INSTEAD.values():
        named = [one.rstrip(".:") for one in words.split() if one.startswith("AWS::")]
        assert named
        assert served.issuperset(named)
