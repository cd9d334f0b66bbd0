"""Columns of a file → fields of a layer: by name, title, alias, or a name that DBF cut short."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from yingji_map.domain.layer import FieldDefinition, LayerDefinition
from yingji_map.domain.quality import Finding

_UNIT = re.compile(r"^(.+?)\s*[(（\[【](.+?)[)）\]】]$")
_DBF_NAME_BYTES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnMatch:
    """Field by column, columns that fit nothing, and columns that fit in a way nobody can decide."""

    fields: dict[str, str]
    ignored: tuple[str, ...]
    faults: tuple[Finding, ...]


def match_columns(names: Iterable[str], definition: LayerDefinition) -> ColumnMatch:
    """Match column names to fields; exact names win over titles and aliases, these over cut names.

    A column that names its unit (`库容（万立方米）`) fits only the field of that unit.
    """
    columns = list(names)
    chosen: dict[str, str] = {}
    faults: list[Finding] = []
    for step in (_by_name, _by_alias, _by_cut_name):
        found = {c: list(step(c, definition)) for c in columns if c not in chosen}
        taken = set(chosen.values())
        for field in definition.fields:
            if field.name in taken:
                continue
            fitting = [column for column, fields in found.items() if fields == [field.name]]
            if len(fitting) > 1:
                faults.append(_undecided(field, fitting))
            if fitting:
                chosen[fitting[0]] = field.name
    ignored = tuple(column for column in columns if column not in chosen)
    return ColumnMatch(fields=chosen, ignored=ignored, faults=tuple(faults))


def _by_name(column: str, definition: LayerDefinition) -> Iterator[str]:
    yield from (f.name for f in definition.fields if column == f.name)


def _by_alias(column: str, definition: LayerDefinition) -> Iterator[str]:
    with_unit = _UNIT.match(unicodedata.normalize("NFKC", column).strip())
    for field in definition.fields:
        names = {_plain(name) for name in _known_names(field)}
        is_named = _plain(column) in names
        if with_unit and _plain(with_unit[1]) in names:
            is_named = is_named or _same_unit(with_unit[2], field)
        if is_named:
            yield field.name


def _by_cut_name(column: str, definition: LayerDefinition) -> Iterator[str]:
    for field in definition.fields:
        if any(_is_cut_from(column, name) for name in _known_names(field)):
            yield field.name


def _known_names(field: FieldDefinition) -> tuple[str, ...]:
    return (field.name, field.title.zh, field.title.en, *field.aliases)


def _is_cut_from(column: str, name: str) -> bool:
    for encoding in ("utf-8", "gb18030"):
        full = name.encode(encoding)
        cut = full[:_DBF_NAME_BYTES].decode(encoding, errors="ignore")
        if len(full) > _DBF_NAME_BYTES and _plain(column) == _plain(cut):
            return True
    return False


def _plain(name: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", name)).casefold()


def _same_unit(unit: str, field: FieldDefinition) -> bool:
    return field.unit is not None and _plain(unit) == _plain(field.unit)


def _undecided(field: FieldDefinition, columns: list[str]) -> Finding:
    return Finding(
        rule="column",
        field=field.name,
        reason_zh=f"列{'、'.join(f'“{c}”' for c in columns)}都像是“{field.title.zh}”，请只留一列",
        reason_en=f"columns {', '.join(columns)} all fit “{field.title.en}”; leave one of them",
    )
