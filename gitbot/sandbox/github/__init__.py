"""A GitHub of one's own on loopback: real git, stateful REST, signed webhooks, pages. Shell."""

from gitbot.sandbox.github.courier import Courier, Delivery
from gitbot.sandbox.github.faults import Call, Fault, Faults
from gitbot.sandbox.github.local import AppCredentials, LocalGitHub
from gitbot.sandbox.github.problems import Problem

__all__ = [
    "AppCredentials",
    "Call",
    "Courier",
    "Delivery",
    "Fault",
    "Faults",
    "LocalGitHub",
    "Problem",
]
