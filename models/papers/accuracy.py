"""What a version is worth on rounds it had not learned from: by stage, by group, and where weak."""

from __future__ import annotations

from collections.abc import Iterator

from features.field import Label, Role
from features.head_declaration import HeadDeclaration, HeadKind
from features.stage import STAGES
from models.evaluated import MAIN_METRIC
from models.group_label import group_label
from models.papers.paper import Fact, Row, Section
from models.papers.shown import (
    count,
    error_of,
    fact,
    head_label,
    interval_95,
    made_of,
    moved_of,
    nobody_said,
    plain,
    said,
    section,
    share,
    table,
)
from models.papers.source import Given, Step
from models.papers.sources import Sources

WEAKEST = 3
"""So many groups of a head are named among the weakest."""
_KINDS = {
    HeadKind.SCORE: "kind_score",
    HeadKind.AMOUNT: "kind_amount",
    HeadKind.PROBABILITY: "kind_probability",
}


class Accuracy:
    """The evaluation that is kept with a version, as sections of papers."""

    def __init__(self, sources: Sources) -> None:
        self._bundle, self._catalogue = sources.bundle, sources.catalogue
        self._ruler = sources.release.model.catalogue
        self._heads = [h for h in self._ruler.heads if h.name in sources.release.model.heads]
        self._evaluated = sources.bundle.at("evaluated").known

    def by_stage(self) -> Section:
        """Every head's error on later rounds, under the stage of the budget process it helps in."""
        tables = [
            table(f"stage_{stage or 'none'}", _HEAD_COLUMNS, rows, label)
            for stage, label in (*STAGES.items(), (None, said("stage_none")))
            if (rows := tuple(self._head_row(h) for h in self._heads if h.stage == stage))
        ]
        left_out = tuple(
            Row(name, head_label(name, self._ruler), (fact(self._left_out(name)),))
            for name in map(str, self._bundle.each("facts", "left_out"))
        )
        if left_out:
            tables.append(table("left_out", ("head", "why"), left_out, said("left_out")))
        about = "accuracy_about" if self._evaluated else "not_evaluated"
        return section("accuracy", said(about), tables=tables)

    def weak(self) -> Section:
        """Where it errs most, and where its ranges do not hold what they promise."""
        if not self._evaluated:
            return section("weak", said("not_evaluated"))
        weakest = [row for head in self._heads for row in self._weakest(head)]
        missed = [row for head in self._heads for row in self._groups(head, only_missed=True)]
        tables = []
        if weakest:
            columns = ("head_group", "n", "error", "error_all", "skill")
            tables.append(table("weakest", columns, weakest, said("weakest")))
        if missed:
            columns = ("head_group", *_GROUP_COLUMNS[1:])
            tables.append(table("missed", columns, missed, said("missed")))
        text = [said("weak_about")]
        text += [] if weakest else [said("weakest_none")]
        text += [] if missed else [said("missed_none")]
        return section("weak", *text, tables=tables)

    def ranges(self) -> Section:
        """How often the ranges of each head and group held the outcome."""
        tables = [
            table(
                f"ranges_{head.name}",
                _GROUP_COLUMNS,
                rows,
                said("ranges_of", head=head.label, level=share(head.level)),
            )
            for head in self._heads
            if (rows := tuple(self._groups(head)))
        ]
        return section("ranges", said("ranges_about"), tables=tables)

    def robust(self) -> Section:
        """What a change of declarer, or of amounts, or of what is merely declared can bring."""
        roles = (Role.DECLARER, Role.REQUESTED_AMOUNT, Role.LAST_BUDGET)
        columns = ("head", *(f"swap_{role.value}" for role in roles), "climb")
        rows = []
        for head in self._heads:
            moved = moved_of(head.kind)
            swaps = [self._swap(head, role) for role in roles]
            climb = fact(self._at("climbs", head.name), moved)
            rows.append(Row(head.name, head.label, (*swaps, climb)))
        found = table("robust", columns, rows)
        return section("robust", said("robust_about"), tables=[found])

    def _swap(self, head: HeadDeclaration, role: Role) -> Fact:
        """The greatest change of a swap, and whether there had to be none."""
        given = self._at("swaps", role.value, head.name)
        none_wanted = role is Role.DECLARER or head.zero_based
        good = given.value == 0 if none_wanted and given.known else None
        return fact(given, moved_of(head.kind), good=good)

    def _head_row(self, head: HeadDeclaration) -> Row:
        place = [each.name for each in self._ruler.heads].index(head.name)
        kind = fact(self._catalogue.at("heads", place, "kind"), lambda _: said(_KINDS[head.kind]))
        read = self._bundle.at("heads", head.name, "features")
        factors = self._catalogue.at("heads", place, "relative_to")
        used = len(read.value) + len(factors.value or ())
        indicators = made_of(used, count(used), "sum_of_lengths", read, factors)
        return Row(head.name, head.label, (kind, indicators, *self._measured(head)))

    def _measured(self, head: HeadDeclaration) -> tuple[Fact, ...]:
        """n, error, its interval, skill and coverage over all later projects."""
        where: tuple[Step, ...] = ("heads", head.name)
        error, spread = self._error(head, *where), self._at(*where, f"{_metric(head)}_se")
        return (
            fact(self._at(*where, "n"), count),
            fact(error, error_of(head.kind)),
            interval_95(error, spread, head.kind),
            self._skill(head, *where),
            self._coverage(*where),
        )

    def _skill(self, head: HeadDeclaration, *where: Step) -> Fact:
        """The share of the squared error of always predicting the mean that it saves."""
        if head.kind is HeadKind.SCORE:
            r2 = self._at(*where, "r2")
            return fact(r2, share, good=r2.value > 0 if r2.known else None)
        brier, constant = self._at(*where, "brier"), self._at(*where, "brier_constant")
        if head.kind is HeadKind.AMOUNT or not (brier.known and constant.known):
            return Fact(None, plain("—"))
        if not constant.value:
            return nobody_said()
        skill = 1 - brier.value / constant.value
        return made_of(skill, share(skill), "one_minus_ratio", brier, constant, good=skill > 0)

    def _coverage(self, *where: Step) -> Fact:
        held, inside = self._at(*where, "coverage"), self._at(*where, "in_band")
        if not held.known:
            return Fact(None, plain("—"))
        return fact(held, share, good=bool(inside.value))

    def _weakest(self, head: HeadDeclaration) -> Iterator[Row]:
        """The groups in which the head errs most, of those in which it errs more than over all."""
        overall = self._error(head, "heads", head.name)
        if not overall.known:
            return
        errors = {
            str(group): error.value
            for group in self._bundle.each("evaluated", "groups", head.name)
            if (error := self._error(head, "groups", head.name, group)).known
        }
        worse = [group for group in errors if errors[group] > overall.value]
        for group in sorted(worse, key=lambda each: (-errors[each], each))[:WEAKEST]:
            where: tuple[Step, ...] = ("groups", head.name, group)
            yield Row(
                f"{head.name}/{group}",
                self._head_group(head, group),
                (
                    fact(self._at(*where, "n"), count),
                    fact(self._error(head, *where), error_of(head.kind), good=False),
                    fact(overall, error_of(head.kind)),
                    self._skill(head, *where),
                ),
            )

    def _groups(self, head: HeadDeclaration, *, only_missed: bool = False) -> Iterator[Row]:
        """A head's coverage over all and in each group; or where it lies outside its band."""
        everywhere: list[tuple[Step, ...]] = [("heads", head.name)]
        groups = self._bundle.each("evaluated", "groups", head.name)
        everywhere += [("groups", head.name, group) for group in groups]
        for where in everywhere:
            if not self._at(*where, "coverage").known:
                continue
            held = self._coverage(*where)
            if only_missed and held.good:
                continue
            group = str(where[2]) if len(where) > 2 else ""
            label = self._head_group(head, group) if only_missed else self._group(group)
            band = [self._at(*where, end) for end in ("band_low", "band_high")]
            ends = [each.value for each in band]
            shown = " – ".join(share(end) for end in ends)
            yield Row(
                f"{head.name}/{group}" if group else head.name,
                label,
                (
                    fact(self._at(*where, "ranges"), count),
                    held,
                    made_of(ends, shown, "both", *band),
                    fact(self._at(*where, "in_band"), _inside, good=held.good),
                ),
            )

    def _head_group(self, head: HeadDeclaration, group: str) -> Label:
        inside = self._group(group)
        return Label(zh=f"{head.label.zh} · {inside.zh}", en=f"{head.label.en} · {inside.en}")

    def _group(self, group: str) -> Label:
        return group_label(group, self._ruler) if group else said("all_projects")

    def _left_out(self, head: str) -> Given:
        return self._bundle.at("facts", "left_out", head)

    def _error(self, head: HeadDeclaration, *where: Step) -> Given:
        return self._at(*where, _metric(head))

    def _at(self, *steps: Step) -> Given:
        return self._bundle.at("evaluated", *steps)


_HEAD_COLUMNS = ("head", "kind", "indicators", "n", "error", "interval", "skill", "coverage")
_GROUP_COLUMNS = ("category", "n", "coverage", "band", "verdict")


def _metric(head: HeadDeclaration) -> str:
    return MAIN_METRIC[head.kind]


def _inside(in_band: float) -> Label:
    return said("inside" if in_band else "outside")
