"""`yingji up`: from nothing to the served map of the sample county, every step told."""

import subprocess
import sys
from datetime import datetime
from typing import Annotated

import typer

from yingji_map.bootstrap import Application
from yingji_map.cli.serve import refuse_taken_port, serve_until_stopped
from yingji_map.cli.session import opened, say
from yingji_map.domain.errors import SampleNotMade
from yingji_map.domain.warning import BEIJING
from yingji_map.services.assess_risk import AssessRequest
from yingji_map.settings import Settings


def up(
    *,
    sample: Annotated[
        bool, typer.Option(help="空库时装入样例县 / load the sample county into an empty store")
    ] = True,
) -> None:
    """一条命令：起库、建表、装样例、算风险、开地图 / store, tables, sample, risk and map in one command."""
    settings = Settings()
    refuse_taken_port(settings.http)
    with opened(settings) as application:
        say("核对图层定义", "Applying the layer definitions")
        application.apply_layers.run()
        if sample and _is_empty(application):
            _load_sample(application, settings)
        _assess(application)
        serve_until_stopped(application, settings.http)


def _is_empty(application: Application) -> bool:
    return not any(found.state and found.state.row_count for found in application.list_layers.run())


def _load_sample(application: Application, settings: Settings) -> None:
    folder = settings.data_dir / "sample"
    say(
        "生成样例县 旺苍县（合成数据，约半分钟）",
        "Making the sample county (synthetic, half a minute)",
    )
    generator = settings.sample_dir / "generate.py"
    done = subprocess.run(  # noqa: S603 - our own generator
        [sys.executable, str(generator), "--out", str(folder)],
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SampleNotMade(reason=(done.stderr.strip().splitlines() or ["?"])[-1])
    application.load_sample.run(folder, say)


def _assess(application: Application) -> None:
    """Compute the static run and one per rainfall grid; what equal inputs made before is kept."""
    if _is_empty(application):
        return
    instants: list[datetime | None] = [None, *application.assess_risk.rain_instants()]
    for number, at in enumerate(instants, start=1):
        place = f"[{number}/{len(instants)}]"
        zh = "常态" if at is None else f"{at.astimezone(BEIJING):%m月%d日 %H:%M} 雨情"
        say(f"{place} 计算风险：{zh}", f"{place} Computing risk: {at or 'static'}")
        application.assess_risk.run(AssessRequest(at=at))
