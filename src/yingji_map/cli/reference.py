"""Generated files: schemas and reference pages, so that they cannot drift from the code."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from pydantic import BaseModel, TypeAdapter

from yingji_map.domain.errors import YingjiError
from yingji_map.domain.layer import LayerDefinition
from yingji_map.domain.layer_rule import GradeRule, ProductRule
from yingji_map.domain.palette import Palette
from yingji_map.domain.risk_model import CompositeModel, RiskModel
from yingji_map.ingest.definitions import read_catalogue
from yingji_map.ingest.palette import read_palette
from yingji_map.settings import Settings

_HEAD = "<!-- Made by `make bless`; edit the source, not this page. -->\n\n"


def render_all(root: Path) -> dict[Path, str]:
    """Return every generated file of the checkout at `root` with the text it should have."""
    makers: dict[str, Callable[[], str]] = {
        "schemas/layer.schema.json": lambda: _schema(LayerDefinition.model_json_schema()),
        "schemas/risk_model.schema.json": lambda: _schema(
            TypeAdapter(RiskModel | CompositeModel).json_schema()
        ),
        "schemas/palette.schema.json": lambda: _schema(Palette.model_json_schema()),
        "frontend/src/design/palette.json": lambda: _schema(
            read_palette(root / "layers", {}).model_dump(mode="json")
        ),
        "docs/reference/layers.md": lambda: _layers_page(root / "layers"),
        "docs/reference/errors.md": _errors_page,
        "docs/reference/settings.md": _settings_page,
    }
    return {root / name: make() for name, make in makers.items()}


def _schema(document: dict[str, object]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def _layers_page(layers_dir: Path) -> str:
    parts = [f"# Layers\n\n{_HEAD}"]
    for definition in read_catalogue(layers_dir).values():
        geometry = definition.geometry.value if definition.geometry else "raster"
        parts.append(
            f"## `{definition.id}` {definition.title.zh}\n\n"
            f"{definition.title.en} · {definition.kind} · {geometry} · {definition.access}. "
            f"{definition.description.zh}。{definition.description.en}.\n\n"
        )
        if definition.fields:
            parts += [
                "| field | 名称 | type | unit | rules | also read from |\n",
                "|---|---|---|---|---|---|\n",
            ]
            parts += [_field_row(definition, name) for name in (f.name for f in definition.fields)]
            parts.append("\n")
        if definition.raster:
            low, high = definition.raster.valid_range
            parts.append(f"Unit {definition.raster.unit}, valid from {low:g} to {high:g}.\n\n")
            classes = definition.raster.classes.items()
            parts += [f"- {code}: {title.zh} {title.en}\n" for code, title in classes]
            parts += ["\n"] if classes else []
    return "".join(parts).rstrip() + "\n"


def _field_row(definition: LayerDefinition, name: str) -> str:
    field = definition.field(name)
    assert field is not None  # noqa: S101 - the name comes from the definition
    rules = [
        *(["key"] if name == definition.key else []),
        *(["required"] if field.required else []),
        *(["private"] if field.private else []),
        *(["additive"] if field.additive else []),
        *(["computed when empty"] if name in _computed(definition) else []),
        *(["、".join(field.enum)] if field.enum else []),
        *([f"{field.range[0]} … {field.range[1]}"] if field.range else []),
    ]
    cells = (
        f"`{name}`",
        field.title.zh,
        field.type,
        field.unit or "",
        "; ".join(rules),
        "、".join(field.aliases),
    )
    return "| " + " | ".join(cells) + " |\n"


def _computed(definition: LayerDefinition) -> set[str]:
    rules = (row_check.check for row_check in definition.rules)
    return {rule.field for rule in rules if isinstance(rule, GradeRule | ProductRule)}


def _errors_page() -> str:
    rows = [
        f"| `{error.code}` | {error.title_zh} | {error.title_en} | {_family(error)} |\n"
        for error in sorted(set(_subclasses(YingjiError)), key=lambda error: error.code)
    ]
    head = (
        "# Problem codes\n\n"
        + _HEAD
        + "The `type` of a problem document is `/problems/<code>`.\n\n"
        "| code | 标题 | title | family |\n|---|---|---|---|\n"
    )
    return head + "".join(rows)


def _family(error: type[YingjiError]) -> str:
    return error.__mro__[error.__mro__.index(YingjiError) - 1].__name__


def _subclasses(base: type[YingjiError]) -> Iterator[type[YingjiError]]:
    for child in base.__subclasses__():
        yield child
        yield from _subclasses(child)


def _settings_page() -> str:
    rows = "".join(
        f"| `{name}` | {default} | {description} |\n"
        for name, default, description in _settings_of(Settings, "YINGJI_")
    )
    return (
        f"# Settings\n\n{_HEAD}Environment variables, read once at start. `YINGJI_LANGUAGE` "
        f"(`zh` or `en`) chooses the words of the command line; without it the locale does.\n\n| variable | default | meaning |\n|---|---|---|\n{rows}"
    )


def _settings_of(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, str, str]]:
    for name, field in model.model_fields.items():
        variable = f"{prefix}{name.upper()}"
        if isinstance(field.default, BaseModel):
            yield from _settings_of(type(field.default), f"{variable}__")
            continue
        is_plain = field.default_factory is None and field.default is not None
        yield variable, f"`{field.default}`" if is_plain else "–", field.description or ""
