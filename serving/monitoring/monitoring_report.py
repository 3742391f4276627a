"""The newest monitoring report, as it is kept for those who only read it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import cast

from features.errors import Fault, FormError
from serving.wording.envelope import Json

FILE = "report.json"
_FOLDER = "monitoring"


def monitoring_folder(home: Path, catalogue: str) -> Path:
    """Where a catalogue's reports and series are kept."""
    return home / _FOLDER / catalogue


def write_report(report: Json, folder: Path) -> None:
    """Keep a report in place of the one before, in one step."""
    folder.mkdir(parents=True, exist_ok=True)
    waiting = folder / f"{FILE}.new"
    text = json.dumps(report, ensure_ascii=False, indent=1, allow_nan=False)
    waiting.write_text(text, encoding="utf-8")
    waiting.replace(folder / FILE)


def newest_report(home: Path, catalogue: str) -> Json | None:
    """The newest report; None before the first.

    Raises:
        FormError: when it cannot be read.
    """
    path = monitoring_folder(home, catalogue) / FILE
    try:
        return cast(Json, json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        fault = Fault(None, None, "a monitoring report in JSON", type(error).__name__)
        raise FormError([fault], str(path)) from error
