"""What Route 53 and Certificate Manager refuse, carry out later, and take in several forms."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gitbot.errors import CloudError, ConflictError
from gitbot.model.names import RemoteId
from gitbot.model.plan import Action
from gitbot.model.schema import ReplaceOrder
from gitbot_sandbox.aws.states import hold
from tests.contract.aws.cases.elasticloadbalancingv2 import MISSING, made_balancer
from tests.contract.aws.cases.route53 import least_record, made_zone, network
from tests.contract.aws.life import Life, RefusedError
from tests.contract.aws.world import AwsWorld

ZONE, RECORD = "AWS::Route53::HostedZone", "AWS::Route53::RecordSet"
CERTIFICATE = "AWS::CertificateManager::Certificate"
ALIAS = {"DNSName": "Other.a.example", "EvaluateTargetHealth": True}


def batch(world: AwsWorld, action: str, record: dict[str, Any]) -> None:
    """Change a record as somebody else does."""
    world.aws.client("route53").change_resource_record_sets(
        HostedZoneId=made_zone(world),
        ChangeBatch={"Changes": [{"Action": action, "ResourceRecordSet": record}]},
    )


THEIRS = {
    "Name": "api.a.example",
    "Type": "A",
    "TTL": 5,
    "ResourceRecords": [{"Value": "192.0.2.9"}],
}


def test_a_record_of_somebody_else_is_never_overwritten(world: AwsWorld) -> None:
    batch(world, "CREATE", THEIRS)
    with pytest.raises(ConflictError, match="import"):
        world.create(RECORD, least_record(world))
    [one] = [each for each in records(world) if each["Type"] == "A"]
    assert one["ResourceRecords"] == THEIRS["ResourceRecords"]


def records(world: AwsWorld) -> list[Any]:
    told = world.aws.client("route53").list_resource_record_sets(HostedZoneId=made_zone(world))
    return list(told["ResourceRecordSets"])


def test_a_zone_with_records_of_others_is_left_as_it_is(world: AwsWorld) -> None:
    spec = {"Name": "kept.example"}
    zone = world.create(ZONE, spec)
    client = world.aws.client("route53")
    theirs = {**THEIRS, "Name": "team.kept.example", "Type": "NS"}
    change = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": theirs}]}
    client.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=change)
    operation = world.operation(ZONE, spec)
    with pytest.raises(CloudError, match=r"record NS team\.kept\.example would have to go first"):
        world.cloud.delete(operation, zone)
    change["Changes"][0]["Action"] = "DELETE"
    client.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=change)
    world.cloud.delete(operation, zone)
    assert world.is_absent(ZONE, zone)


def test_a_change_is_waited_for_until_all_name_servers_have_it(world: AwsWorld) -> None:
    """Also by whoever goes on after a crash: the receipt of the request is in state before its end."""
    spec, kept = least_record(world), []
    operation = replace(world.operation(RECORD, spec), accepted=kept.append)
    hold(describes=2)
    made = world.cloud.create(operation)
    [change] = kept
    assert status(world, change) == "PENDING"
    world.cloud.settle(replace(operation, receipt=change), made)
    assert status(world, change) == "INSYNC"
    hold(describes=99)
    changed = {**spec, "TTL": "60"}
    with pytest.raises(CloudError, match="carried out everywhere") as late:
        world.update(RECORD, made, spec, changed, within_s=1)
    assert late.value.code == "ChangePending"
    hold()
    assert world.differences(RECORD, made, changed) == ()
    forgotten = replace(operation, receipt="C0000000000000")
    world.cloud.settle(forgotten, made)


def status(world: AwsWorld, change: str) -> str:
    told = world.aws.client("route53").get_change(Id=change)
    return str(told["ChangeInfo"]["Status"])


def test_a_record_becomes_an_alias_and_back_and_its_name_has_one_form(world: AwsWorld) -> None:
    life, spec = Life(world, RECORD), {**least_record(world), "Name": "*.A.example."}
    life.apply(spec)
    assert life.remote_id == f"*.a.example|{made_zone(world)}|A|"
    assert life.change({**spec, "Name": "\\052.a.example"}).paths == ()
    rest = {name: value for name, value in spec.items() if name not in ("TTL", "ResourceRecords")}
    alias = {**rest, "AliasTarget": {"HostedZoneId": made_zone(world), **ALIAS}}
    life.apply(alias)
    life.change(alias, {"TTL", "ResourceRecords"})
    assert not life.seen.get("TTL")
    life.apply(spec)
    life.change(spec, {"AliasTarget"})
    assert not life.seen.get("AliasTarget")


@pytest.mark.parametrize(
    "more",
    [
        {"AliasTarget": {"HostedZoneId": "Z1", "DNSName": "a.example"}},
        {"Weight": 1},
        {"SetIdentifier": "one"},
        {"Type": "TXT"},
        {"TTL": "soon"},
    ],
)
def test_what_route_53_would_refuse_is_refused_by_the_plan(
    world: AwsWorld, more: dict[str, Any]
) -> None:
    with pytest.raises(RefusedError):
        Life(world, RECORD).apply({**least_record(world), **more})


def test_a_record_of_another_type_takes_the_place_of_the_former_one(world: AwsWorld) -> None:
    """The kind: the new one is made first, which a name with an alias never allows."""
    life, spec = Life(world, RECORD), least_record(world)
    life.apply(spec)
    change = life.change({**spec, "Type": "CNAME", "ResourceRecords": ["one.example.net"]})
    assert (change.action, change.replace_order) == (Action.REPLACE, ReplaceOrder.DELETE_FIRST)


def test_networks_of_a_private_zone_are_exchanged_but_not_all_taken(world: AwsWorld) -> None:
    life = Life(world, ZONE)
    one, two = network(world, "a"), network(world, "b")
    life.apply({"Name": "inner.example", "VPCs": [one, two]})
    life.apply({"Name": "inner.example", "VPCs": [two]})
    assert life.seen["VPCs"] == [two]
    with pytest.raises(RefusedError, match="removal-undeclared"):
        life.apply({"Name": "inner.example"})


def test_a_comment_goes_with_a_change_and_hides_nothing(world: AwsWorld) -> None:
    spec = {**least_record(world), "Comment": "one"}
    operation = world.operation(RECORD, spec)
    made = world.cloud.create(operation)
    assert world.cloud.create(operation) == made
    assert world.differences(RECORD, made, spec) == ()
    world.update(RECORD, made, spec, {**spec, "Comment": "two"})


def test_a_zone_whose_creation_was_not_heard_of_is_found_by_its_reference(world: AwsWorld) -> None:
    spec = {"Name": "lost.example"}
    operation = world.operation(ZONE, spec)
    made = world.cloud.create(operation)
    assert world.cloud.create(operation) == made
    with pytest.raises(CloudError):
        world.cloud.settle(operation, RemoteId("Z0123456789ABCDEFGHIJ"))


def test_a_zone_takes_more_tags_than_a_call(world: AwsWorld) -> None:
    tags = [{"Key": f"key-{number:02}", "Value": "x"} for number in range(24)]
    life = Life(world, ZONE)
    life.apply({"Name": "tagged.example", "HostedZoneTags": tags})
    life.apply({"Name": "tagged.example", "HostedZoneTags": tags[:2]})
    assert len([one for one in life.seen["HostedZoneTags"] if one["Key"].startswith("key-")]) == 2


def test_gitbot_proves_the_names_of_a_certificate_and_waits_until_it_is_issued(
    world: AwsWorld,
) -> None:
    """The kind: an apply that waits for a record that nobody makes."""
    spec = {"DomainName": "a.example", "SubjectAlternativeNames": ["*.a.example"]}
    option = {"DomainName": "A.example.", "HostedZoneId": made_zone(world)}
    hold(describes=99)
    made = world.create(CERTIFICATE, {**spec, "DomainValidationOptions": [option]})
    hold()
    told = world.aws.client("acm").describe_certificate(CertificateArn=made)["Certificate"]
    assert told["Status"] == "ISSUED"
    world.cloud.delete(world.operation(CERTIFICATE, spec), made)
    assert "CNAME" in {one["Type"] for one in records(world)}  # other certificates need it


@pytest.mark.parametrize(
    ("method", "asked"), [("DNS", r"CNAME _\w+\..*acm-validations"), ("EMAIL", "admin@ann.example")]
)
def test_people_are_told_what_a_certificate_waits_for(
    world: AwsWorld, method: str, asked: str
) -> None:
    hold(describes=99)
    spec = {"DomainName": "ann.example", "ValidationMethod": method}
    with pytest.raises(CloudError, match=asked) as late:
        world.create(CERTIFICATE, spec, within_s=1)
    hold()
    assert late.value.code == "Timeout"


def test_a_certificate_that_aws_refuses_to_issue_says_why(world: AwsWorld) -> None:
    hold(fails="DOMAIN_NOT_ALLOWED")
    with pytest.raises(CloudError, match="cannot be used: DOMAIN_NOT_ALLOWED"):
        world.create(CERTIFICATE, {"DomainName": "amazonaws.example"})
    hold()


def test_a_certificate_in_use_is_left_as_it_is(world: AwsWorld) -> None:
    spec = {"DomainName": "used.example"}
    made = world.create(CERTIFICATE, spec)
    listener = world.aws.client("elbv2").create_listener(
        LoadBalancerArn=made_balancer(world),
        Port=443,
        Protocol="HTTPS",
        Certificates=[{"CertificateArn": made}],
        DefaultActions=[MISSING],
    )["Listeners"][0]["ListenerArn"]
    with pytest.raises(CloudError, match="still in use"):
        world.cloud.delete(world.operation(CERTIFICATE, spec, within_s=1), made)
    world.aws.client("elbv2").delete_listener(ListenerArn=listener)
    world.cloud.delete(world.operation(CERTIFICATE, spec), made)
    assert world.is_absent(CERTIFICATE, made)


def test_a_zone_takes_the_proofs_of_names_with_it_but_only_when_it_goes(world: AwsWorld) -> None:
    spec = {"Name": "proof.example"}
    zone, client = world.create(ZONE, spec), world.aws.client("route53")
    proof = {
        "Name": "_0a.proof.example",
        "Type": "CNAME",
        "TTL": 300,
        "ResourceRecords": [{"Value": "_1b.x.acm-validations.aws."}],
    }
    theirs = {**THEIRS, "Name": "proof.example"}
    added = [{"Action": "CREATE", "ResourceRecordSet": one} for one in (proof, theirs)]
    client.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": added})
    operation = world.operation(ZONE, spec)
    with pytest.raises(CloudError, match="the record A"):
        world.cloud.delete(operation, zone)
    told = client.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    assert "CNAME" in {one["Type"] for one in told}
    gone = [{"Action": "DELETE", "ResourceRecordSet": theirs}]
    client.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": gone})
    world.cloud.delete(operation, zone)
    assert world.is_absent(ZONE, zone)
