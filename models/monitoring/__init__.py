"""What a model in service is held against: how its inputs and answers were, what it promised."""
