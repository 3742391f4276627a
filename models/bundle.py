"""The bundle: a model as files that are data and not code, checked before they are parsed.

A bundle is a folder: `manifest.json` (the SHA-256 of every other file), `catalogue.json`,
`model.json`, `arrays.npz` (numeric and text arrays, no objects), LightGBM's text per head in
`trees/`, and perhaps `golden.json` (`models.golden`). The bundle's digest is the SHA-256 of its
manifest.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from features.catalogue import Catalogue, checked_catalogue
from features.declared_project import DeclaredProject
from features.indicator_table import Vocabulary
from models.conformal import ConformalRange
from models.errors import raise_unless
from models.evaluated import Evaluated
from models.golden import FILE as GOLDEN
from models.golden import golden_rows
from models.head import Head
from models.margin_map import MarginMap
from models.model import Model, ModelFacts
from models.past_projects import PastProjects, PeerSummary
from models.peers import PeerGroups
from models.reference import Reference
from models.trees import Trees

FORMAT = 2
MANIFEST = "manifest.json"
CATALOGUE = "catalogue.json"
FACTS = "model.json"
ARRAYS = "arrays.npz"
GREATEST_FILE = 1 << 30
_SUMMARY = ("typical", "share", "spread", "count", "first_year", "last_year")
_PAST = ("centre", "scale", "unordered", "coordinates", "memberships", "ids", "years")


def save_bundle(model: Model, folder: Path, golden: Sequence[DeclaredProject] = ()) -> str:
    """The digest of the bundle written to `folder`, which must not exist yet.

    `golden`: projects of which the bundle keeps what the model says now.

    Raises:
        FileExistsError: when the folder exists: a bundle is never changed.
    """
    folder.mkdir(parents=True)
    files = dict(_files(model))
    if golden:
        files[GOLDEN] = golden_rows(model, golden)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    entries = {name: _digest(content) for name, content in sorted(files.items())}
    manifest = _json({"format": FORMAT, "files": entries})
    (folder / MANIFEST).write_bytes(manifest)
    return _digest(manifest)


def load_bundle(folder: Path, expected_digest: str | None = None) -> Model:
    """The model that a bundle holds.

    Every file is compared with the manifest, and the manifest with `expected_digest` where one is
    given, before any of them is parsed.

    Raises:
        BundleError: when a file is missing, added, altered, or of another format.
    """
    files = _verified(folder, expected_digest)
    facts = json.loads(files[FACTS])
    # Read as JSON: YAML would take 1e-05, as JSON writes it, for a text.
    catalogue = checked_catalogue(json.loads(files[CATALOGUE]), f"of the bundle {folder.name}")
    with np.load(io.BytesIO(files[ARRAYS]), allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    heads = {
        head.name: _head(catalogue, head.name, facts["heads"][head.name], files, arrays)
        for head in catalogue.heads
        if head.name in facts["heads"]
    }
    past = PastProjects(
        features=tuple(facts["past"]["features"]),
        outcomes={name: arrays[f"past.outcome.{name}"] for name in facts["past"]["outcomes"]},
        **{name: arrays[f"past.{name}"] for name in _PAST},
    )
    summary = PeerSummary(
        tuple(facts["summary"]), **{name: arrays[f"summary.{name}"] for name in _SUMMARY}
    )
    return Model(
        catalogue,
        Vocabulary({name: tuple(codes) for name, codes in facts["vocabulary"].items()}),
        PeerGroups.from_json(facts["peers"]),
        heads,
        summary,
        past,
        _facts(facts["facts"]),
        Evaluated.from_json(facts["evaluated"]) if facts.get("evaluated") else None,
        Reference.from_json(facts["reference"]) if facts.get("reference") else None,
    )


def bundle_heads(folder: Path, digest: str) -> tuple[str, ...]:
    """The heads that the bundle of that digest predicts, without loading it.

    Raises:
        BundleError: when a file is missing, added or altered.
    """
    return tuple(json.loads(_verified(folder, digest)[FACTS])["heads"])


def bundle_digest(folder: Path) -> str:
    """The digest of a bundle: the SHA-256 of its manifest.

    Raises:
        BundleError: when there is no manifest.
    """
    return _digest(_manifest_bytes(folder))


def _files(model: Model) -> Iterator[tuple[str, bytes]]:
    yield CATALOGUE, _json(model.catalogue.model_dump(mode="json"))
    yield FACTS, _json(model_document(model))
    yield ARRAYS, _arrays(model)
    for head in model.heads.values():
        for name, trees in _trees(head):
            yield name, trees.text.encode()


def _trees(head: Head) -> Iterator[tuple[str, Trees]]:
    yield f"trees/{head.name}.central.txt", head.central
    if head.bounds is not None:
        yield f"trees/{head.name}.low.txt", head.bounds[0]
        yield f"trees/{head.name}.high.txt", head.bounds[1]


def model_document(model: Model) -> dict[str, Any]:
    """What `model.json` says of a model, as JSON."""
    return {
        "facts": asdict(model.facts),
        "evaluated": model.evaluated.to_json() if model.evaluated else None,
        "reference": model.reference.to_json() if model.reference else None,
        "vocabulary": {name: list(codes) for name, codes in model.vocabulary.codes.items()},
        "peers": model.peers.to_json(),
        "summary": list(model.summary.indicators),
        "past": {"features": list(model.past.features), "outcomes": list(model.past.outcomes)},
        "heads": {name: _described_head(head) for name, head in model.heads.items()},
    }


def _described_head(head: Head) -> dict[str, Any]:
    return {
        "features": list(head.central.features),
        "bounds": head.bounds is not None,
        "margin": asdict(head.margin),
        "range": head.range.to_json() if head.range else None,
    }


def _arrays(model: Model) -> bytes:
    arrays: dict[str, Any] = {f"background.{h.name}": h.background for h in model.heads.values()}
    arrays |= {f"importance.{h.name}": h.importance for h in model.heads.values()}
    arrays |= {f"summary.{name}": getattr(model.summary, name) for name in _SUMMARY}
    arrays |= {f"past.{name}": getattr(model.past, name) for name in _PAST}
    arrays |= {f"past.outcome.{n}": column for n, column in model.past.outcomes.items()}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def _head(
    catalogue: Catalogue,
    name: str,
    described: Mapping[str, Any],
    files: Mapping[str, bytes],
    arrays: Mapping[str, Any],
) -> Head:
    features = tuple(described["features"])

    def trees(which: str) -> Trees:
        return Trees(files[f"trees/{name}.{which}.txt"].decode(), features)

    return Head(
        declaration=catalogue.head(name),
        central=trees("central"),
        bounds=(trees("low"), trees("high")) if described["bounds"] else None,
        margin=MarginMap(**described["margin"]),
        range=ConformalRange.from_json(described["range"]) if described["range"] else None,
        background=arrays[f"background.{name}"],
        importance=arrays[f"importance.{name}"],
    )


def _facts(data: Mapping[str, Any]) -> ModelFacts:
    return ModelFacts(
        **{
            **data,
            "years": tuple(data["years"]),
            "learned": tuple(data["learned"]),
        }
    )


def _verified(folder: Path, expected_digest: str | None) -> dict[str, bytes]:
    manifest = _manifest_bytes(folder)
    digest = _digest(manifest)
    raise_unless(
        expected_digest is None or digest == expected_digest,
        f"a bundle of digest {expected_digest}",
        digest,
    )
    listed = _listed(manifest)
    present = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    raise_unless(
        present == {MANIFEST, *listed},
        f"the files {sorted(listed)} and {MANIFEST}",
        f"{sorted(present)}",
    )
    files = {}
    for name, wanted in listed.items():
        path = folder / name
        raise_unless(
            os.stat(path).st_size <= GREATEST_FILE, f"{name} of at most 1 GiB", "a larger file"
        )
        content = path.read_bytes()
        raise_unless(_digest(content) == wanted, f"{name} with {wanted}", _digest(content))
        files[name] = content
    return files


def _listed(manifest: bytes) -> dict[str, str]:
    """The digest of every file that a manifest names."""
    try:
        described = json.loads(manifest)
    except ValueError:
        described = None
    known = isinstance(described, dict) and "format" in described
    form = described["format"] if known else "something else"
    raise_unless(form == FORMAT, f"{MANIFEST} of bundle format {FORMAT}", f"{form}")
    files = described.get("files")
    well_formed = isinstance(files, dict) and all(isinstance(d, str) for d in files.values())
    raise_unless(well_formed, f"files with their digests in {MANIFEST}", "something else")
    return dict(files)


def _manifest_bytes(folder: Path) -> bytes:
    path = folder / MANIFEST
    raise_unless(path.is_file(), f"a bundle with {MANIFEST}", f"{folder}")
    return path.read_bytes()


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _json(data: Any) -> bytes:
    # Not sorted: the order of an ordered category's codes is their meaning.
    return json.dumps(data, ensure_ascii=False, indent=1).encode()
