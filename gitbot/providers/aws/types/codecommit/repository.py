"""AWS::CodeCommit::Repository as a table. Shell.

RepositoryName, RepositoryDescription, KmsKeyId (it can be changed and not taken away), Triggers (read where they are
declared), Tags: changed in place. Attributes: RepositoryId, Name, Arn, CloneUrlHttp, CloneUrlSsh; all but the id change
with the name. Code is the first commit, made with the repository of a ZIP file in S3: another one replaces it, and taking
it out changes nothing; push what comes later with Git. gitbot's role for applies needs ``s3:GetObject`` on that file.
https://docs.aws.amazon.com/codecommit/latest/APIReference/API_CreateRepository.html
https://docs.aws.amazon.com/codecommit/latest/APIReference/API_PutRepositoryTriggers.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from gitbot.model.cautions import Caution
from gitbot.model.schema import Losses, Removal
from gitbot.providers.aws.asking import ask, ask_pages
from gitbot.providers.aws.dialect import Dialect, Name
from gitbot.providers.aws.native import Index, last_part
from gitbot.providers.aws.plain import Plain, PlainTags
from gitbot.providers.aws.refining import refining
from gitbot.providers.aws.short_names import with_short_names
from gitbot.providers.aws.surfaces import Surface
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table, Update, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.codecommit.first_commit import commit_first

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

_CODE = Dialect(
    service="codecommit", absent=frozenset({"RepositoryDoesNotExistException"}), renames=True
)
_NAME, _TEXT, _KEY, _TRIGGERS = "RepositoryName", "RepositoryDescription", "KmsKeyId", "Triggers"
_LIST = ("list_repositories", "Repositories", itemgetter("RepositoryId"))


def _listed(aws: Connection) -> list[Mapping[str, str]]:
    """The name and the id of each repository; a call for a thousand."""
    return ask_pages(aws, _CODE, *_LIST[:2])


def _name_of(aws: Connection, remote_id: str) -> dict[str, Any]:
    """The parameter with the name of the repository with this id; of one that is gone, the id."""
    names = {one["RepositoryId"]: one[_NAME] for one in _listed(aws)}
    return {_NAME: names.get(remote_id, remote_id)}


def _id_of(aws: Connection, name: str) -> str | None:
    return next((one["RepositoryId"] for one in _listed(aws) if one[_NAME] == name), None)


def _whole(aws: Connection, names: Iterable[str]) -> Mapping[str, str]:
    """The ids of those of the repositories that exist, by their names."""
    wanted = set(names)
    return {one[_NAME]: one["RepositoryId"] for one in _listed(aws) if one[_NAME] in wanted}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Repositories(Plain):
    """Repositories by their ids; CodeCommit describes them by their names, a hundred in a call."""

    def _described(self, aws: Connection, ids: list[str]) -> Iterable[Described | None]:
        names = [one[_NAME] for one in _listed(aws) if one["RepositoryId"] in ids]
        batches = [names[at : at + self.most] for at in range(0, len(names), self.most)]
        return [one for batch in batches for one in self._some(aws, batch)]


_LISTING = _Repositories(
    dialect=_CODE,
    call="batch_get_repositories",
    many="RepositoryNames",
    answer="Repositories",
    tags=PlainTags(
        dialect=_CODE,
        target=lambda one: {"ResourceArn": one["Arn"]},
        reading="list_tags_for_resource",
        mapped=True,
    ),
    name=Name(property=_NAME, longest=100),
    id_of=_id_of,
    index=Index("codecommit:", own=last_part, whole=_whole),
    listing=_LIST,
)


def _triggers(aws: Connection, remote_id: str) -> Any:
    return ask(aws, _CODE, "get_repository_triggers", **_name_of(aws, remote_id))[_TRIGGERS]


def _put_triggers(aws: Connection, remote_id: str, value: Any) -> None:
    named = _name_of(aws, remote_id)
    ask(aws, _CODE, "put_repository_triggers", **named, Triggers=value or [])


def _commit(aws: Connection, remote_id: str, value: Any) -> None:
    if value:
        commit_first(aws, _name_of(aws, remote_id)[_NAME], value)


def _compared(properties: Properties) -> Properties:
    """The properties in the form for comparison: CodeCommit shows ids of keys, and what a trigger leaves out as empty."""
    done = with_short_names(properties, keys=(_KEY,))
    if isinstance(done.get(_TRIGGERS), (list, tuple)):
        done[_TRIGGERS] = [_trigger(one) for one in done[_TRIGGERS]]
    return done


def _trigger(one: Any) -> Any:
    if not isinstance(one, Mapping):
        return one
    optional = ("Branches", "CustomData")
    return {name: value for name, value in one.items() if value or name not in optional}


def _renamed(values: Properties, one: Described) -> Properties:
    new = values[_NAME]
    return {} if new == one[_NAME] else {"OldName": one[_NAME], "NewName": new}


def _described_as(values: Properties, one: Described) -> Properties:
    return {_NAME: one[_NAME], _TEXT: values[_TEXT] or ""}


def _encrypted(values: Properties, one: Described) -> Properties:
    return {_NAME: one[_NAME], _KEY: values[_KEY]}


_UPDATES = (
    Update(call="update_repository_description", sends=(_TEXT,), parameters=_described_as),
    Update(call="update_repository_encryption_key", sends=(_KEY,), parameters=_encrypted),
    Update(call="update_repository_name", sends=(_NAME,), parameters=_renamed),
)
_NO_TRIGGER = Removal(default=None, says="nothing is told of what is pushed")
_SURFACES = (
    Surface(property="Code", write=_commit),
    Surface(property=_TRIGGERS, read=_triggers, write=_put_triggers, removal=_NO_TRIGGER),
)
_COMMITTED = Caution(
    made=True,
    where="/Code",
    begins=("{",),
    says="The files of `Code` are the first commit. What comes later is pushed with Git: another `Code` makes another repository.",
)
_RESETS = {_TEXT: Removal(default=None, says="it has no description")}
_LIMITS: Mapping[str, Properties] = {
    _TRIGGERS: {"maxItems": 10, "uniqueKeys": ["Name"]},
    f"{_TRIGGERS}/*/Events": {"minItems": 1},
    f"{_TRIGGERS}/*/Branches": {"maxItems": 10},
    f"{_TRIGGERS}/*/Name": {"pattern": "^[a-zA-Z0-9_.-]{1,100}$"},
    f"{_TRIGGERS}/*/DestinationArn": {"pattern": "^arn:[^:]+:(sns|lambda):"},
}
_FOLLOWS = ("Name", "Arn", "CloneUrlHttp", "CloneUrlSsh")
_CREATE = Create(
    call="create_repository",
    sends=(_NAME, _TEXT, _KEY),
    gives=lambda answer, _: str(answer["RepositoryMetadata"]["RepositoryId"]),
    taken=frozenset({"RepositoryNameExistsException"}),
)

REPOSITORY = native_type(
    Table(
        name="AWS::CodeCommit::Repository",
        noun="repository",
        dialect=_CODE,
        listing=_LISTING,
        identifier=itemgetter("RepositoryId"),
        shows=shown("RepositoryId", _NAME, _TEXT, _KEY, *_FOLLOWS[1:], Name=_NAME),
        create=_CREATE,
        updates=_UPDATES,
        resets=_RESETS,
        surfaces=_SURFACES,
        create_only=("/Code",),
        filled=("Code",),
        cautions=(_COMMITTED,),
        looks=("get_repository_triggers", "get_branch"),
        calls=("put_repository_triggers", "create_commit"),
        delete=Delete(call="delete_repository", parameters=shown(_NAME)),
        tags=_LISTING.tags,
        natural_key=(_NAME,),
        follows=dict.fromkeys(_FOLLOWS, (_NAME,)),
        write_only=("/Code", f"/{_KEY}"),
        key_names=(f"/{_KEY}",),
        sets=(f"/{_TRIGGERS}",),
        identities={f"/{_TRIGGERS}": ("Name",)},
        normalise=_compared,
        refine=refining(_LIMITS),
        stateful=True,
        losses=Losses(gone="its code with all branches and its pull requests are lost"),
    )
)
