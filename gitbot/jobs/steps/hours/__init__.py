"""What the job of off-hours does, step by step. Shell."""
