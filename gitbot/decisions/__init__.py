"""What gitbot decides: pure functions over facts, no clock, no I/O. Pure."""
