"""The first commit of a repository of CodeCommit, from a ZIP file in S3."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest

from gitbot.errors import CloudError
from gitbot.model.plan import Action
from gitbot.providers.aws.types.codecommit.first_commit import MOST_BYTES, MOST_FILES
from gitbot_sandbox.aws import Fault, FaultKind
from tests.contract.aws.life import Life
from tests.contract.aws.world import AwsWorld

TYPE = "AWS::CodeCommit::Repository"
FILES = {"README.md": b"# Models\n", "bin/train": b"#!/bin/sh\n"}


def zipped(files: dict[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.mkdir("bin")
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = (0o755 if name.startswith("bin/") else 0o644) << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return written.getvalue()


def spec(world: AwsWorld, body: bytes | None = None, **more: Any) -> dict[str, Any]:
    s3 = world.aws.client("s3")
    s3.create_bucket(Bucket="seeds")
    s3.put_object(Bucket="seeds", Key="a.zip", Body=zipped(FILES) if body is None else body)
    code = {"S3": {"Bucket": "seeds", "Key": "a.zip"}, **more}
    return {"RepositoryName": "models", "Code": code}


def test_a_new_repository_has_the_files_in_one_commit_and_keeps_what_is_pushed(
    world: AwsWorld,
) -> None:
    life, given = Life(world, TYPE), spec(world, BranchName="trunk")
    made = life.apply(given)
    assert "are the first commit" in "".join(made.reasons)
    client = world.aws.client("codecommit")
    for path, mode in (("README.md", "NORMAL"), ("bin/train", "EXECUTABLE")):
        file = client.get_file(repositoryName="models", commitSpecifier="trunk", filePath=path)
        assert (file["fileContent"], file["fileMode"]) == (FILES[path], mode)
    world.aws.forget_calls()
    assert life.apply({**given, "RepositoryDescription": "what we train"}).action is Action.UPDATE
    assert life.change({"RepositoryName": "models"}).action is not Action.REPLACE
    assert "codecommit.CreateCommit" not in map(str, world.aws.calls)
    other = life.change({**given, "Code": {"S3": {"Bucket": "seeds", "Key": "b.zip"}}})
    assert (other.action, other.stateful) == (Action.REPLACE, True)


def test_a_lost_reply_makes_no_second_commit(world: AwsWorld) -> None:
    given = spec(world)
    world.aws.inject(
        Fault(service="codecommit", operation="CreateCommit", kind=FaultKind.LOST_REPLY)
    )
    world.create(TYPE, given)
    client = world.aws.client("codecommit")
    assert client.get_branch(repositoryName="models", branchName="main")["branch"]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"text", "it is no ZIP file"),
        (zipped({}), "it has 0 files"),
        (zipped({str(n): b"" for n in range(MOST_FILES + 1)}), f"it has {MOST_FILES + 1} files"),
        (zipped({"model.bin": bytes(MOST_BYTES + 1)}), "model.bin is larger than 6 MB"),
    ],
)
def test_what_codecommit_does_not_take_is_refused_with_what_to_do(
    world: AwsWorld, body: bytes, why: str
) -> None:
    with pytest.raises(CloudError, match=f"{why}.*push the code with Git"):
        world.create(TYPE, spec(world, body), within_s=5)


def test_a_small_archive_of_large_files_is_not_read_into_memory(world: AwsWorld) -> None:
    body = zipped({str(number): bytes(MOST_BYTES) for number in range(9)})
    with pytest.raises(CloudError, match="together are larger than 50 MB"):
        world.create(TYPE, spec(world, body), within_s=5)
