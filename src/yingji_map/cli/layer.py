"""`yingji layer …`: the catalogue — which layers there are, whether they are sound."""

from typing import Annotated

import typer

from yingji_map.cli.layer_data import export_layer, import_layer
from yingji_map.cli.layer_sync import synchronise
from yingji_map.cli.layer_time import end_feature, restore_layer, show_difference, show_history
from yingji_map.cli.moments import show_moment
from yingji_map.cli.session import EXIT_REFUSED, language, opened, print_json, say
from yingji_map.ingest.definitions import find_faults, read_catalogue
from yingji_map.ingest.models import find_model_faults
from yingji_map.services.list_layers import LayerListing
from yingji_map.settings import Settings

app = typer.Typer(help="图层：看、查、导入、导出 / layers and their data", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="给程序读的输出 / output for programs")]
LayerId = Annotated[str, typer.Argument(metavar="LAYER", help="图层，如 shelter / layer id")]


@app.command(name="list")
def list_layers(*, json: Json = False) -> None:
    """列出图层和要素个数 / list the layers and how much they hold."""
    with opened() as application:
        listings = application.list_layers.run()
    if json:
        print_json({"layers": [_summary(listing) for listing in listings]})
        return
    for listing in listings:
        definition, state = listing.definition, listing.state
        count = state.row_count if state else 0
        title = definition.title.zh if language() == "zh" else definition.title.en
        print(f"{definition.kind:<10} {definition.id:<20} {count:>7}  {title}")


@app.command()
def show(layer: LayerId, *, json: Json = False) -> None:
    """查看一个图层的定义和现状 / show one layer, its definition and state."""
    with opened() as application:
        listing = application.list_layers.one(layer)
    if json:
        document = listing.definition.model_dump(mode="json")
        print_json({**_summary(listing), "definition": document})
    else:
        _print_layer(listing)


@app.command()
def validate(*, json: Json = False) -> None:
    """检查全部图层和风险模型，指出文件和行 / check every definition, naming file and line."""
    layers_dir = Settings().layers_dir
    files, faults = find_faults(layers_dir)
    # Models are held against the layers they name only when these are sound.
    models, model_faults = find_model_faults(
        layers_dir, {} if faults else read_catalogue(layers_dir)
    )
    files, faults = [*files, *models], [*faults, *model_faults]
    if json:
        print_json(
            {
                "files": len(files),
                "faults": [
                    {
                        "file": fault.fields["file"],
                        "line": fault.fields["line"],
                        "reason": {
                            "zh": fault.fields["reason_zh"],
                            "en": fault.fields["reason_en"],
                        },
                    }
                    for fault in faults
                ],
            }
        )
    else:
        for fault in faults:
            print(f"✗ {fault.text(language())}")
        say(
            f"{len(files)} 个文件，{len(faults)} 处问题",
            f"{len(files)} files, {len(faults)} faults",
        )
    if faults:
        raise typer.Exit(EXIT_REFUSED)


@app.command()
def apply(*, json: Json = False) -> None:
    """按定义建表、补字段 / make the store ready for every definition."""
    with opened() as application:
        done = application.apply_layers.run()
    if json:
        print_json(done)
        return
    for layer_id, steps in done.items():
        if steps:
            print(f"{layer_id}: {', '.join(steps)}")
    changed = sum(bool(steps) for steps in done.values())
    say(f"{len(done)} 个图层，改动 {changed} 个", f"{len(done)} layers, {changed} changed")


app.command(name="import")(import_layer)
app.command(name="export")(export_layer)
app.command(name="sync")(synchronise)
app.command(name="history")(show_history)
app.command(name="diff")(show_difference)
app.command(name="restore")(restore_layer)
app.command(name="end")(end_feature)


def _summary(listing: LayerListing) -> dict[str, object]:
    definition, state = listing.definition, listing.state
    return {
        "id": definition.id,
        "kind": definition.kind.value,
        "title": definition.title.model_dump(),
        "geometry": definition.geometry.value if definition.geometry else "raster",
        "count": state.row_count if state else 0,
        "version": state.version if state else 0,
        "updated_at": state.updated_at if state and state.version else None,
        "bounds": state.bounds if state else None,
        "is_applied": state is not None,
    }


def _print_layer(listing: LayerListing) -> None:
    is_zh = language() == "zh"
    definition, state = listing.definition, listing.state
    title, about = definition.title, definition.description
    print(f"{definition.id}  {title.zh if is_zh else title.en}")
    print(about.zh if is_zh else about.en)
    for field in definition.fields:
        marks = [
            *(["key"] if field.name == definition.key else []),
            *(["required"] if field.required else []),
            *(["private"] if field.private else []),
            *([" | ".join(field.enum)] if field.enum else []),
        ]
        name = field.title.zh if is_zh else field.title.en
        print(f"  {field.name:<28} {field.type:<9} {name} {field.unit or ''}  {' · '.join(marks)}")
    if state is None:
        say("还没有建表：yingji layer apply", "no table yet: yingji layer apply")
    else:
        updated = show_moment(state.updated_at if state.version else None, "—")
        print(f"v{state.version}  {state.row_count}  {updated}")
