"""Run a local GitHub and a local AWS, for the demo and for tests. A server never imports it.
Shell."""
