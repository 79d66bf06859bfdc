"""Keep botocore's descriptions of AWS's services, for all sessions of the process. Shell."""

from __future__ import annotations

import os

from botocore.loaders import Loader


class _ModelLoader(Loader):
    """Knows the services by the names of their folders. botocore's own loader looks into each of
    the four hundred for every kind of model, which costs as much as a client."""

    def list_available_services(self, type_name: str) -> list[str]:
        """The services that have models of any type; loading one that is missing raises."""
        # Each session adds boto3's folder again.
        paths = [path for path in set(self.search_paths) if os.path.isdir(path)]
        found = (os.scandir(path) for path in paths)
        return sorted({entry.name for folder in found for entry in folder if entry.is_dir()})


API_MODELS = _ModelLoader()
"""Register it as each session's ``data_loader``: EC2's description alone takes a third of a second to
parse. Hold ``connection.BUILDING`` to build a client with it."""
