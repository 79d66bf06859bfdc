"""A local GitHub and a local AWS: the demo's world and the tests' world. Never imported by a server."""
