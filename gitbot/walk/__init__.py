"""Carry a plan out: the walk, its steps, their mutations, and recovery after a crash. Shell."""
