"""Compare, plan, digest and guard. Pure."""
