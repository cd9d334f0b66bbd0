"""The checks every row must pass, gathered into one report."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt

from yingji_map.domain.layer import FieldDefinition, LayerDefinition
from yingji_map.domain.quality import Finding, Note, QualityReport
from yingji_map.ingest.geometry_checks import check_geometry
from yingji_map.ingest.layer_rules import check_layer_rules
from yingji_map.ingest.normalise import Candidates, shown
from yingji_map.ingest.values import enum_member


def judge(
    candidates: Candidates,
    definition: LayerDefinition,
    surroundings: Mapping[str, npt.NDArray[np.object_]],
) -> QualityReport:
    """Check every row and report every fault.

    Parameters
    ----------
    surroundings
        Geometries (EPSG:4490) of the layers that the rules of `definition` name.
    """
    findings = [*candidates.faults]
    for field in definition.fields:
        findings += _check_field(candidates, field, is_key=field.name == definition.key)
    findings += _check_key(candidates, definition)
    in_place = check_geometry(candidates, definition)
    findings += in_place
    findings += check_layer_rules(candidates, definition, surroundings, in_place)
    keys = candidates.columns[definition.key or ""]
    key_of = dict(zip(candidates.rows.tolist(), keys, strict=True))
    return QualityReport(
        file=candidates.source.file,
        layer_id=definition.id,
        crs=candidates.source.crs,
        encoding=candidates.source.encoding,
        columns=candidates.fields,
        ignored=candidates.ignored,
        notes=(*candidates.notes, *_ignored_note(candidates)),
        rows_read=len(candidates.rows),
        findings=tuple(_in_row_order(findings, key_of)),
        repairs=candidates.repairs,
    )


def _check_field(
    candidates: Candidates, field: FieldDefinition, *, is_key: bool
) -> Iterator[Finding]:
    if field.name not in candidates.fields.values():
        return  # reported once, as a missing column
    misfits = {f.row for f in candidates.faults if f.field == field.name}
    values = candidates.columns[field.name]
    permitted = frozenset(field.enum or ())
    for row, value in zip(candidates.rows.tolist(), values, strict=True):
        if value is None:
            if (field.required or is_key) and row not in misfits:
                yield _fault("required", row, field, None, ("是必填项", "is required"))
        elif value in permitted:
            continue
        elif field.enum is not None and enum_member(str(value), field) is None:
            allowed = "、".join(field.enum)
            reason = (f"不在 {allowed} 之中", f"is none of {allowed}")
            yield _fault("enum", row, field, value, reason)
        elif field.range is not None and not _is_in_range(float(value), field.range):
            span = _span(field.range)
            yield _fault("range", row, field, value, (f"不在 {span} 之内", f"is outside {span}"))


def _is_in_range(value: float, bounds: tuple[float | None, float | None]) -> bool:
    low, high = bounds
    return (low is None or value >= low) and (high is None or value <= high)


def _span(bounds: tuple[float | None, float | None]) -> str:
    low, high = bounds
    return f"{'-∞' if low is None else f'{low:g}'} … {'+∞' if high is None else f'{high:g}'}"


def _check_key(candidates: Candidates, definition: LayerDefinition) -> Iterator[Finding]:
    field = definition.field(definition.key or "")
    assert field is not None  # noqa: S101 - the definition's validator guarantees it
    rows_by_key: dict[object, list[int]] = defaultdict(list)
    for row, key in zip(candidates.rows.tolist(), candidates.columns[field.name], strict=True):
        if key is not None:
            rows_by_key[key].append(row)
    for key, rows in rows_by_key.items():
        for row in rows if len(rows) > 1 else []:
            others = "、".join(str(other) for other in rows if other != row)
            reason = (f"与第 {shown(others)} 行重复", f"is also in row {shown(others)}")
            yield _fault("key", row, field, key, reason)


def _fault(
    rule: str, row: int, field: FieldDefinition, value: object, reason: tuple[str, str]
) -> Finding:
    text = "" if value is None else f"“{shown(value)}” "
    return Finding(
        rule=rule,
        row=row,
        field=field.name,
        value=None if value is None else shown(value),
        reason_zh=f"{field.title.zh} {text}{reason[0]}",
        reason_en=f"{field.title.en} {text}{reason[1]}",
    )


def _ignored_note(candidates: Candidates) -> list[Note]:
    if not candidates.ignored:
        return []
    names = "、".join(candidates.ignored)
    return [
        Note(
            zh=f"这些列不属于本图层，没有读：{names}",
            en=f"columns that are not part of this layer were not read: {names}",
        )
    ]


def _in_row_order(findings: list[Finding], key_of: Mapping[int, object]) -> list[Finding]:
    def with_key(finding: Finding) -> Finding:
        key = key_of.get(finding.row or 0)
        if key is None:
            return finding
        return Finding(
            **{
                name: getattr(finding, name)
                for name in Finding.__dataclass_fields__
                if name != "key"
            },
            key=str(key),
        )

    return [with_key(f) for f in sorted(findings, key=lambda finding: finding.row or 0)]
