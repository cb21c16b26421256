"""`sahut clocks`: the deadlines of a case, side by side."""

from __future__ import annotations

import typer

from aggregator import city
from aggregator.cases import casefile, deadlines
from aggregator.city import procedures
from aggregator.cli._acting import acting
from aggregator.cli._common import As, Json, Number, err, now, show

app = typer.Typer()


@app.command("show")
def show_(number: Number, login: As, as_json: Json = False) -> None:
    """Show every clock of a case: procedure, step, whom it binds, deadline and
    state."""
    place, viewer = acting(login)
    with casefile.reading(place.database, now(), viewer, number) as file:
        case = file.case
        found = deadlines.of_case(file.session, file.now, case)
        dues = [one.clock.due_at for one in found if one.clock.due_at]
        doubts = procedures.doubts(city.here().rules, case.opened_at, dues)
        rows = [
            {
                "procedure": one.clock.rule_set,
                "step": one.clock.name,
                "agency": one.agency or None,
                "started": one.clock.started_at,
                "due": one.clock.due_at,
                "met": one.clock.met_at,
                "state": one.clock.state,
                "paused": one.clock.paused,
                "verified": one.clock.rule_set not in doubts.procedures,
            }
            for one in found
        ]
    show(rows, as_json=as_json, empty="no procedure binds this case")
    if rows and doubts.years:
        years = ", ".join(str(year) for year in doubts.years)
        err.print(
            f"Nobody has reviewed the collective leave of {years}; read deadlines with"
            " care."
        )
