"""A bundle is tried in a process of its own: what it says, and what must never get that far."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from features.errors import BundleError
from models.bundle import bundle_digest, load_bundle, save_bundle
from models.golden import ROWS, golden_rows, require_golden
from models.trial import tried
from tests.small_model import small


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    save_bundle(small().model, tmp_path / "bundle", small().newest)
    return tmp_path / "bundle"


def test_a_sound_bundle_says_the_same_in_a_child_process(bundle: Path) -> None:
    trial = tried(bundle, bundle_digest(bundle))
    assert (trial.golden, trial.learned_until) == (ROWS, small().model.facts.years[1])
    assert set(trial.heads) == set(small().model.heads)
    assert "cost" in trial.zero_based
    assert "risk" not in trial.zero_based


def test_a_bundle_without_golden_rows_says_so(tmp_path: Path) -> None:
    digest = save_bundle(small().model, tmp_path / "bundle")
    assert tried(tmp_path / "bundle", digest).golden == 0


def test_a_model_that_says_something_else_is_refused(bundle: Path) -> None:
    model = load_bundle(bundle)
    content = (bundle / "golden.json").read_bytes()
    assert require_golden(model, content) == ROWS  # control
    axis = model.heads["axis"]
    margin = replace(axis.margin, intercept=axis.margin.intercept + 1e-12)
    moved = replace(model, heads={**model.heads, "axis": replace(axis, margin=margin)})
    with pytest.raises(BundleError, match="expected golden row 1 of axis as it was at training"):
        require_golden(moved, content)


def test_golden_rows_hold_no_personal_value(bundle: Path) -> None:
    golden = json.loads((bundle / "golden.json").read_bytes())
    catalogue = small().model.catalogue
    personal = {i.name for i in catalogue.given if i.sensitivity == "personal"}
    assert not any(personal & set(document) for document in golden["projects"])
    assert golden_rows(small().model, small().newest) == (bundle / "golden.json").read_bytes()


@pytest.mark.parametrize("damage", ["flipped", "truncated", "missing"])
def test_damage_is_refused_before_anything_is_parsed(bundle: Path, damage: str) -> None:
    """The child imports the parser of trees lazily enough to show whether it was reached."""
    digest = bundle_digest(bundle)
    trees = bundle / "trees" / "axis.central.txt"
    content = bytearray(trees.read_bytes())
    if damage == "flipped":
        content[len(content) // 2] ^= 1
    trees.write_bytes(content[: len(content) // 2] if damage == "truncated" else content)
    if damage == "missing":
        trees.unlink()
    reached = (
        "import sys, models.bundle as b\n"
        "def reached(*given): print('PARSED'); raise SystemExit(3)\n"
        "b.Trees = reached\n"
        "from models.trial import try_bundle\n"
        "from pathlib import Path\n"
        "try_bundle(Path(sys.argv[1]), sys.argv[2])\n"
    )
    command = [sys.executable, "-c", reached, str(bundle)]
    refused = subprocess.run([*command, digest], capture_output=True, text=True)
    assert "PARSED" not in refused.stdout
    assert "BundleError: expected" in refused.stderr
    with pytest.raises(BundleError, match="expected"):
        tried(bundle, digest)


def test_a_sound_bundle_does_reach_the_parser(bundle: Path) -> None:  # control of the test above
    reached = (
        "import sys, models.bundle as b\n"
        "def reached(*given): print('PARSED'); raise SystemExit(3)\n"
        "b.Trees = reached\n"
        "from models.trial import try_bundle\n"
        "from pathlib import Path\n"
        "try_bundle(Path(sys.argv[1]), sys.argv[2])\n"
    )
    command = [sys.executable, "-c", reached, str(bundle), bundle_digest(bundle)]
    ended = subprocess.run(command, capture_output=True, text=True)
    assert ended.stdout == "PARSED\n"


def test_a_process_that_dies_is_a_refusal(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(BundleError, match="that ended with code 1"):
        tried(bundle, bundle_digest(bundle))
