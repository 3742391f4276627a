"""The published results: measured, compared with a sceptic's baselines, and written as pages."""
