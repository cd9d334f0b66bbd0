"""`yingji shelter …`: how shelters do, and who has no place."""

from typing import Annotated

import typer

from yingji_map.cli.session import language, opened, print_json
from yingji_map.domain.closure import IN_FORCE, choice_of
from yingji_map.domain.evacuation import DEFAULT_MINUTES, REASONS_ZH
from yingji_map.domain.network import ProfileId
from yingji_map.domain.shelter_evaluation import (
    DIMENSIONS_ZH,
    VERDICTS_ZH,
    Dimension,
    Verdict,
)
from yingji_map.http.representations.evacuation_request import avoided_text
from yingji_map.http.representations.shelters import evaluation as represent
from yingji_map.services.evaluate_shelters import Evaluation, EvaluationQuery

app = typer.Typer(help="避难场所：评估 / shelters", no_args_is_help=True)


@app.callback()
def shelter() -> None:
    """避难场所 / shelters."""


@app.command()
def evaluate(
    *,
    profile: Annotated[ProfileId, typer.Option(help="出行方式 / profile")] = ProfileId.FOOT,
    minutes: Annotated[int, typer.Option(help="多少分钟内要到 / time limit")] = DEFAULT_MINUTES,
    avoid: Annotated[str | None, typer.Option(help="如 flood:red / avoid risk")] = None,
    closures: Annotated[str, typer.Option(help="封路 / closures")] = IN_FORCE,
    json: Annotated[bool, typer.Option("--json", help="给程序读 / for programs")] = False,
) -> None:
    """按五个方面评估每个场所，列出没有位子的人 / judge shelters, list people without a place."""
    query = EvaluationQuery(
        profile=profile,
        minutes=minutes,
        avoid=avoided_text(avoid),
        closures=choice_of(closures),
    )
    with opened() as application:
        found = application.planning.evaluate_shelters.run(query)
    if json:
        print_json(represent(found).model_dump(mode="json"))
    else:
        _print(found)


def _print(found: Evaluation) -> None:
    is_zh, total = language() == "zh", len(found.shelters)
    ratio = found.standardised / total if total else 0.0
    print(f"{'标准化' if is_zh else 'standardised'}  {found.standardised} / {total}  {ratio:.1%}")
    for dimension in Dimension:
        counts = found.counts(dimension)
        shown = "  ".join(
            f"{VERDICTS_ZH[verdict] if is_zh else verdict.value} {counts[verdict]}"
            for verdict in Verdict
        )
        print(f"{DIMENSIONS_ZH[dimension] if is_zh else dimension.value}  {shown}")
    unplaced = sum(one.unplaced_persons for one in found.without_place)
    people = found.people_persons
    print(f"{'没有位子' if is_zh else 'without a place'}  {unplaced} / {people}")
    for one in found.without_place:
        reason = REASONS_ZH[one.reason] if is_zh else one.reason.value
        print(f"  {one.name}  {one.unplaced_persons} / {one.people_persons}  {reason}")
