"""What only the bureau can say of a model that it uses: owner, contact, ground in law, and so on.

It stands in `papers.yaml` in the working folder. What is not in it the papers name as not stated,
with who should state it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from features.form import Form, Words, digest_of, form_bytes
from features.yaml_form import yaml_form
from models.papers.source import Source

FILE = "papers.yaml"
_MOST = 50
Day = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d\d-\d\d$")]


class Said(Form):
    """What is said, in Chinese and in English."""

    zh: Words
    en: Words


class Assessment(Form):
    """An assessment of impact that was made. place: where it can be read."""

    name: Said
    made: Day
    place: Words | None = None


class Statements(Form):
    """What the bureau states; everything may be left out, and is then told as not stated."""

    organisation: Said | None = None
    department: Said | None = None
    owner: Said | None = None
    contact: Said | None = None
    supplier: Said | None = None
    supplier_access: Said | None = None
    legal_basis: Said | None = None
    filing: Said | None = None
    purpose: Said | None = None
    benefits: Said | None = None
    before: Said | None = None
    alternatives: Said | None = None
    decision: Said | None = None
    training: Said | None = None
    appeals: Said | None = None
    data_origin: Said | None = None
    data_owner: Said | None = None
    retention: Said | None = None
    assessments: Annotated[tuple[Assessment, ...], Field(max_length=_MOST)] = ()


def statements_source(home: Path, file: Path | None = None) -> Source | None:
    """The bureau's statements in a file, by default the working folder's; None without one.

    Raises:
        FormError: when the file cannot be read, or states something else.
    """
    if file is None:
        file = home / FILE
        if not file.is_file():
            return None
    content = form_bytes(file)
    stated = yaml_form(Statements, content, str(file))
    return Source("bureau", file.name, digest_of(content), stated.model_dump(mode="json"))
