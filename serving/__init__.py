"""What is said of a project, to whom, and how."""
