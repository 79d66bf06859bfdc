"""Steps that follow when stacks expire: rows, warnings, what holds, and the end."""
