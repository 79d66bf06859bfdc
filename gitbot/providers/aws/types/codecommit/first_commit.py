"""Make the first commit of a repository of CodeCommit from a ZIP file in S3. Shell.

CodeCommit takes 100 files in a call, each of up to 6 MB. All are in one commit, so that a repository has all of them or
none. They are held in memory for that, so together they may have less than CodeCommit takes. Whatever has been pushed before stays.
https://docs.aws.amazon.com/codecommit/latest/APIReference/API_CreateCommit.html
https://docs.aws.amazon.com/codecommit/latest/userguide/limits.html
"""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from gitbot.errors import CloudError

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

MOST_FILES: Final = 100
MOST_BYTES: Final = 6_000_000
MOST_ZIPPED: Final = 50_000_000
MOST_TOGETHER: Final = 50_000_000
_HAS_COMMITS: Final = "ParentCommitIdRequiredException"
_REFUSED: Final = "InvalidCode"


def commit_first(aws: Connection, repository: str, code: Mapping[str, Any]) -> None:
    """Commit the files of the ZIP file to the branch, ``main`` where none is named, if it has no commit.

    Raises:
        CloudError: there is no such object, or it is not what CodeCommit takes.
    """
    branch = str(code.get("BranchName") or "main")
    if _has(aws, repository, branch):
        return
    files = _files(aws, code["S3"])
    try:
        aws.call(
            *("codecommit", "create_commit"),
            repositoryName=repository,
            branchName=branch,
            commitMessage="Initial commit",
            putFiles=files,
        )
    except CloudError as error:
        if error.code != _HAS_COMMITS:  # the call was repeated, or somebody has pushed meanwhile
            raise


def _has(aws: Connection, repository: str, branch: str) -> bool:
    try:
        aws.call("codecommit", "get_branch", repositoryName=repository, branchName=branch)
    except CloudError as error:
        if error.code != "BranchDoesNotExistException":
            raise
        return False
    return True


def _files(aws: Connection, place: Mapping[str, Any]) -> list[dict[str, Any]]:
    where = f"s3://{place['Bucket']}/{place['Key']}"
    version = {"VersionId": place["ObjectVersion"]} if place.get("ObjectVersion") else {}
    got = aws.call("s3", "get_object", Bucket=place["Bucket"], Key=place["Key"], **version)
    if got["ContentLength"] > MOST_ZIPPED:
        raise _refused(where, f"it is larger than {MOST_ZIPPED // 1_000_000} MB")
    try:
        with zipfile.ZipFile(io.BytesIO(got["Body"].read())) as archive:
            return _taken(where, archive)
    except zipfile.BadZipFile as error:
        raise _refused(where, "it is no ZIP file") from error


def _taken(where: str, archive: zipfile.ZipFile) -> list[dict[str, Any]]:
    found = [one for one in archive.infolist() if not one.is_dir()]
    if not 0 < len(found) <= MOST_FILES:
        raise _refused(where, f"it has {len(found)} files")
    if large := [one.filename for one in found if one.file_size > MOST_BYTES]:
        raise _refused(where, f"{large[0]} is larger than {MOST_BYTES // 1_000_000} MB")
    if sum(one.file_size for one in found) > MOST_TOGETHER:
        why = f"its files together are larger than {MOST_TOGETHER // 1_000_000} MB, which gitbot does not hold"
        raise _refused(where, why)
    return [
        {
            "filePath": one.filename,
            "fileMode": "EXECUTABLE" if one.external_attr >> 16 & stat.S_IXUSR else "NORMAL",
            "fileContent": archive.read(one),
        }
        for one in found
    ]


def _refused(where: str, why: str) -> CloudError:
    return CloudError(
        f"{where} cannot be committed: {why}. CodeCommit takes from 1 to {MOST_FILES} files in a commit that is not "
        "pushed. Leave `Code` out and push the code with Git.",
        code=_REFUSED,
    )
