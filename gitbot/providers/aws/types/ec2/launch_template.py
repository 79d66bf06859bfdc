"""AWS::EC2::LaunchTemplate as a table. Shell.

LaunchTemplateName (generated when absent): replace. LaunchTemplateData, VersionDescription: changed in
place by a new version, which becomes the default one. What plans compare is the default version, and whether the
latest one says the same.
TagSpecifications: all tags of the template itself, changed in place; LaunchTemplateData has those of the
machines. Attributes: LaunchTemplateId, DefaultVersionNumber, LatestVersionNumber: the numbers change with
each new version.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplate.html
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplateVersion.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from gitbot.model.cautions import Caution
from gitbot.model.schema import Removal
from gitbot.providers.aws.dialect import Name
from gitbot.providers.aws.native import Index
from gitbot.providers.aws.surfaces import Surface
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table, Update, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.tagging import tag_list, tag_map
from gitbot.providers.aws.types.ec2.common import put_tags, remove_tags
from gitbot.providers.aws.types.ec2.family import EC2, FEW, Ec2Listing, Ec2Tags
from gitbot.providers.aws.types.ec2.launch_data import DATA, IDENTITIES, REFINE, SETS, plain_data

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

_NAME = Name(property="LaunchTemplateName", longest=128)
_VERSION = (DATA, "VersionDescription")
# https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteLaunchTemplateVersions.html
_EARLIER = Caution(
    secret=True,
    says="EC2 keeps the earlier versions of a launch template, with the values that they have, until somebody deletes "
    "them (delete-launch-template-versions).",
)
_TAGS = "TagSpecifications"
_VERSIONS = ("ec2", "describe_launch_template_versions", "LaunchTemplateVersions")
_KIND = "launch-template"
_NUMBERS = ("DefaultVersionNumber", "LatestVersionNumber")


class _Templates(Ec2Listing):
    """Templates with their default and latest version: a few with two calls each, else two in pages.

    EC2 has no filter for identifiers of templates, and names those of whose versions it tells one at a time.
    """

    __slots__ = ()

    def _described(self, aws: Connection, **filters: Any) -> Iterator[Described]:
        found = list(super()._described(aws, **filters))
        few = [{"LaunchTemplateId": one["LaunchTemplateId"]} for one in found]
        versions = {
            (one["LaunchTemplateId"], one["VersionNumber"]): one
            for asked in (few if len(few) <= FEW else [{}])
            for one in aws.pages(*_VERSIONS, **asked, Versions=["$Default", "$Latest"])
        }
        for template in found:
            numbers = {kind: template[f"{kind}VersionNumber"] for kind in ("Default", "Latest")}
            own = {
                kind: versions.get((template["LaunchTemplateId"], number), {})
                for kind, number in numbers.items()
            }
            yield {**template, **own}


_LISTING = _Templates(
    *("describe_launch_templates", "LaunchTemplates"),
    by="",
    key=("launch-template-name", "LaunchTemplateName"),
    index=Index("ec2:launch-template"),
    ids="LaunchTemplateIds",
)


def _shows(template: Described) -> Properties:
    kept = {
        key: value
        for key, value in tag_map(template.get("Tags")).items()
        if not key.startswith(("gitbot:", "aws:"))
    }
    tags = [{"ResourceType": _KIND, "Tags": tag_list(kept)}] if kept else None
    return {
        **shown("LaunchTemplateId", "LaunchTemplateName")(template),
        **{name: str(template[name]) for name in _NUMBERS},
        **_version_of(template),
        _TAGS: tags,
    }


def _version_of(template: Described) -> Properties:
    """What the default version says; where the latest one says otherwise, something that no spec says.

    gitbot makes both the same. Machines start from either, so that a version by hand changes what starts.
    """
    default, latest = (
        _normalised(shown(*_VERSION)(template[kind])) for kind in ("Default", "Latest")
    )
    numbers = tuple(str(template[name]) for name in _NUMBERS)
    words = f"not the same in versions {' and '.join(numbers)}"
    return {name: _told_apart(default.get(name), latest.get(name), words) for name in _VERSION}


def _told_apart(default: Any, latest: Any, words: str) -> Any:
    """The values that are the same in both; in place of another text the words, of another list an empty one."""
    if isinstance(default, Mapping) and isinstance(latest, Mapping):
        keys = (*default, *(key for key in latest if key not in default))
        return {key: _told_apart(default.get(key), latest.get(key), words) for key in keys}
    if default == latest:
        return default
    return [] if isinstance(default or latest, list) else words


def _normalised(properties: Properties) -> Properties:
    """The properties in the form for comparison."""
    data = properties.get(DATA)
    return {**properties, DATA: plain_data(data)} if isinstance(data, Mapping) else properties


def _new_version(values: Properties, template: Described) -> Properties:
    """The parameters of a new version; none where the latest one is already as it is wanted."""
    wanted = {name: value for name, value in values.items() if value is not None}
    latest = shown(*_VERSION)(template["Latest"])
    return {} if _normalised(wanted) == _normalised(latest) else wanted


def _new_default(_: Properties, template: Described) -> Properties:
    """The latest version becomes the default one."""
    numbers = [template[f"{kind}VersionNumber"] for kind in ("Default", "Latest")]
    return {} if len(set(numbers)) == 1 else {"DefaultVersion": str(numbers[1])}


def _write_tags(aws: Connection, template_id: str, specifications: Any) -> None:
    """Make the tags of the template equal to those; gitbot's and AWS's own stay."""
    filters = [{"Name": "resource-id", "Values": [template_id]}]
    had = {one["Key"] for one in aws.pages("ec2", "describe_tags", "Tags", Filters=filters)}
    wanted = {
        key: value
        for one in specifications or ()
        for key, value in tag_map(one.get("Tags")).items()
    }
    put_tags(aws, template_id, wanted)
    gone = (key for key in had - wanted.keys() if not key.startswith(("gitbot:", "aws:")))
    remove_tags(aws, template_id, gone)


_OWN_TAGS = Surface(
    property=_TAGS,
    write=_write_tags,
    removal=Removal(default=None, says="the tags of the template are deleted"),
)
_CREATE = Create(
    call="create_launch_template",
    sends=("LaunchTemplateName", *_VERSION),
    gives=lambda answer, _: answer["LaunchTemplate"]["LaunchTemplateId"],
    name=_NAME,
    token="ClientToken",
    taken=frozenset({"InvalidLaunchTemplateName.AlreadyExistsException"}),
)

LAUNCH_TEMPLATE = native_type(
    Table(
        name="AWS::EC2::LaunchTemplate",
        noun="launch template",
        dialect=EC2,
        listing=_LISTING,
        shows=_shows,
        addresses=shown("LaunchTemplateId"),
        create=_CREATE,
        updates=(
            Update(
                call="create_launch_template_version",
                sends=_VERSION,
                whole=True,
                parameters=_new_version,
            ),
            Update(call="modify_launch_template", sends=_VERSION, parameters=_new_default),
        ),
        resets={"VersionDescription": Removal(default=None, says="the new version has none")},
        surfaces=(_OWN_TAGS,),
        delete=Delete(call="delete_launch_template"),
        tags=Ec2Tags(_KIND, "LaunchTemplateId", declared=""),
        natural_key=("LaunchTemplateName",),
        cautions=(_EARLIER,),
        follows=dict.fromkeys(_NUMBERS, _VERSION),
        normalise=_normalised,
        refine=REFINE,
        sets=SETS,
        identities=IDENTITIES,
    )
)
