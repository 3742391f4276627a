"""Duplicates, splits and copies told: by API, on a page, by command; known pairs dismissed."""
