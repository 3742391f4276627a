"""How a review is prepared and summed up: which cases, how far experts agree, what is learned."""
