"""`yingji layer sync`: bring a layer up to date from the collections of other bureaus."""

from dataclasses import asdict
from typing import Annotated

import typer

from yingji_map.cli.import_report import print_document
from yingji_map.cli.session import language, opened, print_json, say
from yingji_map.services.synchronise_layer import SyncRequest, SyncResult


def synchronise(  # noqa: PLR0913 - one option each
    layer: Annotated[str, typer.Argument(metavar="LAYER", help="图层，如 shelter / layer id")],
    *,
    source: Annotated[
        str | None, typer.Option(help="只同步这个来源；不给就全部 / one source only")
    ] = None,
    whole: Annotated[
        bool, typer.Option("--whole", help="不问变更，整层重读 / read everything again")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="只读只检查，不写入 / judge, write nothing")
    ] = False,
    listing: Annotated[
        bool, typer.Option("--list", help="列出以往的同步 / list what was synchronised")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="给程序读的输出 / for programs")] = False,
) -> None:
    """按图层定义里的 federation，从下级或邻县的接口取来变更 / take what other bureaus changed."""
    request = SyncRequest(layer_id=layer, source_id=source, is_whole=whole, is_dry_run=dry_run)
    with opened() as application:
        if listing:
            records = application.synchronise_layer.list(layer)
            print_json([asdict(record) for record in records])
            return
        results = application.synchronise_layer.run(request, say)
    if json:
        print_json([_document(result) for result in results])
        return
    for result in results:
        _print(result)


def _document(result: SyncResult) -> dict[str, object]:
    return {
        "source": result.source.id,
        "collection": result.source.collection,
        "source_version": result.delivery.source_version,
        "is_whole": result.delivery.is_whole,
        "report": None if result.report is None else result.report.document(),
    }


def _print(result: SyncResult) -> None:
    is_zh = language() == "zh"
    title = result.source.title.zh if is_zh else result.source.title.en
    if result.report is None:
        print(f"{title}：没有变更" if is_zh else f"{title}: nothing has changed")
        return
    way = (
        ("整层" if result.delivery.is_whole else "变更")
        if is_zh
        else ("whole" if result.delivery.is_whole else "changes")
    )
    print(f"{title}（{way}）" if is_zh else f"{title} ({way})")
    print_document(result.report.document())
