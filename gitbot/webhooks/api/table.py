"""All routes of the API, and the one that shows their document. Shell."""

from __future__ import annotations

from importlib.metadata import version

from gitbot.webhooks.api import applies, login, me, plans, reads
from gitbot.webhooks.api.openapi import document
from gitbot.webhooks.api.routes import ROOT, Answer, Api, Call, Route


def _document(api: Api, call: Call) -> Answer:
    return Answer(body=document(ROUTES, root=ROOT, version=version("gitbot")))


ROUTES: tuple[Route, ...] = (
    *login.ROUTES,
    *me.ROUTES,
    *reads.ROUTES,
    *plans.ROUTES,
    *applies.ROUTES,
    Route(
        method="GET",
        path="/openapi.json",
        name="openapi",
        summary="This document",
        handle=_document,
        answers={200: {"type": "object", "required": ["openapi", "paths"]}},
        public=True,
    ),
)
