"""Let moto's notebook instances change, take time and refuse as AWS's do. Shell.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateNotebookInstance.html
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_StopNotebookInstance.html
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateNotebookInstanceLifecycleConfig.html
"""

from __future__ import annotations

from functools import wraps
from typing import Any

from moto.core.responses import ActionResult
from moto.sagemaker.exceptions import ValidationError
from moto.sagemaker.models import FakeSagemakerNotebookInstance as Notebook
from moto.sagemaker.models import SageMakerModelBackend as Backend
from moto.sagemaker.responses import SageMakerResponse as Responses

from gitbot_sandbox.aws.given import Given, Kind
from gitbot_sandbox.aws.moto_patch import wrap
from gitbot_sandbox.aws.states import begin, described

_SCRIPTS = Kind(
    response=Responses,
    backend="sagemaker_backend",
    kind="notebook_instance_lifecycle_config",
    name="NotebookInstanceLifecycleConfigName",
)
_NOTEBOOK = Kind(
    response=Responses,
    backend="sagemaker_backend",
    kind="notebook_instance",
    name="NotebookInstanceName",
    spelled={
        "LifecycleConfigName": "NotebookInstanceLifecycleConfigName",
        "SecurityGroupIds": "SecurityGroups",
    },
)
_TAKEN_OFF = {
    "DisassociateLifecycleConfig": "LifecycleConfigName",
    "DisassociateDefaultCodeRepository": "DefaultCodeRepository",
    "DisassociateAdditionalCodeRepositories": "AdditionalCodeRepositories",
    "DisassociateAcceleratorTypes": "AcceleratorTypes",
}
_DEFAULTS = {
    "RootAccess": "Enabled",
    "PlatformIdentifier": "notebook-al2-v1",
    "InstanceMetadataServiceConfiguration": {"MinimumInstanceMetadataServiceVersion": "1"},
}


def patch() -> None:
    """Make all patches of this module."""
    wrap(Responses, "create_notebook_instance_lifecycle_config", _with_tags)
    listed = list_notebook_instance_lifecycle_configs
    setattr(Responses, listed.__name__, listed)
    _SCRIPTS.show()
    _SCRIPTS.change(_scripts)
    wrap(Notebook, "start", _to("Pending", "InService", after=("Stopped", "Failed", "Pending")))
    wrap(Notebook, "stop", _to("Stopping", "Stopped", after=("InService",)))
    wrap(Backend, "get_notebook_instance", _time_passes)
    wrap(Notebook, "to_dict", _with_defaults)
    _NOTEBOOK.show()
    _NOTEBOOK.change(_update)


# --- lifecycle configurations --------------------------------------------------------------------


def list_notebook_instance_lifecycle_configs(self: Any) -> Any:
    """Answer ListNotebookInstanceLifecycleConfigs on one page, by a part of the name, newest first.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ListNotebookInstanceLifecycleConfigs.html
    """
    part = self._get_param("NameContains") or ""
    kept = self.sagemaker_backend.notebook_instance_lifecycle_configurations
    found = [
        {
            "NotebookInstanceLifecycleConfigName": name,
            "NotebookInstanceLifecycleConfigArn": one.arn,
            "CreationTime": one.creation_time,
            "LastModifiedTime": one.last_modified_time,
        }
        for name, one in reversed(kept.items())
        if part in name
    ]
    return ActionResult({"NotebookInstanceLifecycleConfigs": found})


def _with_tags(original: Any) -> Any:
    """Defect: tags are dropped."""

    @wraps(original)
    def create_notebook_instance_lifecycle_config(self: Any) -> Any:
        answer = original(self)
        name = self.params["NotebookInstanceLifecycleConfigName"]
        kept = self.sagemaker_backend.notebook_instance_lifecycle_configurations[name]
        kept.tags = list(self.params.get("Tags") or ())
        return answer

    return create_notebook_instance_lifecycle_config


def _scripts(responses: Any, name: str, asked: Given) -> Given:
    """Defect: there is no update. A script that the call does not name is removed."""
    return {script: asked.get(script) or [] for script in ("OnCreate", "OnStart")}


# --- notebook instances --------------------------------------------------------------------------


def _to(passing: str, last: str, after: tuple[str, ...]) -> Any:
    """Defects: the state is the last one at once, and any state will do before."""

    def make(original: Any) -> Any:
        @wraps(original)
        def change(self: Any) -> None:
            if self.status not in after:
                raise ValidationError(
                    message=f"Status ({self.status}) not in ({list(after)}). Unable to transition "
                    f"to ({passing}) for Notebook Instance ({self.arn})"
                )
            _pass(self, passing, last)

        return change

    return make


def _pass(notebook: Any, passing: str, last: str) -> None:
    notebook.status, notebook.failure_reason = passing, None

    def then(reason: str) -> None:
        notebook.status = "Failed" if reason else last
        notebook.failure_reason = reason or None

    begin(notebook, then)


def _time_passes(original: Any) -> Any:
    @wraps(original)
    def get_notebook_instance(self: Any, notebook_instance_name: str) -> Any:
        found = original(self, notebook_instance_name)
        described(found)
        return found

    return get_notebook_instance


def _with_defaults(original: Any) -> Any:
    """Defects: neither the reason of a failure is shown, nor some defaults of AWS."""

    @wraps(original)
    def to_dict(self: Any) -> Any:
        shown = {key: value for key, value in original(self).items() if value is not None}
        return _DEFAULTS | shown | {"FailureReason": self.failure_reason}

    return to_dict


def _update(responses: Any, name: str, asked: Given) -> Given:
    """Defect: there is no UpdateNotebookInstance. It wants a stopped instance, and its disk grows."""
    notebook = responses.sagemaker_backend.notebook_instances[name]
    if notebook.status != "Stopped":
        raise ValidationError(
            message=f"Status ({notebook.status}) not in ([Stopped, Failed]). Unable to transition to "
            f"(Updating) for Notebook Instance ({notebook.arn})"
        )
    kept = _NOTEBOOK.given_of(responses)[name]
    if asked.get("VolumeSizeInGB", 1 << 30) < (kept.get("VolumeSizeInGB") or 5):
        raise ValidationError(message="The volume of a notebook instance cannot become smaller.")
    gone = {kept_name: None for flag, kept_name in _TAKEN_OFF.items() if asked.get(flag)}
    for each in gone:
        if asked.get(each):
            raise ValidationError(message=f"{each} is given and disassociated at once.")
        _take_off(notebook, each)
    if "InstanceType" in asked:
        notebook.validate_instance_type(asked["InstanceType"])
    _pass(notebook, "Updating", "Stopped")
    return {key: value for key, value in asked.items() if key not in _TAKEN_OFF} | gone


def _take_off(notebook: Any, name: str) -> None:
    spelled = {
        "LifecycleConfigName": "lifecycle_config_name",
        "DefaultCodeRepository": "default_code_repository",
        "AdditionalCodeRepositories": "additional_code_repositories",
        "AcceleratorTypes": "accelerator_types",
    }
    setattr(notebook, spelled[name], None)
