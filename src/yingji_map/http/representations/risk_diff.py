"""Bodies of `/v1/risk/diff`."""

from pydantic import BaseModel, Field

from yingji_map.domain.layer import Title
from yingji_map.domain.run_diff import SIDES, Change, Matrix, RunDiff
from yingji_map.http.representations.risk_runs import RunSummaryBody, run_summary

_SQUARE_METRES = 1_000_000
_COLOURED = slice(0, 4)


class TransitionBody(BaseModel):
    """Cells, ground and people that went from one side to another."""

    from_: str = Field(serialization_alias="from")
    to: str
    cells: int
    area_km2: float
    population_persons: int


class DirectionBody(BaseModel):
    """Cells whose colour rose, or fell."""

    cells: int
    area_km2: float
    population_persons: int


class DivisionChangeBody(BaseModel):
    """One township."""

    code: str
    name: str
    up: int
    down: int
    persons_up: int
    persons_down: int


class CauseBody(BaseModel):
    """What one factor did to the scores: `gain` + `loss` = `change`; it leads on `leads_cells`."""

    id: str
    title: Title
    gain: float
    loss: float
    change: float
    leads_cells: int


class DiffBody(BaseModel):
    """The difference of two runs for one hazard.

    The `change` of all causes add up to `score_change`. `causes` is null when the store no longer
    holds what a run was made of.
    """

    from_run: RunSummaryBody = Field(serialization_alias="from")
    to_run: RunSummaryBody = Field(serialization_alias="to")
    hazard: str
    changes: dict[str, int]
    up: DirectionBody
    down: DirectionBody
    transitions: list[TransitionBody]
    divisions: list[DivisionChangeBody]
    score_change: float
    attributed_cells: int
    causes: list[CauseBody] | None


def diff_body(found: RunDiff) -> DiffBody:
    """Represent a difference; only transitions that some cell made are listed."""
    counted = found.transitions
    return DiffBody(
        from_run=run_summary(found.origin),
        to_run=run_summary(found.target),
        hazard=found.hazard,
        changes={change.name.lower(): found.changes[change] for change in Change},
        up=_direction(found, is_up=True),
        down=_direction(found, is_up=False),
        transitions=[
            TransitionBody(
                from_=origin,
                to=target,
                cells=counted.cells[row][column],
                area_km2=counted.area_m2[row][column] / _SQUARE_METRES,
                population_persons=counted.population_persons[row][column],
            )
            for row, origin in enumerate(SIDES)
            for column, target in enumerate(SIDES)
            if counted.cells[row][column]
        ],
        divisions=[
            DivisionChangeBody(
                code=each.code,
                name=each.name,
                up=each.up,
                down=each.down,
                persons_up=each.persons_up,
                persons_down=each.persons_down,
            )
            for each in found.divisions
            if each.up or each.down
        ],
        score_change=found.score_change,
        attributed_cells=found.attributed_cells,
        causes=None
        if found.causes is None
        else [
            CauseBody(
                id=cause.id,
                title=cause.title,
                gain=cause.gain,
                loss=cause.loss,
                change=cause.gain + cause.loss,
                leads_cells=cause.leads_cells,
            )
            for cause in found.causes
        ],
    )


def _direction(found: RunDiff, *, is_up: bool) -> DirectionBody:
    counted = found.transitions
    return DirectionBody(
        cells=_triangle(counted.cells, is_up=is_up),
        area_km2=_triangle(counted.area_m2, is_up=is_up) / _SQUARE_METRES,
        population_persons=_triangle(counted.population_persons, is_up=is_up),
    )


def _triangle(matrix: Matrix, *, is_up: bool) -> int:
    return sum(
        value
        for row, values in enumerate(matrix[_COLOURED])
        for column, value in enumerate(values[_COLOURED])
        if (column < row if is_up else column > row)
    )
