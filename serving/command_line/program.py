"""The program: every command under one name, with exit codes 0 done, 1 refused, 2 wrong use."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any, cast

import typer
from typer.core import TyperGroup
from typer.main import get_group

PLACES: Mapping[str, str] = MappingProxyType(
    {
        "demo": "demo.demo",
        "simulate": "data_commands.simulate",
        "check": "data_commands.check",
        "rules": "rule_commands.rules",
        "ruler": "ruler_command.ruler",
        "duplicates": "duplicate_commands.duplicates",
        "train": "model_commands.train",
        "models": "release_commands.models",
        "gates": "approval_commands.gates",
        "approve": "approval_commands.approve",
        "promote": "release_commands.promote",
        "rollback": "release_commands.rollback",
        "stop": "release_commands.stop",
        "resume": "release_commands.resume",
        "papers": "paper_commands.papers",
        "score": "answer_commands.score",
        "explain": "answer_commands.explain",
        "serve": "answer_commands.serve",
        "dictionary": "data_commands.dictionary",
        "operations": "data_commands.operations",
        "report": "report.report",
        "retrain": "retrain_command.retrain_",
        "monitor": "monitor_command.monitor_",
        "shadow": "shadow_commands.SHADOW",
        "pilot": "pilot_commands.PILOT",
        "outcomes": "outcome_commands.OUTCOMES",
        "keys": "key_commands.KEYS",
        "people": "people_commands.PEOPLE",
        "review": "review_commands.REVIEW",
        "audit": "audit_group.AUDIT",
        "standards": "standards_commands.STANDARDS",
        "pairs": "pair_commands.PAIRS",
    }
)
"""Where each command is written: its module here, and its name there; in the order of the help."""


class Commands(TyperGroup):
    """The commands, each imported when it is called for: none waits for what others work with."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.commands = cast(Any, dict.fromkeys(PLACES))

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of that name; None where there is none."""
        if cmd_name in self.commands and self.commands[cmd_name] is None:
            self.commands[cmd_name] = command(cmd_name)
        return super().get_command(ctx, cmd_name)


def command(name: str) -> Any:
    """The command of that name, its module imported.

    Raises:
        KeyError: where there is none.
    """
    module, _, written = PLACES[name].rpartition(".")
    found = getattr(import_module(f"serving.command_line.{module}"), written)
    around = typer.Typer()
    if isinstance(found, typer.Typer):
        around.add_typer(found, name=name)
    else:
        around.command(name=name)(found)
    return get_group(around).commands[name]


PROGRAM = typer.Typer(
    cls=Commands, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)


@PROGRAM.callback()
def lingji() -> None:
    """Explained scores, cost ranges and risk forecasts for zero-based budget appraisal.

    零基：零基预算项目评审的评分、合理支出区间与绩效风险预测，逐项说明理由。模型提出建议，由人作出决定。
    """


def main() -> None:
    """Run the command line; never sends anything anywhere."""
    os.environ.setdefault("DO_NOT_TRACK", "true")
    PROGRAM()
