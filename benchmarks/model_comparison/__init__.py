"""The project's recipe beside other ways to learn the same heads, on the same later projects.

The command is `python -m benchmarks.model_comparison`; its page is docs/model-comparison.md.
"""
