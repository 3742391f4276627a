"""All papers about a version, and the files in which they are kept: the same sources, the same
bytes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from features.field import Label
from models.papers.algorithm_record import algorithm_record
from models.papers.data_sheet import data_sheet
from models.papers.model_card import model_card
from models.papers.paper import Paper
from models.papers.shown import LANGUAGES, said
from models.papers.sources import Sources

PAPERS: Mapping[str, Callable[[Sources], Paper]] = {
    "model_card": model_card,
    "data_sheet": data_sheet,
    "algorithm_record": algorithm_record,
}
"""What makes each paper, under its name."""


def paper_files(sources: Sources) -> dict[str, str]:
    """File name → text: each paper as JSON, and as a page in each language."""
    files = {}
    for name, made in PAPERS.items():
        paper = made(sources)
        text = json.dumps(paper.as_json(), ensure_ascii=False, indent=1, allow_nan=False)
        files[f"{name}.json"] = text + "\n"
        for lang in LANGUAGES:
            files[f"{name}.{lang}.html"] = paper_page(paper, lang)
    return files


def write_papers(sources: Sources, folder: Path) -> list[Path]:
    """The files of all papers, written to a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, text in paper_files(sources).items():
        path = folder / name
        path.write_text(text, encoding="utf-8")
        paths.append(path)
    return paths


def paper_page(paper: Paper, lang: str) -> str:
    """A paper as a page of its own in "zh" or "en": its style inside, no script, no link out."""
    template = _environment().get_template("paper.html")
    others = {each: f"{paper.name}.{each}.html" for each in LANGUAGES if each != lang}

    def of(label: Label) -> str:
        return label.of(lang)

    def word(name: str) -> str:
        return said(name).of(lang)

    return template.render(paper=paper, lang=lang, of=of, word=word, others=others, papers=PAPERS)


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
