"""`yingji layer history|diff|restore|end`: a layer through time, and back."""

import json as json_text
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import shapely
import typer

from yingji_map.cli.moments import parse_moment, parse_version, show_moment
from yingji_map.cli.session import language, opened, print_json, say
from yingji_map.domain.layer_version import ChangeKind, FeatureChange, LayerAct, LayerVersion
from yingji_map.store.history import FeatureVersion

Json = Annotated[bool, typer.Option("--json", help="给程序读的输出 / output for programs")]
LayerId = Annotated[str, typer.Argument(metavar="LAYER", help="图层，如 shelter / layer id")]
Key = Annotated[str, typer.Argument(metavar="KEY", help="要素编号 / business code")]
_ACTS_ZH = {
    LayerAct.IMPORT: "导入",
    LayerAct.EDIT: "编辑",
    LayerAct.END: "终止",
    LayerAct.RESTORE: "恢复",
}
_CHANGES_ZH = {
    ChangeKind.ADDED: "新增",
    ChangeKind.CHANGED: "改变",
    ChangeKind.REDATED: "改期",
    ChangeKind.ENDED: "终止",
}
_MARKS = {
    ChangeKind.ADDED: "+",
    ChangeKind.CHANGED: "~",
    ChangeKind.REDATED: "@",
    ChangeKind.ENDED: "-",
}
_MAX_PRINTED = 200


def show_history(
    layer: LayerId,
    key: Annotated[
        str | None, typer.Argument(metavar="[KEY]", help="要素编号；不给就列出版本 / business code")
    ] = None,
    *,
    limit: Annotated[int, typer.Option(help="最多列几个版本 / versions listed")] = 20,
    json: Json = False,
) -> None:
    """一个图层的各个版本，或一个要素的全部历史 / the versions of a layer, or every row of a feature."""
    if key is None:
        _show_versions(layer, limit, as_json=json)
        return
    with opened() as application:
        versions = application.read_history.run(layer, key)
    if json:
        print_json({"layer": layer, "key": key, "versions": [_document(v) for v in versions]})
    else:
        _print_rows(versions)


def show_difference(  # noqa: PLR0913 - one option each
    layer: LayerId,
    *,
    from_: Annotated[
        str, typer.Option("--from", metavar="VERSION|TIME", help="版本号或带时区的时间 / from when")
    ],
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="VERSION|TIME", help="默认现在 / until when, now by default"),
    ] = None,
    geojson: Annotated[
        Path | None, typer.Option(help="差异另写成 GeoJSON / write the difference", dir_okay=False)
    ] = None,
    with_private: Annotated[
        bool, typer.Option("--with-private", help="GeoJSON 连同责任人等字段 / private fields too")
    ] = False,
    json: Json = False,
) -> None:
    """两个时刻之间：新增、改变（旧值 → 新值）、终止 / what was added, changed, ended."""
    if geojson is not None and not geojson.parent.is_dir():
        message = f"没有这个文件夹：{geojson.parent} / no such folder"
        raise typer.BadParameter(message)
    with opened() as application:
        found = application.diff_layer.run(
            layer, parse_version(from_), None if to is None else parse_version(to)
        )
        if geojson is not None:
            application.diff_layer.write(found, geojson, with_private=with_private)
    if json:
        print_json(
            {
                "layer": layer,
                "from_known_at": found.from_known_at,
                "to_known_at": found.to_known_at,
                "counts": found.counts,
                "changes": [_change_document(change) for change in found.changes],
            }
        )
        return
    for change in found.changes[:_MAX_PRINTED]:
        _print_change(change)
    if len(found.changes) > _MAX_PRINTED:
        more = len(found.changes) - _MAX_PRINTED
        print(f"… {more} {_word('个没有列出，全部见 --json', 'more, all of them with --json')}")
    _print_counts(found.counts)


def restore_layer(
    layer: LayerId,
    *,
    version: Annotated[int | None, typer.Option(help="恢复到第几版 / version")] = None,
    known_at: Annotated[
        str | None, typer.Option(help="恢复到当时所知，带时区 / as it was known then")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="只说会怎样，不写入 / tell, write nothing")
    ] = False,
    json: Json = False,
) -> None:
    """把图层恢复成从前的样子，成为新版本，什么都不删 / make a layer what it was, as a new version."""
    moment: int | datetime | None = version
    if known_at is not None:
        moment = parse_moment(known_at)
    if moment is None or (version is not None and known_at is not None):
        message = "--version 和 --known-at 给其中一个 / give one of --version, --known-at"
        raise typer.BadParameter(message)
    with opened() as application:
        report = application.restore_layer.run(layer, moment, is_dry_run=dry_run)
    if json:
        print_json(asdict(report))
        return
    rows = f"+{report.written} −{report.closed}"
    if not report.written and not report.closed:
        say(f"本来就是这样，仍是第 {report.version} 版", f"Nothing to do, still v{report.version}")
    elif dry_run:
        say(
            f"会成为第 {report.version} 版：{rows} 行，没有写入",
            f"Would be v{report.version}: {rows} rows",
        )
    else:
        say(
            f"已恢复，成为第 {report.version} 版：{rows} 行",
            f"Restored as v{report.version}: {rows} rows",
        )


