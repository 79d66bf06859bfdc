"""What only ECR's repositories do: tags that are exceptions, and images that go with them."""

from __future__ import annotations

import hashlib
import json

import pytest

from gitbot.errors import CloudError
from gitbot.model.names import RemoteId
from tests.contract.aws.cases.ecr import exceptions
from tests.contract.aws.life import Life, RefusedError
from tests.contract.aws.world import AwsWorld

REPOSITORY = "AWS::ECR::Repository"
FILTERS = "ImageTagMutabilityExclusionFilters"


def push(world: AwsWorld, repository: RemoteId) -> None:
    """Push an image of a few bytes."""
    layer = {"digest": f"sha256:{hashlib.sha256(b'x').hexdigest()}", "size": 1}
    kind = "application/vnd.docker.distribution.manifest.v2+json"
    manifest = {"schemaVersion": 2, "mediaType": kind, "config": layer, "layers": []}
    world.aws.client("ecr").put_image(
        repositoryName=repository, imageManifest=json.dumps(manifest), imageTag="latest"
    )


def test_the_tags_that_can_be_moved_are_changed_and_taken_out(world: AwsWorld) -> None:
    life = Life(world, REPOSITORY)
    some = {"RepositoryName": "serve", "ImageTagMutability": "IMMUTABLE_WITH_EXCLUSION"}
    life.apply({**some, FILTERS: exceptions("latest")})
    life.apply({**some, FILTERS: exceptions("v*")})
    life.apply({**some, FILTERS: exceptions("v*"), "ImageTagMutability": "MUTABLE_WITH_EXCLUSION"})
    life.apply({"RepositoryName": "serve", "ImageTagMutability": "IMMUTABLE"})
    life.apply({"RepositoryName": "serve"})


def test_exceptions_without_a_rule_are_refused_by_the_plan(world: AwsWorld) -> None:
    with pytest.raises(RefusedError, match="ImageTagMutability"):
        Life(world, REPOSITORY).apply({"RepositoryName": "serve", FILTERS: exceptions("latest")})


def test_what_cloudformation_calls_empty_on_delete_is_named(world: AwsWorld) -> None:
    with pytest.raises(RefusedError, match="EmptyOnDelete"):
        Life(world, REPOSITORY).apply({"EmptyOnDelete": True})


def test_images_go_only_where_the_spec_says_so(world: AwsWorld) -> None:
    made = world.create(REPOSITORY, {"RepositoryName": "serve"})
    push(world, made)
    with pytest.raises(CloudError, match=r"repository serve is not empty .*emptyOnDelete: true"):
        world.cloud.delete(world.operation(REPOSITORY, {}), made)
    assert not world.is_absent(REPOSITORY, made)
    world.cloud.delete(world.operation(REPOSITORY, {}, empty_on_delete=True), made)
    assert world.is_absent(REPOSITORY, made)
