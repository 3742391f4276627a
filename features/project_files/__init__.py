"""Declared projects from files: csv, xlsx, parquet, jsonl and json, as a stream of batches."""

from features.project_files.batch import Batch, Document, GoodRow, Origin, Row
from features.project_files.piece import Piece
from features.project_files.reading import KINDS, cut_projects, read_projects

__all__ = [
    "KINDS",
    "Batch",
    "Document",
    "GoodRow",
    "Origin",
    "Piece",
    "Row",
    "cut_projects",
    "read_projects",
]
