"""Lists of appraised projects and what becomes of them, by page, workbook and API."""
