"""The program: every command under one name, with exit codes 0 done, 1 refused, 2 wrong use."""

from __future__ import annotations

import os

import typer

from serving.command_line.answer_commands import explain, score, serve
from serving.command_line.approval_commands import approve, gates
from serving.command_line.audit_commands import AUDIT
from serving.command_line.data_commands import check, dictionary, operations, simulate
from serving.command_line.demo import demo
from serving.command_line.diff_commands import diff
from serving.command_line.duplicate_commands import duplicates
from serving.command_line.key_commands import KEYS
from serving.command_line.model_commands import train
from serving.command_line.monitor_command import monitor_
from serving.command_line.outcome_commands import OUTCOMES
from serving.command_line.pair_commands import PAIRS
from serving.command_line.paper_commands import papers
from serving.command_line.people_commands import PEOPLE
from serving.command_line.pilot_commands import PILOT
from serving.command_line.private_commands import erase, rotate_key
from serving.command_line.release_commands import models, promote, resume, rollback, stop
from serving.command_line.replay_commands import replay
from serving.command_line.report import report
from serving.command_line.retrain_command import retrain_
from serving.command_line.review_commands import REVIEW
from serving.command_line.rule_commands import rules
from serving.command_line.ruler_command import ruler
from serving.command_line.shadow_commands import SHADOW
from serving.command_line.standards_commands import STANDARDS

PROGRAM = typer.Typer(
    name="lingji",
    help="Explained scores, cost ranges and risk forecasts for zero-based budget appraisal.\n\n"
    "零基：零基预算项目评审的评分、合理支出区间与绩效风险预测，逐项说明理由。模型提出建议，由人作出决定。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (
    demo,
    simulate,
    check,
    rules,
    ruler,
    duplicates,
    train,
    models,
    gates,
    approve,
    promote,
    rollback,
    stop,
    resume,
    papers,
    score,
    explain,
    serve,
    dictionary,
    operations,
    report,
):
    PROGRAM.command(name=command.__name__)(command)
PROGRAM.command(name="retrain")(retrain_)
PROGRAM.command(name="monitor")(monitor_)
AUDIT.command(name=replay.__name__)(replay)
AUDIT.command(name=diff.__name__)(diff)
AUDIT.command(name=erase.__name__)(erase)
AUDIT.command(name="rotate-key")(rotate_key)
PROGRAM.add_typer(SHADOW, name="shadow")
PROGRAM.add_typer(PILOT, name="pilot")
PROGRAM.add_typer(OUTCOMES, name="outcomes")
PROGRAM.add_typer(KEYS, name="keys")
PROGRAM.add_typer(PEOPLE, name="people")
PROGRAM.add_typer(REVIEW, name="review")
PROGRAM.add_typer(AUDIT, name="audit")
PROGRAM.add_typer(STANDARDS, name="standards")
PROGRAM.add_typer(PAIRS, name="pairs")


def main() -> None:
    """Run the command line; never sends anything anywhere."""
    os.environ.setdefault("DO_NOT_TRACK", "true")
    PROGRAM()
