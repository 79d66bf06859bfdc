"""GitHub's door: verify a delivery, parse it, name the job it wakes. Shell."""

from gitbot.webhooks.app import create_app
from gitbot.webhooks.parse import Delivery, MalformedDeliveryError, parse
from gitbot.webhooks.route import route

__all__ = [
    "Delivery",
    "MalformedDeliveryError",
    "create_app",
    "parse",
    "route",
]
