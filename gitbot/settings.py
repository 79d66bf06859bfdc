"""The server's settings, read once. Pure."""
