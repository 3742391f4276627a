"""Figures for people: what the project costs beside bare LightGBM, and whether tuning pays."""