def end_feature(
    layer: LayerId,
    key: Key,
    *,
    since: Annotated[
        str | None, typer.Option(help="从何时起不再有，带时区；默认现在 / since, with zone")
    ] = None,
    json: Json = False,
) -> None:
    """一个要素到此为止（撤并、销号、搬走），从前的样子仍可查 / a feature ends; its past stays."""
    moment = None if since is None else parse_moment(since)
    with opened() as application:
        done = application.end_feature.run(layer, key, moment)
    if json:
        print_json({"layer": layer, "key": key, **asdict(done)})
    elif done.closed:
        when = show_moment(done.since)
        say(
            f"{key} 到 {when} 为止，图层成为第 {done.version} 版",
            f"{key} ended at {when}, v{done.version}",
        )
    else:
        say(f"{key} 在那之前已经终止，什么都没变", f"{key} had ended before, nothing changed")


def _show_versions(layer: str, limit: int, *, as_json: bool) -> None:
    with opened() as application:
        versions = application.list_versions.run(layer, limit=limit)
    if as_json:
        print_json({"layer": layer, "versions": [_version_document(v) for v in versions]})
        return
    for version in versions:
        act = _word(_ACTS_ZH[version.cause.act], version.cause.act.value)
        number = f" #{version.cause.import_id}" if version.cause.import_id else ""
        past = version.cause.restored_known_at
        source = f" {_word('自', 'of')} {show_moment(past)}" if past else ""
        print(
            f"v{version.version:<5} {show_moment(version.known_at)}  {version.row_count:>7}  "
            f"{version.content_hash[:12]}  {act}{number}{source}"
        )
    if not versions:
        say("还没有数据", "No data yet")


def _version_document(version: LayerVersion) -> dict[str, object]:
    document = asdict(version)
    return {**document, **document.pop("cause")}


def _change_document(change: FeatureChange) -> dict[str, object]:
    before, after = change.before, change.after
    return {
        "key": change.key,
        "change": change.kind.value,
        "fields": {name: {"old": old, "new": new} for name, (old, new) in change.fields.items()},
        "is_moved": change.is_moved,
        "valid_from": {
            "old": before.valid_from if before else None,
            "new": after.valid_from if after else None,
        },
        "geometry": json_text.loads(shapely.to_geojson(change.geometry)),
    }


def _print_change(change: FeatureChange) -> None:
    print(f"{_MARKS[change.kind]} {change.key}")
    for name, (old, new) in change.fields.items():
        print(f"    {name}: {'—' if old is None else old} → {'—' if new is None else new}")
    if change.is_moved:
        print(f"    {_word('位置或形状有变', 'place or shape changed')}")
    if change.kind is ChangeKind.REDATED and change.before and change.after:
        old_time, new_time = (show_moment(s.valid_from, "…") for s in (change.before, change.after))
        print(f"    {_word('何时起为真', 'true since')}: {old_time} → {new_time}")


def _print_counts(counts: dict[str, int]) -> None:
    words = [f"{_word(_CHANGES_ZH[kind], kind.value)} {counts[kind.value]}" for kind in ChangeKind]
    print("  ".join(words))


def _word(zh: str, en: str) -> str:
    return zh if language() == "zh" else en


def _document(version: FeatureVersion) -> dict[str, object]:
    return {
        "row_id": version.row_id,
        "valid_from": version.valid_from,
        "valid_to": version.valid_to,
        "known_from": version.known_from,
        "known_to": version.known_to,
        "import_id": version.import_id,
        "properties": version.values,
        "geometry": json_text.loads(shapely.to_geojson(version.geometry)),
    }


def _print_rows(versions: list[FeatureVersion]) -> None:
    is_zh = language() == "zh"
    still = "至今" if is_zh else "now"
    before: FeatureVersion | None = None
    for version in versions:
        valid = f"{show_moment(version.valid_from, '…')} → {show_moment(version.valid_to, still)}"
        known = f"{show_moment(version.known_from, '…')} → {show_moment(version.known_to, still)}"
        print(f"{'为真' if is_zh else 'valid'} {valid}")
        source = f"{'导入' if is_zh else 'import'} {version.import_id}" if version.import_id else ""
        print(f"  {'得知' if is_zh else 'known'} {known}  {source}")
        for name, value in version.values.items():
            if before is None or before.values[name] != value:
                print(f"    {name} = {'—' if value is None else value}")
        if before is not None and not shapely.equals(before.geometry, version.geometry):
            print(f"    {'位置或形状有变' if is_zh else 'place or shape changed'}")
        before = version
