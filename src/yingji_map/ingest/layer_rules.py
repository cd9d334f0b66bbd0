"""The checks a layer declares itself, and the values that its rules fill in."""

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from yingji_map.domain.crs import STORAGE_SRID, metric_srid, transformer
from yingji_map.domain.layer import LayerDefinition
from yingji_map.domain.layer_rule import (
    CompareRule,
    FollowingRule,
    GradeRule,
    ProductRule,
    RowCheck,
    WithinRule,
)
from yingji_map.domain.quality import Finding, Note, Severity
from yingji_map.ingest.normalise import Candidates, reprojected
from yingji_map.ingest.source import objects

_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "<=": operator.le,
    "<": operator.lt,
    ">=": operator.ge,
    ">": operator.gt,
}


def fill_in(candidates: Candidates, definition: LayerDefinition) -> Candidates:
    """Return the candidates with empty fields filled that follow from others, and say so in a note."""
    columns = dict(candidates.columns)
    notes: list[Note] = []
    for row_check in definition.rules:
        rule = row_check.check
        if not isinstance(rule, GradeRule | ProductRule):
            continue
        values = [
            rule.value_of(numbers) if stated is None and numbers is not None else stated
            for stated, numbers in zip(columns[rule.field], _inputs(columns, rule), strict=True)
        ]
        filled = sum(v is not None for v in values) - sum(
            v is not None for v in columns[rule.field]
        )
        if filled:
            columns[rule.field] = objects(values)
            notes.append(_filled_note(definition, rule, filled))
    return replace(candidates, columns=columns, notes=(*candidates.notes, *notes))


def _inputs(
    columns: Mapping[str, npt.NDArray[np.object_]], rule: FollowingRule
) -> Iterator[list[float] | None]:
    for numbers in zip(*(columns[name] for name in rule.inputs), strict=True):
        yield None if any(number is None for number in numbers) else [float(n) for n in numbers]


def _filled_note(definition: LayerDefinition, rule: FollowingRule, filled: int) -> Note:
    field = definition.field(rule.field)
    assert field is not None  # noqa: S101 - the definition's validator guarantees it
    return Note(
        zh=f"{filled} 行没有填“{field.title.zh}”，按图层规则算出",
        en=f"{filled} rows had no “{field.title.en}”; computed by the rule of the layer",
    )


def check_layer_rules(
    candidates: Candidates,
    definition: LayerDefinition,
    surroundings: Mapping[str, npt.NDArray[np.object_]],
    misplaced: list[Finding],
) -> list[Finding]:
    """Return the rows that break a rule of their layer.

    Parameters
    ----------
    surroundings
        Geometries (EPSG:4490) by layer id, one entry for each `within` rule.
    misplaced
        Geometry findings; their rows have no place that could be compared.
    """
    without_place = {f.row for f in (*candidates.faults, *misplaced)}
    findings: list[Finding] = []
    for row_check in definition.rules:
        rule = row_check.check
        if isinstance(rule, WithinRule):
            is_any = not any(f.row is None and f.rule == "coordinates" for f in candidates.faults)
            usable = np.array(
                [is_any and row not in without_place for row in candidates.rows], dtype=bool
            )
            findings += _outside(candidates, row_check, rule, surroundings[rule.layer], usable)
        elif isinstance(rule, CompareRule):
            findings += _in_disorder(candidates, row_check, rule)
        else:
            findings += _not_following(candidates, row_check, rule)
    return findings


def _outside(
    candidates: Candidates,
    row_check: RowCheck,
    rule: WithinRule,
    surrounding: npt.NDArray[np.object_],
    usable: npt.NDArray[np.bool_],
) -> Iterator[Finding]:
    if not usable.any():
        return
    west, _, east, _ = shapely.total_bounds(surrounding)
    to_metres = transformer(STORAGE_SRID, metric_srid((west + east) / 2))
    allowed = reprojected(shapely.union_all(surrounding), to_metres)
    widened = shapely.buffer(allowed, rule.tolerance_m) if rule.tolerance_m else allowed
    shapely.prepare(widened)
    metric = reprojected(candidates.geometry[usable], to_metres)
    inside = shapely.covers(widened, metric)
    for at in np.flatnonzero(~inside):
        shape = candidates.geometry[usable][at]
        lon, lat = shapely.get_coordinates(shapely.point_on_surface(shape))[0]
        away_m = float(shapely.distance(allowed, metric[at]))
        yield _finding(
            row_check,
            int(candidates.rows[usable][at]),
            value=f"{lon:.5f}, {lat:.5f}",
            detail=_how_far(away_m),
            place=(float(lon), float(lat)),
        )


def _how_far(away_m: float) -> tuple[str, str]:
    if not np.isfinite(away_m):
        return "", ""
    if not away_m:
        return "（有一部分在外）", " (in part)"
    return f"（相距 {away_m:,.0f} 米）", f" ({away_m:,.0f} m away)"


def _in_disorder(
    candidates: Candidates, row_check: RowCheck, rule: CompareRule
) -> Iterator[Finding]:
    lefts, rights = candidates.columns[rule.left], candidates.columns[rule.right]
    for row, left, right in zip(candidates.rows.tolist(), lefts, rights, strict=True):
        if left is None or right is None or _OPERATORS[rule.operator](left, right):
            continue
        yield _finding(
            row_check, row, value=f"{left} {rule.operator} {right}", detail=("", ""), place=None
        )


def _not_following(
    candidates: Candidates, row_check: RowCheck, rule: FollowingRule
) -> Iterator[Finding]:
    inputs = _inputs(candidates.columns, rule)
    for row, stated, numbers in zip(
        candidates.rows.tolist(), candidates.columns[rule.field], inputs, strict=True
    ):
        if stated is None or numbers is None or rule.agrees(stated, numbers):
            continue
        computed = rule.value_of(numbers)
        detail = (f"（算得 {computed}）", f" (computed: {computed})")
        yield _finding(row_check, row, value=str(stated), detail=detail, place=None)


def _finding(
    row_check: RowCheck,
    row: int,
    *,
    value: str,
    detail: tuple[str, str],
    place: tuple[float, float] | None,
) -> Finding:
    return Finding(
        rule=row_check.id,
        severity=Severity(row_check.severity),
        row=row,
        value=value,
        reason_zh=row_check.message.zh + detail[0],
        reason_en=row_check.message.en + detail[1],
        lon=None if place is None else place[0],
        lat=None if place is None else place[1],
    )
