"""Figures for people: what the project costs beside what else there is, and whether tuning pays."""
