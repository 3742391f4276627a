"""The series of estimates: what was expected of each round, then what came, and how far it was off.

An estimate is renewed until the first outcomes of its round come; from then on it stays as it was,
so that nobody can make it better afterwards, and what came is set beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from features.form import Count, Digest, Form, Moment, Share
from models.monitoring.forecasts import Estimate, Forecast, Measure

FILE = "series.json"


class SeriesEntry(Form):
    """One thing expected of one round by one version.

    estimated: when; n: of how many answers; late: whether outcomes had come before anything was
    estimated, so that it was made without them but after them. realised: what came of m answers,
    and at which time it was last seen; None until outcomes come.
    """

    digest: Digest
    version: Annotated[int, Field(ge=1)]
    round: int
    head: str
    measure: Annotated[Measure, Field(strict=False)]
    estimated: Moment
    estimate: Share
    error: Annotated[float, Field(ge=0)]
    n: Count
    late: bool
    seen: Moment | None = None
    realised: Share | None = None
    m: Count = 0

    @property
    def key(self) -> tuple[str, int, str, str]:
        """What it is an estimate of."""
        return self.digest, self.round, self.head, self.measure.value

    @property
    def off(self) -> float | None:
        """Realised − estimated; None until outcomes come."""
        return None if self.realised is None else self.realised - self.estimate

    @property
    def standard_errors(self) -> float | None:
        """The same in standard errors of the estimate and of so many outcomes."""
        if self.realised is None or not self.m:
            return None
        return Estimate(self.estimate, self.error, self.n).off(self.realised, self.m)

    def as_json(self) -> dict[str, Any]:
        """The entry for machines, with how far the estimate was off."""
        told = self.model_dump(mode="json")
        return {**told, "off": self.off, "standard_errors": self.standard_errors}


class Series(Form):
    """Every estimate, in the order in which the first of each was made."""

    format: Literal[1] = 1
    entries: tuple[SeriesEntry, ...] = ()

    @classmethod
    def of(cls, folder: Path) -> Series:
        """The series kept in a folder; empty where there is none.

        Raises:
            FormError: when it is of another shape.
        """
        path = folder / FILE
        return cls.read(path) if path.is_file() else cls()

    def followed_by(
        self, forecasts: Sequence[Forecast], *, digest: str, version: int, made: str
    ) -> Series:
        """The series after a version's forecasts of that moment."""
        entries = {entry.key: entry for entry in self.entries}
        for each in forecasts:
            key = (digest, each.round, each.head, each.measure.value)
            before = entries.get(key)
            entry = before
            renewed = before is None or (before.realised is None and each.realised is None)
            if each.estimate is not None and renewed:
                entry = _estimated(each, each.estimate, digest, version, made)
            if entry is None:
                continue
            if each.realised is not None:
                came = {"realised": each.realised.value, "m": each.realised.m}
                if came != {"realised": entry.realised, "m": entry.m}:
                    entry = entry.model_copy(update={**came, "seen": made})
            entries[key] = entry
        return Series(entries=tuple(entries.values()))

    def save(self, folder: Path) -> None:
        """Write the series in one step."""
        folder.mkdir(parents=True, exist_ok=True)
        waiting = folder / f"{FILE}.new"
        waiting.write_bytes(self.to_bytes())
        waiting.replace(folder / FILE)


def _estimated(
    each: Forecast, estimate: Estimate, digest: str, version: int, made: str
) -> SeriesEntry:
    return SeriesEntry(
        digest=digest,
        version=version,
        round=each.round,
        head=each.head,
        measure=each.measure,
        estimated=made,
        estimate=min(max(estimate.value, 0.0), 1.0),
        error=estimate.error,
        n=estimate.n,
        late=each.realised is not None,
    )
