"""The shape of `layers/<kind>/<id>.yaml`: what a layer is, declared once for store, map and GIS."""

from enum import StrEnum
from typing import Literal

from pydantic import Field, model_validator

from yingji_map.domain.declared import Declared, Identifier, Title
from yingji_map.domain.derivation import Derivation
from yingji_map.domain.federation import FederatedSource, unfit_sources
from yingji_map.domain.layer_rule import CompareRule, ProductRule, RowCheck, WithinRule
from yingji_map.domain.style import FillStyle, LabelStyle, LineStyle, Style, SymbolStyle

__all__ = [
    "Access",
    "FieldDefinition",
    "FieldType",
    "FillStyle",
    "GeometryType",
    "Identifier",
    "LabelStyle",
    "LayerDefinition",
    "LayerKind",
    "LineStyle",
    "RasterOptions",
    "Source",
    "Style",
    "SymbolStyle",
    "TileOptions",
    "Title",
]
RESERVED_COLUMNS = frozenset(
    {
        "row_id",
        "geom",
        "geom_3857",
        "geometry",  # what filters and schemas call it
        "valid_during",
        "known_during",
        "content_hash",
        "import_id",
    }
)


class LayerKind(StrEnum):
    """The shelf a layer stands on; also its folder under `layers/`."""

    BOUNDARY = "boundary"
    HAZARD = "hazard"
    EXPOSURE = "exposure"
    CAPACITY = "capacity"
    NETWORK = "network"
    MONITORING = "monitoring"
    RASTER = "raster"


class GeometryType(StrEnum):
    """What a feature looks like; lines and polygons are stored as their multi form."""

    POINT = "point"
    LINE = "line"
    POLYGON = "polygon"


