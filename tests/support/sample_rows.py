"""Rows of the sample county's files, and what in them does not fit their layer."""

import csv
import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import shapely

from yingji_map.domain.layer import FieldDefinition, FieldType, LayerDefinition
from yingji_map.ingest.definitions import read_catalogue

ROOT = Path(__file__).parents[2]
CATALOGUE = read_catalogue(ROOT / "layers")
Rows = list[tuple[shapely.Geometry, dict[str, Any]]]
_KINDS: dict[str, Any] = {"text": str, "integer": int, "number": (int, float), "boolean": bool}


def rows_of(folder: Path, layer: str) -> Rows:
    if layer == "settlement":
        return _settlements(folder)
    document = json.loads((folder / f"{layer}.geojson").read_text(encoding="utf-8"))
    return [(shapely.geometry.shape(f["geometry"]), f["properties"]) for f in document["features"]]


def _settlements(folder: Path) -> Rows:
    """Read the CSV by the aliases of the layer, as the import does."""
    named = {a: field for field in CATALOGUE["settlement"].fields for a in field.aliases}
    kinds = {FieldType.INTEGER: int, FieldType.NUMBER: float}
    rows: Rows = []
    with (folder / "settlement.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            point = shapely.Point(float(row.pop("lon")), float(row.pop("lat")))
            values = {named[k].name: kinds.get(named[k].type, str)(v) for k, v in row.items()}
            rows.append((point, values))
    return rows


def values_of(folder: Path, layer: str, field: str) -> list[Any]:
    return [properties[field] for _, properties in rows_of(folder, layer)]


def _fault(field: FieldDefinition, value: Any) -> str | None:
    if value is None:
        return "missing" if field.required else None
    if field.type is FieldType.DATE:
        return None if date.fromisoformat(value) else "no date"
    if not isinstance(value, _KINDS[field.type]) or (
        isinstance(value, bool) and field.type != FieldType.BOOLEAN
    ):
        return f"{value!r} is no {field.type}"
    if field.enum and value not in field.enum:
        return f"{value} is not in the list"
    low, high = field.range or (None, None)
    if (low is not None and value < low) or (high is not None and value > high):
        return f"{value} is out of range"
    return None


def faults_of(definition: LayerDefinition, rows: Rows) -> list[str]:
    names = {field.name for field in definition.fields}
    found = [f"unknown field {k}" for _, p in rows for k in p.keys() - names]
    found += [
        f"{field.name}: {fault}"
        for _, properties in rows
        for field in definition.fields
        if (fault := _fault(field, properties.get(field.name)))
    ]
    keys = Counter(properties[str(definition.key)] for _, properties in rows)
    return found + [f"key {key} twice" for key, count in keys.items() if count > 1]
