"""Findings of checks over many records: listed, exported, and what people say of them."""
