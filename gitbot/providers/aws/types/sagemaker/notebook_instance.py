"""AWS::SageMaker::NotebookInstance as a table. Shell.

NotebookInstanceName (generated when absent), DirectInternetAccess, KmsKeyId, PlatformIdentifier,
SecurityGroupIds, SubnetId: replace, and what is on the disk is lost. InstanceType, RoleArn,
VolumeSizeInGB (it can only grow), LifecycleConfigName, DefaultCodeRepository,
AdditionalCodeRepositories, RootAccess, InstanceMetadataServiceConfiguration: stop, change, start; the
power state is restored. Tags: changed in place. Attributes: NotebookInstanceArn. AcceleratorTypes is not
handled: AWS has ended Elastic Inference.
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateNotebookInstance.html
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateNotebookInstance.html
"""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

from gitbot.model.cloud import Power
from gitbot.model.schema import Losses, Removal
from gitbot.model.timeouts import minutes
from gitbot.providers.aws.asking import ask
from gitbot.providers.aws.dialect import Name, Running
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table, Update, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.sagemaker.family import SAGEMAKER, TAKEN, failure, listing

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

_NAME = Name(property="NotebookInstanceName", longest=63)
_FIXED = (
    "NotebookInstanceName",
    "DirectInternetAccess",
    "KmsKeyId",
    "PlatformIdentifier",
    "SubnetId",
)
_FLAGS = {
    "LifecycleConfigName": "DisassociateLifecycleConfig",
    "DefaultCodeRepository": "DisassociateDefaultCodeRepository",
    "AdditionalCodeRepositories": "DisassociateAdditionalCodeRepositories",
}
"""The parameters of the update that take something off."""
_METADATA = "InstanceMetadataServiceConfiguration"
_CHANGED = ("InstanceType", "RoleArn", "VolumeSizeInGB", "RootAccess", _METADATA, *_FLAGS)
_LISTING = listing(
    *("notebook-instance", "describe_notebook_instance", _NAME), arn="NotebookInstanceArn"
)
_RUNNING = Running(
    state="NotebookInstanceStatus",
    states={
        "Pending": Power.STARTING,
        "InService": Power.RUNNING,
        "Stopping": Power.STOPPING,
        "Stopped": Power.STOPPED,
        "Updating": Power.STOPPING,
        "Failed": Power.STOPPED,
    },
    start="start_notebook_instance",
    stop="stop_notebook_instance",
)


def _changes(values: Properties, described: Described) -> dict[str, Any]:
    """The parameters of the update: a value, or the flag that takes it off."""
    given = {name: value for name, value in values.items() if value or name not in _FLAGS}
    gone = {_FLAGS[name]: True for name in values if name not in given}
    return given | gone


def _stop(aws: Connection, one: Described) -> None:
    """SageMaker deletes no notebook instance that runs."""
    if _RUNNING.power(one) is Power.RUNNING:
        name = one["NotebookInstanceName"]
        ask(aws, SAGEMAKER, _RUNNING.stop, NotebookInstanceName=name)


_SHOWS = shown(
    *(
        "NotebookInstanceArn",
        *_FIXED,
        *(name for name in _CHANGED if name != "LifecycleConfigName"),
    ),
    SecurityGroupIds="SecurityGroups",
    LifecycleConfigName="NotebookInstanceLifecycleConfigName",
)
_UPDATE = Update(call="update_notebook_instance", sends=_CHANGED, stopped=True, parameters=_changes)
_RESETS = {
    "LifecycleConfigName": Removal(default=None, says="no script runs when it starts"),
    "DefaultCodeRepository": Removal(default=None, says="it opens at its own files"),
    "AdditionalCodeRepositories": Removal(default=[], says="no more are cloned"),
    "RootAccess": Removal(default="Enabled", says="users have root access"),
    _METADATA: Removal(
        default={"MinimumInstanceMetadataServiceVersion": "1"}, says="IMDSv1 answers too"
    ),
}
_LOSSES = Losses(
    gone="the files on its disk are lost",
    restart="the running kernels stop, and files outside of /home/ec2-user/SageMaker are lost",
)

NOTEBOOK_INSTANCE = native_type(
    Table(
        name="AWS::SageMaker::NotebookInstance",
        noun="notebook instance",
        dialect=SAGEMAKER,
        timeouts=minutes(create=30, update=60, delete=30),
        listing=_LISTING,
        identifier=itemgetter("NotebookInstanceArn"),
        shows=_SHOWS,
        addresses=shown("NotebookInstanceName"),
        create=Create(
            call="create_notebook_instance",
            sends=(*_FIXED, "SecurityGroupIds", *_CHANGED),
            gives=lambda answer, _: str(answer["NotebookInstanceArn"]),
            name=_NAME,
            taken=TAKEN,
        ),
        ready=lambda one: one["NotebookInstanceStatus"] in ("InService", "Stopped"),
        failed=failure("NotebookInstanceStatus", "Failed"),
        running=_RUNNING,
        updates=(_UPDATE,),
        resets=_RESETS,
        delete=Delete(call="delete_notebook_instance", first=_stop),
        tags=_LISTING.tags,
        natural_key=("NotebookInstanceName",),
        filled=("VolumeSizeInGB",),
        grows=("/VolumeSizeInGB",),
        passes_role_to="sagemaker.amazonaws.com",
        stateful=True,
        losses=_LOSSES,
    )
)
