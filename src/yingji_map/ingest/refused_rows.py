"""Rows that were judged unfit → what is kept of them: their values as text, and every reason."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely

from yingji_map.domain.import_record import RefusedRow
from yingji_map.domain.quality import QualityReport
from yingji_map.ingest.normalise import Candidates


def refused_rows(candidates: Candidates, quality: QualityReport) -> Iterator[RefusedRow]:
    """Yield the rows that have a fault of their own; a fault of the whole file is in the report."""
    reasons: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for finding in quality.refusals:
        if finding.row is not None:
            reasons[finding.row].append((finding.reason_zh, finding.reason_en))
    columns = candidates.source.columns
    for at, row in enumerate(candidates.rows.tolist()):
        if row in reasons:
            yield RefusedRow(
                row=row,
                properties={name: _text(values[at]) for name, values in columns.items()},
                reason_zh="；".join(zh for zh, _ in reasons[row]),
                reason_en="; ".join(en for _, en in reasons[row]),
                shape=_shape(candidates.geometry[at]),
            )


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _shape(geometry: Any) -> bytes | None:  # noqa: ANN401 - shapely geometry or None
    if geometry is None or not np.isfinite(shapely.get_coordinates(geometry)).all():
        return None
    return bytes(shapely.to_wkb(geometry))
