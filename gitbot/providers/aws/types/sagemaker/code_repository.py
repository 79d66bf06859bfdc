"""AWS::SageMaker::CodeRepository as a table. Shell.

CodeRepositoryName (generated when absent), GitConfig's RepositoryUrl and Branch: replace. GitConfig's
SecretArn, Tags: changed in place; no call takes the secret away. Attributes: CodeRepositoryArn.
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateCodeRepository.html
"""

from __future__ import annotations

from operator import itemgetter

from gitbot.providers.aws.dialect import Name
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table, Update, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.sagemaker.family import SAGEMAKER, TAKEN, listing

_NAME = Name(property="CodeRepositoryName", longest=63)
_LISTING = listing("code-repository", "describe_code_repository", _NAME, arn="CodeRepositoryArn")


def _secret(values: Properties, described: Described) -> Properties:
    """All of ``GitConfig`` that the call takes."""
    return {"GitConfig": shown("SecretArn")(values["GitConfig"])}


CODE_REPOSITORY = native_type(
    Table(
        name="AWS::SageMaker::CodeRepository",
        noun="code repository",
        dialect=SAGEMAKER,
        listing=_LISTING,
        identifier=itemgetter("CodeRepositoryArn"),
        shows=shown("CodeRepositoryArn", "CodeRepositoryName", "GitConfig"),
        addresses=lambda one: {"CodeRepositoryName": one["CodeRepositoryName"]},
        create=Create(
            call="create_code_repository",
            sends=("CodeRepositoryName", "GitConfig"),
            gives=lambda answer, _: str(answer["CodeRepositoryArn"]),
            name=_NAME,
            taken=TAKEN,
        ),
        updates=(Update(call="update_code_repository", sends=("GitConfig",), parameters=_secret),),
        create_only=("/GitConfig/RepositoryUrl", "/GitConfig/Branch"),
        partial=("/GitConfig",),
        delete=Delete(call="delete_code_repository"),
        tags=_LISTING.tags,
        natural_key=("CodeRepositoryName",),
    )
)
