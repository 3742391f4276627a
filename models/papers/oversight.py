"""Who looked at a version before it served, what they found, and when it served."""

from __future__ import annotations

from collections.abc import Iterator

from features.field import Label
from features.head_declaration import HeadKind
from models.approval import Status
from models.evaluated import MAIN_METRIC
from models.group_label import group_label
from models.papers.paper import Entry, Fact, Row, Section
from models.papers.shown import (
    count,
    entry,
    fact,
    figure,
    gate_label,
    head_label,
    made_of,
    nobody_said,
    plain,
    said,
    section,
    share,
    signed,
    table,
)
from models.papers.source import Source
from models.papers.sources import Sources

_STATUSES = (Status.PASS, Status.FAIL, Status.NOT_APPLICABLE)


class Oversight:
    """Comparison, gates, review, approval and releases of a version, as sections of papers."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._ruler = sources.release.model.catalogue

    def compared(self) -> Section:
        """How it compares with what served when it was trained, on projects neither had seen."""
        source = self._sources.comparison
        if source is None:
            return section("compared", said("compared_none"))
        same = (
            ("grade_flips", share),
            ("rank_correlation", figure),
            ("changed_top_reasons", share),
        )
        entries = [
            entry("compared_with", fact(source.at("champion", "version"))),
            entry("compared_rounds", fact(source.at("data", "rounds"), _listed)),
            entry("compared_projects", fact(source.at("data", "projects"), count)),
            entry("compared_made", fact(source.at("made"))),
        ]
        if source.at("same_projects").known:
            entries += [entry(n, fact(source.at("same_projects", n), how)) for n, how in same]
        columns = ("head", "metric", "challenger", "champion", "difference", "interval", "n")
        found = table("metrics", columns, self._compared_rows(source))
        return section("compared", said("compared_about"), entries=entries, tables=[found])

    def _compared_rows(self, source: Source) -> Iterator[Row]:
        for head in source.each("heads"):
            name = str(head)
            metric = MAIN_METRIC[HeadKind(source.at("heads", name, "kind").value)]
            where = ("heads", name, "metrics", metric)
            if not source.at(*where).known:
                continue
            low, high = source.at(*where, "low"), source.at(*where, "high")
            interval = nobody_said()
            if low.known and high.known:
                shown = f"{signed(low.value)} … {signed(high.value)}"
                interval = made_of([low.value, high.value], shown, "both", low, high)
            cells = (
                Fact(metric, said(f"metric_{metric}")),
                fact(source.at(*where, "challenger"), figure),
                fact(source.at(*where, "champion"), figure),
                fact(source.at(*where, "difference"), signed),
                interval,
                fact(source.at(*where, "n"), count),
            )
            yield Row(name, head_label(name, self._ruler), cells)

    def gates(self) -> Section:
        """What the gates said, of which the approval holds every verdict."""
        source = self._sources.approval
        if source is None:
            return section("gates", said("gates_none"))
        statement = ("statement", "gates")
        names = dict.fromkeys(gate["gate"] for gate in source.at(*statement).value or ())
        rows = tuple(
            Row(
                name,
                gate_label(name),
                tuple(
                    made_of(
                        self._verdicts(source, name, status),
                        count(self._verdicts(source, name, status)),
                        f"count:{name}:{status.value}",
                        source.at(*statement),
                        good=self._judged(source, name, status),
                    )
                    for status in _STATUSES
                ),
            )
            for name in names
        )
        columns = ("gate", *(f"status_{status.value}" for status in _STATUSES))
        tables = [table("verdicts", columns, rows)]
        failures = tuple(self._failures(source))
        if failures:
            columns = ("failure", "figure", "threshold", "reason", "waived", "waived_by")
            tables.append(table("failures", columns, failures, said("failures")))
        return section("gates", said("gates_about"), tables=tables)

    @staticmethod
    def _verdicts(source: Source, name: str, status: Status) -> int:
        gates = source.at("statement", "gates").value or ()
        return sum(gate["gate"] == name and gate["status"] == status.value for gate in gates)

    def _judged(self, source: Source, name: str, status: Status) -> bool | None:
        """A failure is bad; the rest is no question of good or bad."""
        failed = status is Status.FAIL and self._verdicts(source, name, status)
        return False if failed else None

    def _failures(self, source: Source) -> Iterator[Row]:
        """Every verdict that failed, and by whose word it does not stand in the way."""
        gates = source.at("statement", "gates").value or ()
        waivers = {
            waiver["verdict"]: place
            for place, waiver in enumerate(source.at("statement", "waivers").value or ())
        }
        for place, gate in enumerate(gates):
            if gate["status"] != Status.FAIL.value:
                continue
            parts = ("gate", "head", "group", "metric")
            name = "/".join(gate[part] for part in parts if gate.get(part))
            where = ("statement", "gates", place)
            waived = waivers.get(name, -1)
            cells = [
                fact(source.at(*where, "figure"), figure),
                fact(source.at(*where, "threshold"), figure),
                fact(source.at(*where, "reason")),
                fact(source.at("statement", "waivers", waived, "reason"))
                if waived >= 0
                else Fact(None, said("no")),
                fact(source.at("statement", "waivers", waived, "person"))
                if waived >= 0
                else Fact(None, plain("—")),
            ]
            yield Row(name, self._verdict_label(gate), tuple(cells))

    def _verdict_label(self, gate: dict[str, str]) -> Label:
        told = [gate_label(gate["gate"])]
        if gate.get("head"):
            told.append(head_label(gate["head"], self._ruler))
        if gate.get("group"):
            told.append(group_label(gate["group"], self._ruler))
        if gate.get("metric"):
            told.append(plain(gate["metric"]))
        return Label(zh=" · ".join(t.zh for t in told), en=" · ".join(t.en for t in told))

    def reviewed(self) -> Section:
        """What experts concluded, and who signed."""
        review, approval = self._sources.review, self._sources.approval
        entries: list[Entry] = []
        if review is not None:
            entries += [
                entry("conclusion", fact(review.at("conclusion"), _conclusion)),
                entry("reviewers", fact(review.at("reviewers"), _listed)),
                entry("reviewed_at", fact(review.at("made"))),
                entry("comment", fact(review.at("comment"))),
                *_cases(review),
            ]
        text = () if review else (said("review_none"),)
        if approval is None:
            text = (*text, said("approval_none"))
            return section("reviewed", *text, entries=entries)
        entries.append(entry("trainer", fact(approval.at("statement", "trainer"))))
        entries.append(entry("approvers", fact(approval.at("statement", "approvers"), count)))
        rows = tuple(
            Row(
                str(place),
                plain(approval.at("signatures", place, "person").value),
                (
                    fact(approval.at("signatures", place, "made")),
                    fact(approval.at("signatures", place, "key")),
                ),
            )
            for place in approval.each("signatures")
        )
        found = table("signatures", ("signed_by", "signed_at", "key"), rows, said("signatures"))
        return section("reviewed", *text, entries=entries, tables=[found] if rows else [])

    def releases(self) -> Section:
        """Every release that the registry lists of this version."""
        source = self._sources.releases
        if source is None:
            return section("releases", said("never_released"))
        rows = []
        for place in self._sources.released:
            where = ("releases", place)
            approval = source.at(*where, "approval")
            cells = (
                fact(source.at(*where, "made")),
                fact(approval) if approval.known else Fact(None, said("without_review")),
                fact(source.at(*where, "by")),
            )
            way = source.at(*where, "way").value
            rows.append(Row(str(place), said(f"way_{way}"), cells))
        found = table("releases", ("way", "time", "approval", "by"), rows)
        return section("releases", said("releases_about"), tables=[found])

    def logged(self) -> Section:
        """The releases of this catalogue's models as the record log has them; nobody is named."""
        log = self._sources.log
        if log is None:
            return section("logged", said("log_not_read"))
        if not log:
            return section("logged", said("log_empty"))
        rows = []
        for source in log:
            reviewed = source.at("content", "reviewed")
            before = source.at("content", "before", "version")
            cells = (
                fact(source.at("time"), lambda time: str(time)[:19].replace("T", " ")),
                fact(before) if before.known else Fact(None, plain("—")),
                fact(source.at("content", "after", "version")),
                fact(source.at("content", "after", "digest")),
                fact(reviewed, lambda value: said("reviewed_yes" if value else "reviewed_no")),
                fact(source.at("content", "asked", "way")),
            )
            rows.append(Row(source.name, plain(source.place), cells))
        columns = ("record", "time", "version_before", "version_after", "digest", "review", "way")
        found = table("log", columns, rows)
        return section("logged", said("logged_about"), tables=[found])


def _listed(values: list[object]) -> Label:
    names = [str(value) for value in values]
    return Label(zh="、".join(names) or "—", en=", ".join(names) or "—")


def _conclusion(value: str) -> Label:
    return said(f"conclusion_{value}")


def _cases(review: Source) -> tuple[Entry, ...]:
    """How many cases experts judged without seeing a model's answer, and what they left open."""
    if not review.at("cases").known:
        return (Entry("cases", said("cases"), Fact(None, said("cases_none"), good=False)),)
    findings = review.at("cases", "open_findings")
    left = sum((findings.value or {}).values())
    return (
        entry("cases", fact(review.at("cases", "cases"), count)),
        entry("experts", fact(review.at("cases", "experts"), count)),
        entry("open_findings", made_of(left, count(left), "sum", findings, good=not left)),
    )
