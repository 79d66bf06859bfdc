"""Run a local AWS: moto's server, with what moto lacks and with faults to switch on. Shell."""

from gitbot_sandbox.aws.calls import Call
from gitbot_sandbox.aws.faults import Fault, FaultKind
from gitbot_sandbox.aws.server import LocalAws

__all__ = ["Call", "Fault", "FaultKind", "LocalAws"]
