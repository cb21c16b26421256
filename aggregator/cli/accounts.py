"""`sahut accounts`: register, check and look after accounts."""

from __future__ import annotations

import sys
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

import connectors
from aggregator.accounts import connections, registering, registry, spending, states
from aggregator.city import prices
from aggregator.cli._acting import OPERATOR
from aggregator.cli._common import (
    Installation,
    Json,
    UsageError,
    Yes,
    confirm,
    err,
    here,
    now,
    out,
    progress,
    read_value,
    show,
    warn,
)
from aggregator.cli.login import sign_in
from aggregator.intake import import_history
from aggregator.intake.reconcile import reconcile as reconcile_account
from aggregator.store import discretion, settings
from aggregator.store.tables.accounts import Account
from connectors.base import AccountSettings, Counts, Identity, Polls, Prices, abilities
from connectors.errors import BadItem, ConnectorError

app = typer.Typer()
Name = Annotated[
    str, typer.Argument(help="Number, handle or channel:handle of the account.")
]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set", help="FIELD=VALUE, FIELD=@file or FIELD=env:VAR; repeat as needed."
    ),
]


@app.command()
def channels(as_json: Json = False) -> None:
    """List the channels, what they can do and which settings they need."""
    rows = []
    for name in connectors.names():
        kind = connectors.load(name)
        needed = [
            field
            for field, info in kind.Account.model_fields.items()
            if info.is_required()
        ]
        rows.append(
            {
                "channel": name,
                "name": kind.label,
                "abilities": ", ".join(abilities(kind)),
                "text_limit": kind.text_limit,
                "required_settings": ", ".join(needed),
            }
        )
    show(rows, as_json=as_json)


@app.command()
def add(
    channel: Annotated[
        str, typer.Argument(help="Name of the channel; see `accounts channels`.")
    ],
    agency: Annotated[
        str, typer.Option(help="Code of the agency that owns the account.")
    ],
    given: Set = None,
    interval: Annotated[int | None, typer.Option(help="Seconds between polls.")] = None,
    login: Annotated[
        bool, typer.Option("--login", help="Sign in on the platform, in a browser.")
    ] = False,
    paste: Annotated[
        bool,
        typer.Option(
            "--paste", help="With --login: the browser is on another machine."
        ),
    ] = False,
    yes: Yes = False,
) -> None:
    """Register an account: ask the platform who it is, say what its first reading
    brings and costs, show samples, save encrypted."""
    place = here()
    values = _given(channel, given)
    if login:
        values |= sign_in(channel, paste=paste)
    chosen = _ask_settings(channel, values)
    with progress(f"asking {channel}"):
        identity = registry.identify(channel, chosen)
    out.print(
        f"This is {identity.display_name} (@{identity.handle}, {identity.external_id})."
    )
    for warning in identity.warnings:
        warn(discretion.said(warning))
    _tell_first_reading(channel, chosen, identity)
    if not yes and sys.stdin.isatty():
        confirm("Register this account and read it?", yes)
    _show_samples(channel, chosen, identity)
    done = registry.register(
        place.database,
        place.vault,
        now(),
        OPERATOR,
        channel=channel,
        agency=agency,
        account_settings=chosen,
        identity=identity,
        interval=interval,
    )
    words = {"new": "Registered", "changed": "Changed", "same": "Nothing to change for"}
    out.print(f"{words[done.outcome]} {channel}:{identity.handle} of {agency}.")
    _subscribe(place, done.account)


def _subscribe(place: Installation, account: Account) -> None:
    """Ask for deliveries where the platform has them and can reach us; polling goes on
    anyway."""
    if "subscribe" not in abilities(connectors.load(account.channel)):
        return
    if not place.settings.public_url.startswith("https://"):
        err.print(
            "Deliveries are not asked for: SAHUT_PUBLIC_URL is no https address, so the"
            " platform cannot reach this machine. The account is polled."
        )
        return
    address = connections.callback_url(place.settings.public_url, account)
    try:
        with progress(f"asking {account.channel} for deliveries"):
            left = connections.subscribe(
                place.vault, place.settings.public_url, account
            )
    except ConnectorError as error:
        warn(f"deliveries could not be asked for: {discretion.told(error)}")
        return
    out.print(f"Deliveries come to {address}. {left}".strip())


@app.command()
def subscribe(name: Name) -> None:
    """Ask the platform to deliver to this installation, beside polling."""
    place = here()
    account = registry.find(place.database, name)
    if "subscribe" not in abilities(connectors.load(account.channel)):
        raise UsageError(f"{account.channel} has no deliveries that can be asked for")
    _subscribe(place, account)


