"""A bundle tried in a process of its own, before it may serve: what harms it harms nobody else.

Run as a program, `python -m models.trial FOLDER DIGEST` verifies, loads and tries one bundle.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from features.errors import BundleError, LingjiError
from models.bundle import load_bundle
from models.errors import raise_unless
from models.golden import FILE, require_golden
from models.model import Model

PATIENCE = 120.0
"""Seconds; loading and trying take one or two."""
_REFUSED = 1


@dataclass(frozen=True)
class Trial:
    """What a bundle showed when it was tried.

    golden: how many golden rows it said the same of. learned_until: the last round it learned from.
    zero_based: the heads that must not follow the requested amount or last year's budget.
    """

    golden: int
    learned_until: int
    heads: tuple[str, ...]
    zero_based: tuple[str, ...]


def tried(folder: Path, digest: str, patience: float = PATIENCE) -> Trial:
    """What the bundle of that digest showed in a child process.

    Raises:
        BundleError: when it is not what was registered, says something else than at training, or
            its process ends or does not.
    """
    command = [sys.executable, "-m", "models.trial", str(folder), digest]
    try:
        ended = subprocess.run(  # noqa: S603 - our own program
            command, capture_output=True, timeout=patience, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise BundleError(
            f"expected the bundle {digest} to be tried within {patience:.0f} s; it was not"
        ) from error
    try:
        said: dict[str, Any] = json.loads(ended.stdout)
    except ValueError as error:
        raise BundleError(
            f"expected the bundle {digest} to be tried in a process of its own; that ended with "
            f"code {ended.returncode}"
        ) from error
    if "refused" in said:
        raise BundleError(said["refused"])
    return Trial(**said | {name: tuple(said[name]) for name in ("heads", "zero_based")})


def try_bundle(folder: Path, digest: str) -> Trial:
    """What a bundle shows in this process.

    Raises:
        BundleError: when it is not what was registered, or says something else than at training.
    """
    model = load_bundle(folder, digest)
    golden = require_same(folder, model)
    heads = tuple(model.heads)
    zero_based = tuple(name for name in heads if model.catalogue.head(name).zero_based)
    return Trial(golden, model.facts.years[1], heads, zero_based)


def require_same(folder: Path, model: Model) -> int:
    """How many golden rows of its bundle a loaded model says the same of, bit for bit.

    Raises:
        BundleError: when it says something else of one.
    """
    path = folder / FILE
    return require_golden(model, path.read_bytes()) if path.is_file() else 0


def main() -> int:
    """Try the bundle that the arguments name and print what it showed."""
    folder, digest = sys.argv[1:]
    try:
        raise_unless(Path(folder).is_dir(), f"a bundle in {folder}", "no folder")
        print(json.dumps(asdict(try_bundle(Path(folder), digest))))
    except LingjiError as error:
        print(json.dumps({"refused": str(error)}))
        return _REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main())
