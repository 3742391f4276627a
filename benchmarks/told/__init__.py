"""What was measured, told in Markdown: one module for each section of the page."""
