"""What is said of special topics: comparisons, warnings, drill-down, workbook."""
