"""What is said of expenditure standards: searched, shown, exported, compared with requests."""
