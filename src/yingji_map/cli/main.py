"""The `yingji` command, assembled from one file a noun."""

import signal
import sys
from types import FrameType

import typer

from yingji_map.cli import (
    bundle,
    closure,
    db,
    evacuate,
    imports,
    layer,
    network,
    planning,
    raster,
    reach,
    risk,
    risk_products,
    risk_runs,
    shelter,
    warning,
)
from yingji_map.cli.docs import docs
from yingji_map.cli.doctor import doctor
from yingji_map.cli.serve import serve
from yingji_map.cli.session import refusals_as_exit_codes
from yingji_map.cli.up import up

commands = typer.Typer(
    name="yingji",
    help="应急一张图：风险地图与预警 / risk map and warnings",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
commands.add_typer(db.app, name="db")
commands.add_typer(layer.app, name="layer")
commands.add_typer(imports.app, name="import")
commands.add_typer(raster.app, name="raster")
commands.add_typer(network.app, name="network")
commands.add_typer(reach.app, name="reach")
commands.add_typer(closure.app, name="closure")
commands.add_typer(evacuate.app, name="evacuate")
commands.add_typer(shelter.app, name="shelter")
for more in (risk_runs.diff, risk_runs.prune, risk_products.zoning, risk_products.register):
    risk.app.command()(more)
commands.add_typer(planning.sites, name="site")
commands.add_typer(planning.supplies, name="supply")
commands.add_typer(risk.app, name="risk")
commands.add_typer(warning.app, name="warning")
commands.add_typer(bundle.app, name="bundle")
commands.command()(up)
commands.command()(serve)
commands.command()(doctor)
commands.command(hidden=True)(docs)


def app() -> None:
    """Run the command line; refusals become one sentence and an exit code."""
    signal.signal(signal.SIGTERM, _terminate)
    with refusals_as_exit_codes():
        commands()


def _terminate(number: int, _frame: FrameType | None) -> None:
    """Leave through every `finally`, so that what was started here is stopped."""
    sys.exit(128 + number)