def _given(channel: str, given: list[str] | None) -> dict[str, str]:
    fields = connectors.load(channel).Account.model_fields
    values = {}
    for entry in given or []:
        name, separator, value = entry.partition("=")
        if not separator or name not in fields:
            raise UsageError(
                f"--set {name}: {channel} has the settings {', '.join(fields)}"
            )
        if _is_secret(fields[name].annotation) and not value.startswith(("@", "env:")):
            raise UsageError(
                f"--set {name}: a secret on the command line can be read by others on"
                f" this machine; write {name}=@file or {name}=env:VAR, or leave it out"
                " to be asked"
            )
        values[name] = read_value(name, value)
    return values


def _is_secret(annotation: Any) -> bool:
    return "SecretStr" in str(annotation)


def _ask_settings(channel: str, values: dict[str, Any]) -> AccountSettings:
    """Prompt for required settings that are missing; a wrong one is asked again
    alone."""
    fields = connectors.load(channel).Account.model_fields
    wanted = [
        name
        for name, info in fields.items()
        if info.is_required() and name not in values
    ]
    if channel == "x" and not values:
        wanted = ["access_token", "access_token_secret"]
    if not sys.stdin.isatty():
        return registry.parse_settings(channel, values)
    while True:
        for name in wanted:
            info = fields[name]
            if info.description:
                err.print(info.description, style="dim")
            values[name] = typer.prompt(
                info.title or name, hide_input=_is_secret(info.annotation), err=True
            )
        try:
            return registry.parse_settings(channel, values)
        except registry.AccountError as error:
            err.print(str(error), style="red")
            wanted = [name for name in fields if f"{name}:" in str(error)] or wanted
            if not wanted:
                raise


def _tell_first_reading(
    channel: str, chosen: AccountSettings, identity: Identity
) -> None:
    """How far back, how many and for how much, before anything billed is read."""
    kind = connectors.load(channel)
    if "poll" not in abilities(kind):
        return
    since = now() - timedelta(days=chosen.first_days)
    out.print(
        f"It is read back to {since:%Y-%m-%d %H:%M} UTC"
        f" (first_days={chosen.first_days}). What was written earlier opens no case"
        " and has no deadline."
    )
    with closing(
        kind(settings.app_settings(channel), chosen, identity.external_id)
    ) as connector:
        if not isinstance(connector, Counts):
            return
        try:
            many = connector.count(since)
        except ConnectorError as error:
            warn(f"how much there is to read is not known: {discretion.told(error)}")
            return
        words = f"{many} messages since then"
        if isinstance(connector, Prices):
            known = prices.here(channel, now().date())
            cost = prices.total(known, connector.billed_by(many))
            words += f"; reading them costs at most {cost:.2f} US dollars"
        out.print(f"{words}.")


