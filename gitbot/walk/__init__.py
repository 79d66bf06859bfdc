"""Carry a plan out: the walk, its steps, their mutations, and recovery of what died. Shell."""
