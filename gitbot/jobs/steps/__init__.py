"""What several jobs do: look, plan stacks, hold the lease, apply a stack, tell, wake. Shell."""