def _show_samples(channel: str, chosen: AccountSettings, identity: Identity) -> None:
    """Three posts of the first page. Looking acknowledges and stores nothing."""
    kind = connectors.load(channel)
    try:
        with closing(
            kind(settings.app_settings(channel), chosen, identity.external_id)
        ) as connector:
            if not isinstance(connector, Polls):
                return
            page = next(iter(connector.fetch({})), None)
    except ConnectorError as error:
        warn(f"reading does not work yet: {discretion.told(error)}")
        return
    shown = 0
    for item in page.items if page else ():
        try:
            texts = [message.text for message in kind.normalise(item) if message.text]
        except BadItem:
            continue
        for text in texts:
            out.print(f"  sample: {text[:100]!r}")
            shown += 1
        if shown >= 3:
            return
    if not shown:
        out.print("  nothing has arrived for it yet")


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV like config/accounts.example.csv.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would change.")
    ] = False,
    partial: Annotated[
        bool, typer.Option("--partial", help="Save the good rows.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Register many accounts from a file: all or nothing, unless --partial."""
    place = here()
    with progress("asking the platforms") as update:
        plan = registering.plan_accounts(
            place.database, place.vault, place.catalog, file, update
        )
    show([row.shown() for row in plan], as_json=as_json)
    wrong = sum(row.outcome == "wrong" for row in plan)
    if not dry_run:
        saved = registering.save_accounts(
            place.database, place.vault, now(), OPERATOR, plan, partial=partial
        )
        err.print(f"{saved} saved, {wrong} wrong")
    if wrong and not (partial and not dry_run):
        raise typer.Exit(1)


@app.command("import-history")
def import_history_(
    name: Name,
    since: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            help="Only what was written from this day on (UTC); everything without.",
        ),
    ] = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Take in what was written before the account was read: closed cases without
    deadlines, told to nobody."""
    place = here()
    account = registry.find(place.database, name)
    day = since.replace(tzinfo=UTC) if since else None
    chosen = import_history.kept(place.database, account, day)
    if chosen.ids:
        err.print(
            f"{len(chosen.ids)} kept aside, written from {chosen.oldest:%Y-%m-%d} to"
            f" {chosen.newest:%Y-%m-%d}."
        )
        if sys.stdin.isatty():
            confirm("File them in closed cases?", yes)
    with progress("filing") as update:
        outcome = import_history.take_in(
            place.database,
            now(),
            OPERATOR,
            account,
            chosen,
            lambda done: update(done, len(chosen.ids)),
        )
    row = {
        "account": f"{account.channel}:{account.handle}",
        "kept_aside": len(chosen.ids),
        "filed": outcome.get("done", 0),
        "failed": outcome.get("failed", 0),
    }
    show([row], as_json=as_json)
    if row["failed"]:
        raise typer.Exit(1)


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List the accounts with their state, last good poll, end of login and cost."""
    place, today = here(), now().date()
    rows = [
        {
            "id": row.id,
            "channel": row.channel,
            "handle": row.handle,
            "agency": row.agency_code,
            "status": row.status,
            "interval": row.interval,
            "last_good_poll": row.last_good_poll_at,
            "lag": _lag(row),
            "login_ends": row.login_ends_at,
            "reads_today": spending.usage(place.database, row.id, today).reads,
            "usd_this_month": _month(place, row, today),
            "failures": row.failures,
            "error": row.last_error,
        }
        for row in registry.list_all(place.database)
    ]
    show(
        rows,
        as_json=as_json,
        empty="no account yet; `sahut accounts add CHANNEL --agency CODE`",
    )


def _lag(account: Account) -> str | None:
    """Time since the last good poll, where the account is polled."""
    if account.next_poll_at is None or account.last_good_poll_at is None:
        return None
    return str(now() - account.last_good_poll_at).split(".")[0]


def _month(place: Installation, account: Account, today: date) -> float:
    return round(
        spending.money_since(place.database, account.id, today.replace(day=1)), 4
    )


@app.command()
def check(
    names: Annotated[
        list[str] | None, typer.Argument(help="Accounts; none: all.")
    ] = None,
    reconcile: Annotated[
        bool,
        typer.Option(
            "--reconcile", help="Read the last days again and compare the counts."
        ),
    ] = False,
    days: Annotated[
        int, typer.Option(help="How far --reconcile goes back.", min=1)
    ] = 7,
    as_json: Json = False,
) -> None:
    """Ask the platforms whether the accounts still work, and whether anything is
    missing."""
    place = here()
    chosen = [registry.find(place.database, name) for name in names or []]
    chosen = chosen or registry.list_all(place.database)
    rows = []
    with progress("asking the platforms") as update:
        for done, account in enumerate(chosen):
            update(done, len(chosen))
            row = _checked(place, account)
            if reconcile and not row["problem"]:
                row |= _reconciled(place, account, days)
            rows.append(row)
    show(rows, as_json=as_json, empty="no account yet")
    if any(row["problem"] for row in rows):
        raise typer.Exit(1)


def _checked(place: Installation, account: Account) -> dict[str, Any]:
    found = connections.ask(place.vault, account)
    return {
        "account": f"{account.channel}:{account.handle}",
        "agency": account.agency_code,
        "status": account.status,
        "problem": found.detail or None,
        "warnings": found.warnings or None,
    }


def _reconciled(place: Installation, account: Account, days: int) -> dict[str, Any]:
    try:
        found = reconcile_account(
            place.database, place.vault, now(), account, timedelta(days=days)
        )
    except ConnectorError as error:
        return {"problem": discretion.told(error)}
    return {
        "read_again": found.seen,
        "were_missing": found.new,
        "set_aside": found.set_aside,
        "platform_has": found.remote,
        "we_have": found.stored,
        "gaps": "; ".join(found.gaps) or None,
        "replay": found.replay,
    }


@app.command()
def pause(name: Name) -> None:
    """Stop polling an account; answers still go out."""
    states.pause(here().database, now(), OPERATOR, name)
    out.print(f"{name} is paused; `sahut accounts resume {name}` goes on.")


@app.command()
def resume(name: Name) -> None:
    """Poll an account again, also after it needed a new login."""
    states.resume(here().database, now(), OPERATOR, name)
    out.print(f"{name} is polled again.")


@app.command()
def rotate(
    name: Annotated[str | None, typer.Argument(help="The account.")] = None,
    given: Set = None,
    keys: Annotated[
        bool,
        typer.Option(
            "--keys", help="Encrypt all settings under the newest key instead."
        ),
    ] = False,
) -> None:
    """Replace the credentials of an account, or the key that encrypts all of them."""
    place = here()
    if keys:
        count = states.reseal_all(place.database, place.vault, OPERATOR)
        out.print(f"{count} accounts are encrypted under the newest key.")
        return
    if name is None:
        raise UsageError("name an account, or use --keys")
    account = registry.find(place.database, name)
    chosen = _ask_settings(account.channel, _given(account.channel, given))
    states.rotate(place.database, place.vault, now(), OPERATOR, name, chosen)
    out.print(f"{name} has new credentials.")


@app.command()
def remove(name: Name, yes: Yes = False) -> None:
    """Forget an account's credentials; its cases and history stay."""
    place = here()
    account = registry.find(place.database, name)
    confirm(f"Remove {account.channel}:{account.handle}?", yes)
    states.remove(place.database, OPERATOR, name)
    out.print(f"{name} is removed.")
