"""Declared projects from files: csv, xlsx, parquet, jsonl and json, as a stream of batches."""

from features.project_files.batch import Batch, Document, Origin
from features.project_files.reading import KINDS, read_projects

__all__ = ["KINDS", "Batch", "Document", "Origin", "read_projects"]
