"""Projects declared twice, split below a threshold, copied, or continued: found and explained."""
