"""The frame around served pages, and what pages are made of."""
