"""The tables of the record database; what is hashed is stored as bytes, never as JSON.

`record`, `tree_node` and `log_head` are one thing: they change in one transaction. The columns of
`record` beside its leaf repeat what the leaf says, so that the database can search and filter; so
do `record_search` and `record_link`, which can be made again from the leaves.
`private_value` holds a value and its salt sealed under the key that `private_key` names; the keys
themselves are in a file (`serving.records.private_keys`). Of an `answer` the bytes and the digest
of what was asked go after some days; its key stays.
`listed_project` is derived from records, up to the size in `listed_to`; so is `listed_finding`, up
to that in `findings_listed_to`.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

SCHEMA_VERSION = "0006"
"""The newest migration; `tests/serving/records/test_migrations.py` holds it against the files."""

METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)
_NUMBER = BigInteger().with_variant(Integer, "sqlite")

RECORD = Table(
    "record",
    METADATA,
    Column("leaf_index", _NUMBER, primary_key=True, autoincrement=False),
    Column("record_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("project_id", Text),
    Column("department", Text),
    Column("leaf", LargeBinary, nullable=False),
    UniqueConstraint("record_id"),
    Index("ix_record_project_id", "project_id", "leaf_index"),
    Index("ix_record_department", "department", "leaf_index"),
    Index("ix_record_kind", "kind", "leaf_index"),
)
RECORD_SEARCH = Table(
    "record_search",
    METADATA,
    Column(
        "leaf_index",
        _NUMBER,
        ForeignKey("record.leaf_index"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("department", Text),
    Column("actor", Text, nullable=False),
    Column("model_version", Text),
    Index("ix_record_search_actor", "actor", "leaf_index"),
    Index("ix_record_search_model_version", "model_version", "leaf_index"),
)
RECORD_LINK = Table(
    "record_link",
    METADATA,
    Column("about", Text, nullable=False),
    Column("leaf_index", _NUMBER, ForeignKey("record.leaf_index"), nullable=False),
    Column("department", Text),
    PrimaryKeyConstraint("about", "leaf_index"),
)
PRIVATE_VALUE = Table(
    "private_value",
    METADATA,
    Column("leaf_index", _NUMBER, ForeignKey("record.leaf_index"), nullable=False),
    Column("name", Text, nullable=False),
    Column("department", Text),
    Column("key_id", Text, ForeignKey("private_key.key_id")),
    Column("sealed", LargeBinary),
    Column("erased_at", Text),
    PrimaryKeyConstraint("leaf_index", "name"),
)
PRIVATE_KEY = Table(
    "private_key",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("key_id", Text, nullable=False),
    Column("made_at", Text, nullable=False),
    Column("retired_at", Text),
    UniqueConstraint("key_id"),
)
TREE_NODE = Table(
    "tree_node",
    METADATA,
    Column("position", _NUMBER, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
)
LOG_HEAD = Table(
    "log_head",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("size", _NUMBER, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("frontier", LargeBinary, nullable=False),
    CheckConstraint("number = 1", name="one_row"),
)
CHECKPOINT = Table(
    "checkpoint",
    METADATA,
    Column("origin", Text, nullable=False),
    Column("size", _NUMBER, nullable=False),
    Column("note", Text, nullable=False),
    Column("signed_at", Text, nullable=False),
    PrimaryKeyConstraint("origin", "size"),
)
ANSWER = Table(
    "answer",
    METADATA,
    Column("scope", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("key_id", Text, ForeignKey("private_key.key_id")),
    Column("body_digest", LargeBinary),
    Column("first_leaf", _NUMBER, ForeignKey("record.leaf_index"), nullable=False),
    Column("leaf_count", Integer, nullable=False),
    Column("answered_at", Text, nullable=False),
    Column("answer", LargeBinary),
    PrimaryKeyConstraint("scope", "key"),
    Index("ix_answer_first_leaf", "first_leaf"),
    Index(
        "ix_answer_kept",
        "answered_at",
        sqlite_where=text("answer IS NOT NULL"),
        postgresql_where=text("answer IS NOT NULL"),
    ),
)
LISTED_PROJECT = Table(
    "listed_project",
    METADATA,
    Column(
        "leaf_index",
        _NUMBER,
        ForeignKey("record.leaf_index"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("department", Text),
    Column("project_id", Text, nullable=False),
    Column("year", Integer, nullable=False),
    Column("newest", Integer, nullable=False),
    Column("category", Text),
    Column("words", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("grade", Text),
    Column("position", Text),
    Column("rank_score", Double, nullable=False),
    Column("excess", Double, nullable=False),
    Column("risk", Double, nullable=False),
    Index("ix_listed_project_project_id", "project_id", "year"),
    Index("ix_listed_project_department", "department", "newest", "rank_score", "leaf_index"),
    Index("ix_listed_project_newest", "newest", "rank_score", "leaf_index"),
)
LISTED_TO = Table(
    "listed_to",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("size", _NUMBER, nullable=False),
    CheckConstraint("number = 1", name="one_row"),
)
LISTED_FINDING = Table(
    "listed_finding",
    METADATA,
    Column("leaf_index", _NUMBER, ForeignKey("record.leaf_index"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("department", Text),
    Column("project_id", Text, nullable=False),
    Column("year", Integer, nullable=False),
    Column("region", Text),
    Column("finding", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("severity", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("excess", Double, nullable=False),
    Column("words", Text, nullable=False),
    PrimaryKeyConstraint("leaf_index", "number"),
    Index("ix_listed_finding_project_id", "project_id"),
    Index("ix_listed_finding_department", "department", "kind", "severity", "leaf_index", "number"),
    Index("ix_listed_finding_kind", "kind", "severity", "leaf_index", "number"),
    Index("ix_listed_finding_code", "kind", "code", "leaf_index"),
)
FINDINGS_LISTED_TO = Table(
    "findings_listed_to",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("size", _NUMBER, nullable=False),
    CheckConstraint("number = 1", name="one_row"),
)
