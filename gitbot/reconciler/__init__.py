"""Compare, plan, digest, guard (pure), and the walk and recovery that carry a plan out."""
