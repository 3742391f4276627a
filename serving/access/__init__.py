"""Who calls, what they may call, and whose projects they may see."""
