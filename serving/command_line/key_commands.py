"""Commands about access keys: make one, list them, revoke one."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.table import Table

from serving.access.caller import parse_grant
from serving.access.keys import LONGEST_DAYS, AccessKey, Keys
from serving.access.store import access_store
from serving.command_line import options
from serving.command_line.speech import ERR, OUT, refusing, say_json

KEYS = typer.Typer(
    help="Access keys of the service: create, list, revoke. See docs/access.md.",
    no_args_is_help=True,
)


@refusing
def create(
    role: Annotated[
        str,
        typer.Option(
            help="platform, department:CODE, expert, approver, trainer, auditor or admin."
        ),
    ],
    label: Annotated[str, typer.Option(help="Who holds it and what for; never the key.")],
    days: Annotated[int, typer.Option(min=1, max=LONGEST_DAYS, help="Days until it expires.")],
    home: options.Home = options.DEFAULT_HOME,
    as_json: options.AsJson = False,
) -> None:
    """Make a key and show it, this once."""
    grant = parse_grant(role)
    with access_store(home) as store:
        key, secret = Keys(store).create(grant, label, days)
    if as_json:
        say_json(_told(key) | {"key": secret})
        return
    OUT.print(secret, soft_wrap=True)
    ERR.print(
        f"Key {key.id} for {grant} ({label}), until {_said(key.expires)}. It is shown this once: "
        "keep it where secrets are kept. Only its digest is stored."
    )


@refusing
def list_keys(home: options.Home = options.DEFAULT_HOME, as_json: options.AsJson = False) -> None:
    """List every key that was ever made; never the keys themselves."""
    with access_store(home) as store:
        keys = Keys(store).listed()
    if as_json:
        say_json({"keys": [_told(key) for key in keys]})
        return
    if not keys:
        OUT.print("There are no access keys: the service answers this machine only.")
        return
    table = Table(box=None)
    for name in ("id", "role", "label", "created", "expires", "state"):
        table.add_column(name, overflow="fold", min_width=12 if name == "id" else None)
    now = time.time()
    for key in keys:
        days = (_said(key.created)[:10], _said(key.expires)[:10])
        table.add_row(key.id, str(key.grant), key.label, *days, key.state(now))
    OUT.print(table)


@refusing
def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="As `lingji keys list` shows it.")],
    home: options.Home = options.DEFAULT_HOME,
    as_json: options.AsJson = False,
) -> None:
    """Refuse a key from now on, in every running service, and end its sessions."""
    with access_store(home) as store:
        key = Keys(store).revoke(key_id)
    if as_json:
        say_json(_told(key))
        return
    OUT.print(f"Key {key.id} for {key.grant} ({key.label}) is revoked.")


for _name, _command in (("create", create), ("list", list_keys), ("revoke", revoke)):
    KEYS.command(name=_name)(_command)


def _told(key: AccessKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "role": str(key.grant),
        "label": key.label,
        "created": _said(key.created),
        "expires": _said(key.expires),
        "revoked": None if key.revoked is None else _said(key.revoked),
        "state": key.state(time.time()),
    }


def _said(seconds: float) -> str:
    """A time on the clock of this machine, with its distance from UTC."""
    return datetime.fromtimestamp(seconds).astimezone().isoformat(timespec="seconds")
