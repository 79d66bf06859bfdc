"""What the job of promotions does, one module a step. Shell."""
