"""Hold the resource types and the connections that serve them. Shell."""