class FieldType(StrEnum):
    """Column types; `timestamp` is stored as timestamptz."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"


class Access(StrEnum):
    """Who may read a layer."""

    PUBLIC = "public"
    INTERNAL = "internal"
    RESTRICTED = "restricted"


class Source(Declared):
    """Where the data comes from."""

    title: str
    publisher: str
    note: str | None = None


class FieldDefinition(Declared):
    """One typed attribute column."""

    name: Identifier
    type: FieldType
    title: Title
    unit: str | None = None
    required: bool = False
    enum: tuple[str, ...] | None = None
    range: tuple[float | None, float | None] | None = Field(
        default=None, description="Inclusive lower and upper bound; null is open."
    )
    aliases: tuple[str, ...] = Field(
        default=(), description="Chinese and truncated DBF column names seen in the wild."
    )
    private: bool = Field(
        default=False, description="Never leaves the store without the right to it."
    )
    additive: bool = Field(
        default=False, description="Adding it up over features means something (people, tents)."
    )


class TileOptions(Declared):
    """How the layer appears in vector tiles."""

    minzoom: int = Field(default=0, ge=0, le=22)
    maxzoom: int = Field(default=14, ge=0, le=22)
    label: Identifier | None = None
    fields: tuple[Identifier, ...] = ()


class RasterOptions(Declared):
    """What the numbers of a raster mean."""

    unit: str
    valid_range: tuple[float, float]
    statistic: Literal["mean", "max", "min", "sum", "majority"] = Field(
        description="How pixels fall on a cell by default."
    )
    temporal: bool = Field(default=False, description="True when each file is one instant.")
    classes: dict[int, Title] = Field(
        default_factory=dict, description="What each whole number stands for, in a map of classes."
    )
    derived: Derivation | None = Field(
        default=None, description="Set where no file is handed in: it is reckoned from another one."
    )

    @model_validator(mode="after")
    def _has_no_instants_when_derived(self) -> "RasterOptions":
        if self.derived is not None and self.temporal:
            message = "a derived raster has no instants"
            raise ValueError(message)
        return self


class LayerDefinition(Declared):
    """A declared layer: one typed table (`layer.<id>`) or one raster series."""

    id: Identifier
    kind: LayerKind
    title: Title
    description: Title
    aliases: tuple[str, ...] = Field(default=(), description="Names that files of it come under.")
    geometry: GeometryType | None = None
    key: Identifier | None = Field(default=None, description="Business code, unique at any time.")
    issues_keys: bool = Field(
        default=False,
        description="A feature that a client makes without a code is given one by the service.",
    )
    fields: tuple[FieldDefinition, ...] = ()
    access: Access = Access.PUBLIC
    source: Source
    licence: str
    tiles: TileOptions = TileOptions()
    style: Style | None = None
    rules: tuple[RowCheck, ...] = ()
    raster: RasterOptions | None = None
    federation: tuple[FederatedSource, ...] = ()

    def __hash__(self) -> int:
        """Hash by id, so that what is made from a definition can be kept for it."""
        return hash(self.id)

    @property
    def is_raster(self) -> bool:
        """True for raster layers, which have files instead of rows."""
        return self.raster is not None

    @property
    def public_fields(self) -> tuple[FieldDefinition, ...]:
        """Fields that may leave the store without a special right."""
        return tuple(field for field in self.fields if not field.private)

    @property
    def tile_fields(self) -> tuple[str, ...]:
        """Names of the fields that tiles carry, the label included."""
        return (*self.tiles.fields, *([self.tiles.label] if self.tiles.label else []))

    @property
    def additive_fields(self) -> tuple[FieldDefinition, ...]:
        """Public fields whose sum over features means something."""
        return tuple(field for field in self.public_fields if field.additive)

    def field(self, name: str) -> FieldDefinition | None:
        """Return the field called `name`, or None."""
        return next((field for field in self.fields if field.name == name), None)

    @model_validator(mode="after")
    def _is_coherent(self) -> "LayerDefinition":
        names = [field.name for field in self.fields]
        problems: list[str] = []
        if (self.kind is LayerKind.RASTER) != self.is_raster:
            problems.append("kind raster and block `raster` belong together")
        if not self.is_raster and (self.geometry is None or self.key is None):
            problems.append("a vector layer needs `geometry` and `key`")
        if self.key is not None and self.key not in names:
            problems.append(f"key `{self.key}` is not among the fields")
        problems += [
            f"key `{field.name}` must be text"
            for field in self.fields
            if field.name == self.key and field.type is not FieldType.TEXT
        ]
        problems += [f"field `{name}` is declared twice" for name in names if names.count(name) > 1]
        problems += [
            f"field name `{name}` is reserved" for name in names if name in RESERVED_COLUMNS
        ]
        problems += [
            f"field `{field.name}` cannot be additive, it is no number"
            for field in self.fields
            if field.additive and field.type not in {FieldType.INTEGER, FieldType.NUMBER}
        ]
        problems += [
            f"private field `{field.name}` cannot be the key or stand in tiles"
            for field in self.fields
            if field.private and field.name in {self.key, *self.tile_fields}
        ]
        problems += [
            f"the style needs `{name}` in tiles.fields"
            for name in sorted((self._drawn_by() & set(names)) - {*self.tile_fields})
        ]
        problems += self._unfit_rules() + unfit_sources(self.federation, names)
        problems += [f"`{name}` is not a field" for name in sorted(self._referenced() - set(names))]
        if problems:
            raise ValueError("; ".join(dict.fromkeys(problems)))
        return self

    def _unfit_rules(self) -> list[str]:
        """Values that a rule would fill in must be values that the field takes."""
        problems: list[str] = []
        numeric = {FieldType.INTEGER, FieldType.NUMBER}
        for row_check in self.rules:
            rule = row_check.check
            if isinstance(rule, WithinRule | CompareRule):
                continue
            inputs = [field for name in rule.inputs if (field := self.field(name))]
            problems += [f"`{f.name}` is no number" for f in inputs if f.type not in numeric]
            target = self.field(rule.field)
            if target is None:
                continue
            if isinstance(rule, ProductRule):
                fits = target.type is FieldType.NUMBER
            elif target.type is FieldType.NUMBER:
                fits = all(isinstance(grade, float) for grade in rule.grades)
            else:
                fits = target.enum is not None and set(rule.grades) <= set(target.enum)
            if not fits:
                problems.append(
                    f"rule `{row_check.id}` gives values that `{rule.field}` cannot take"
                )
        return problems

    def _referenced(self) -> set[str]:
        names = {*self.tile_fields}
        for row_check in self.rules:
            names |= {*row_check.check.fields}
        return names | self._drawn_by()

    def _drawn_by(self) -> set[str]:
        """Return the fields whose values pick a symbol, a size or a width."""
        symbol, line = (self.style.symbol, self.style.line) if self.style else (None, None)
        chosen = (
            symbol and symbol.character_field,
            symbol and symbol.size_field,
            line and line.class_field,
        )
        return {name for name in chosen if name}
