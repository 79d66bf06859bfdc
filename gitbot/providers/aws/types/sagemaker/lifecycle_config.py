"""AWS::SageMaker::NotebookInstanceLifecycleConfig as a table. Shell.

NotebookInstanceLifecycleConfigName: replace (generated when absent). OnCreate, OnStart (base64), Tags:
changed in place; a notebook instance runs the new scripts when it starts next. Attributes:
NotebookInstanceLifecycleConfigArn.
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateNotebookInstanceLifecycleConfig.html
"""

from __future__ import annotations

from gitbot.model.schema import Removal
from gitbot.providers.aws.dialect import Name
from gitbot.providers.aws.table import Create, Delete, Table, Update, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.sagemaker.family import SAGEMAKER, TAKEN, listing

_CONFIG = "NotebookInstanceLifecycleConfig"
_NAME = Name(property=f"{_CONFIG}Name", longest=63)
_SCRIPTS = ("OnCreate", "OnStart")
_LISTING = listing(
    *("notebook-instance-lifecycle-config", "describe_notebook_instance_lifecycle_config", _NAME),
    arn=f"{_CONFIG}Arn",
)

NOTEBOOK_INSTANCE_LIFECYCLE_CONFIG = native_type(
    Table(
        name="AWS::SageMaker::NotebookInstanceLifecycleConfig",
        noun="lifecycle configuration of notebook instances",
        dialect=SAGEMAKER,
        listing=_LISTING,
        identifier=lambda one: str(one[f"{_CONFIG}Arn"]),
        shows=shown(f"{_CONFIG}Arn", f"{_CONFIG}Name", *_SCRIPTS),
        addresses=lambda one: {f"{_CONFIG}Name": one[f"{_CONFIG}Name"]},
        create=Create(
            call="create_notebook_instance_lifecycle_config",
            sends=(f"{_CONFIG}Name", *_SCRIPTS),
            gives=lambda answer, _: str(answer[f"{_CONFIG}Arn"]),
            name=_NAME,
            taken=TAKEN,
        ),
        updates=(
            Update(call="update_notebook_instance_lifecycle_config", sends=_SCRIPTS, whole=True),
        ),
        resets={name: Removal(default=[], says="no script runs") for name in _SCRIPTS},
        delete=Delete(call="delete_notebook_instance_lifecycle_config"),
        tags=_LISTING.tags,
        natural_key=(f"{_CONFIG}Name",),
    )
)
