"""The options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

DEFAULT_HOME = Path("var")

Catalogue = Annotated[
    str, typer.Option("--catalogue", help="zero_base, japan_review, or a catalogue file (YAML).")
]
Home = Annotated[
    Path,
    typer.Option(
        "--home",
        envvar="LINGJI_HOME",
        help="Working folder: models, runs. Never in version control.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON, for machines.")]
Version = Annotated[
    int | None, typer.Option("--version", help="A registered version; default: the one in service.")
]
Records = Annotated[
    str | None,
    typer.Option(
        "--records",
        envvar="LINGJI_RECORDS",
        metavar="URL",
        show_envvar=True,
        help="The record database, sqlite:///PATH or postgresql://USER@HOST/NAME; "
        "default: records.db in the working folder.",
    ),
]
Policy = Annotated[
    Path | None,
    typer.Option(
        "--policy",
        help="What a release must show (YAML); default: release.yaml in the working folder, "
        "or the policy that ships.",
    ),
]
FitUntil = Annotated[
    int | None, typer.Option(help="Last round to learn from; default: the last but two.")
]
CalibrateUntil = Annotated[
    int | None,
    typer.Option(help="Last round to calibrate with; on later ones it is tested or compared."),
]
TrackingUri = Annotated[
    str | None,
    typer.Option(
        "--tracking-uri", help="MLflow tracking URI; default: SQLite in the working folder."
    ),
]
Rules = Annotated[
    Path | None,
    typer.Option(
        "--rules",
        envvar="LINGJI_RULES",
        help="The bureau's own rules beside those that ship: a YAML file, or a folder of them; "
        "see docs/rules.md.",
    ),
]
NoRecord = Annotated[
    bool,
    typer.Option("--no-record", help="Keep no record: the answer cannot be audited later."),
]
Trainer = Annotated[
    str | None,
    typer.Option(
        "--trainer",
        envvar="LINGJI_TRAINER",
        help="Who trains, and so cannot approve the version; default: this account.",
    ),
]
Cluster = Annotated[
    str | None,
    typer.Option(
        "--cluster",
        metavar="ADDRESS",
        help="A Dask scheduler, tcp://HOST:PORT or tls://HOST:PORT, or local to try it out; "
        "default: this process. See docs/cluster.md.",
    ),
]
