"""Expenditure standards: what a unit of something may cost, set by document or learned."""
