"""AWS::ECR::Repository as a table. Shell.

RepositoryName (generated when absent), EncryptionConfiguration: replace. ImageTagMutability,
ImageTagMutabilityExclusionFilters, ImageScanningConfiguration, LifecyclePolicy's LifecyclePolicyText and
RepositoryPolicyText (each of these two costs a call to read, where it is declared), Tags: changed in
place. Attributes: Arn, RepositoryUri. A repository with images is deleted only with
``lifecycle.emptyOnDelete``, which stands in the place of EmptyOnDelete.
https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html
https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImageTagMutability.html
"""

from __future__ import annotations

from typing import Any

from gitbot.model.schema import Losses, Removal
from gitbot.providers.aws.dialect import Dialect, Name
from gitbot.providers.aws.native import Index
from gitbot.providers.aws.plain import Plain, PlainTags
from gitbot.providers.aws.refining import refining
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table, Update, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.ecr.policies import READS, SURFACES, WRITES, in_one_form

ECR = Dialect(service="ecr", absent=frozenset({"RepositoryNotFoundException"}), renames=True)
_NAME = Name(property="RepositoryName", longest=256)
_MUTABILITY, _FILTERS = "ImageTagMutability", "ImageTagMutabilityExclusionFilters"
_SENDS = (
    *("RepositoryName", "EncryptionConfiguration"),
    *("ImageScanningConfiguration", _MUTABILITY, _FILTERS),
)
_LISTING = Plain(
    dialect=ECR,
    call="describe_repositories",
    many="RepositoryNames",
    answer="Repositories",
    tags=PlainTags(
        dialect=ECR,
        target=shown(ResourceArn="RepositoryArn"),
        reading="list_tags_for_resource",
    ),
    name=_NAME,
    index=Index("ecr:repository", own=lambda arn: arn.partition(":repository/")[2]),
)


def _sent(properties: Properties) -> dict[str, Any]:
    """Those of the properties that have a value, with the filters as the calls take them."""
    filters = [
        {
            "filterType": one[f"{_MUTABILITY}ExclusionFilterType"],
            "filter": one[f"{_MUTABILITY}ExclusionFilterValue"],
        }
        for one in properties.get(_FILTERS) or ()
    ]
    given = {**properties, _FILTERS: filters or None}
    return {name: given[name] for name in _SENDS if given.get(name) is not None}


def _shows(one: Described) -> Properties:
    filters = [
        {
            f"{_MUTABILITY}ExclusionFilterType": each["FilterType"],
            f"{_MUTABILITY}ExclusionFilterValue": each["Filter"],
        }
        for each in one.get(_FILTERS) or ()
    ]
    names = ("RepositoryUri", *(name for name in _SENDS if name != _FILTERS))
    named = shown(*names, Arn="RepositoryArn")(one)
    return {**named, _FILTERS: filters} if filters else named


_CREATE = Create(
    call="create_repository",
    sends=_SENDS,
    gives=lambda answer, _: str(answer["Repository"]["RepositoryName"]),
    parameters=lambda operation: _sent(operation.properties),
    name=_NAME,
    taken=frozenset({"RepositoryAlreadyExistsException"}),
)
_UPDATES = (
    Update(call="put_image_scanning_configuration", sends=("ImageScanningConfiguration",)),
    Update(
        call="put_image_tag_mutability",
        sends=(_MUTABILITY, _FILTERS),
        whole=True,
        parameters=lambda values, _: _sent(values),
    ),
)
_RESETS = {
    "ImageScanningConfiguration": Removal(default={"ScanOnPush": False}, says="none is scanned"),
    _MUTABILITY: Removal(default="MUTABLE", says="tags can be moved to other images"),
    _FILTERS: Removal(default=None, says="no tag is an exception"),
}
_NOT_EMPTY, _FORCE = "RepositoryNotEmptyException", {"Force": True}
_INSTEAD = {"/EmptyOnDelete": "Write `lifecycle: {emptyOnDelete: true}` beside the properties."}


# ECR takes filters only beside the mutability to which they are exceptions.
_REFINED = refining(
    {
        "": {"dependentRequired": {_FILTERS: [_MUTABILITY]}},
        "/LifecyclePolicy/LifecyclePolicyText": {"jsonText": True},
    }
)

REPOSITORY = native_type(
    Table(
        name="AWS::ECR::Repository",
        noun="repository",
        dialect=ECR,
        listing=_LISTING,
        shows=_shows,
        addresses=shown("RepositoryName"),
        create=_CREATE,
        updates=_UPDATES,
        resets=_RESETS,
        surfaces=SURFACES,
        handled=("/LifecyclePolicy/LifecyclePolicyText",),
        looks=READS,
        calls=WRITES,
        normalise=in_one_form,
        delete=Delete(call="delete_repository", full=_NOT_EMPTY, emptying=_FORCE),
        tags=_LISTING.tags,
        natural_key=("RepositoryName",),
        instead=_INSTEAD,
        refine=_REFINED,
        stateful=True,
        losses=Losses(gone="its images are lost"),
    )
)
