"""Every data set of a folder or zip → the layer it belongs to, one import each."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from yingji_map.domain.errors import (
    FolderUndecided,
    ImportRefused,
    InvalidParameter,
    LayerNotFound,
    NotReady,
    StoreUnavailable,
    YingjiError,
)
from yingji_map.domain.folder_import import FileOutcome, FolderReport, OutcomeState
from yingji_map.domain.layer import LayerDefinition
from yingji_map.domain.layer_rule import WithinRule
from yingji_map.ingest.data_sets import DataSet, LeftOut, find_data_sets
from yingji_map.ingest.formats import read_source
from yingji_map.ingest.layer_matching import LayerMatch, match_layer
from yingji_map.ingest.source import ReadOptions, SourceTable
from yingji_map.services.import_layer import ImportLayer, ImportRequest, Progress

LEAVE_OUT = "-"
_SHOWN = 8
_NOT_WANTED = LeftOut(name="", reason_zh="按要求跳过", reason_en="left out as asked")


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderRequest:
    """Which folder or zip is imported, and how its files are meant.

    Attributes
    ----------
    choices
        Layer by the name of a data set, or by its title alone; `-` leaves it out.
    how
        What holds for every file; its `path` and `layer_id` are filled in.
    """

    place: Path
    choices: Mapping[str, str] = field(default_factory=dict)
    how: ImportRequest = field(default_factory=lambda: ImportRequest(path=Path(), layer_id=""))


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportFolder:
    """Import whatever a bureau keeps in one folder; each file by the rules of `ImportLayer`."""

    import_layer: ImportLayer

    def run(
        self, request: FolderRequest, progress: Progress = lambda _zh, _en: None
    ) -> FolderReport:
        """Find the files, match them to layers, import one after another.

        Layers that others are checked against come first. A refused file stops no other one.

        Raises
        ------
        FolderUndecided
            A file fits no layer, or several; nothing is imported before all are decided.
        InvalidParameter
            A choice names a file that is not there.
        LayerNotFound
            A choice names a layer that is not there.
        UnreadableFile
            It is no folder and no intact zip.
        """
        with _found(request.place) as (data_sets, left_out):
            progress(f"找到 {len(data_sets)} 份数据", f"Found {len(data_sets)} data sets")
            chosen = self._chosen(request.choices, data_sets)
            unwanted = [one for one in data_sets if chosen.get(one.shown) == LEAVE_OUT]
            left_out += [replace(_NOT_WANTED, name=one.shown) for one in unwanted]
            wanted = [one for one in data_sets if one not in unwanted]
            matched, outcomes = self._matched(wanted, chosen, request.how)
            for number, (one, match) in enumerate(matched, start=1):
                step = f"[{number}/{len(matched)}] {one.shown} → {match.layer_id}"
                progress(step, step)
                outcomes.append(self._import(one, match, request.how))
        return FolderReport(
            place=request.place.name,
            files=tuple(outcomes),
            left_out=tuple((item.name, item.reason_zh, item.reason_en) for item in left_out),
            is_dry_run=request.how.is_dry_run,
        )

    @property
    def _catalogue(self) -> dict[str, LayerDefinition]:
        return self.import_layer.catalogue

    def _chosen(self, choices: Mapping[str, str], data_sets: list[DataSet]) -> dict[str, str]:
        """Return the operator's word by the shown name of a data set."""
        chosen: dict[str, str] = {}
        for name, layer_id in choices.items():
            definition = self._catalogue.get(layer_id)
            if layer_id != LEAVE_OUT and (definition is None or definition.is_raster):
                raise LayerNotFound(layer=layer_id)
            meant = [one for one in data_sets if name in (one.shown, one.name, one.title)]
            if not meant:
                raise InvalidParameter(
                    parameter="as",
                    value=name,
                    reason_zh="没有这个文件",
                    reason_en="there is no such file",
                )
            chosen |= {one.shown: layer_id for one in meant}
        return chosen

    def _matched(
        self, wanted: list[DataSet], chosen: Mapping[str, str], how: ImportRequest
    ) -> tuple[list[tuple[DataSet, LayerMatch]], list[FileOutcome]]:
        """Return what is to be imported, in order, and what could not even be read."""
        matched: list[tuple[DataSet, LayerMatch]] = []
        unread: list[FileOutcome] = []
        undecided: list[tuple[DataSet, LayerMatch]] = []
        for one in wanted:
            if one.shown in chosen:
                choice = LayerMatch(layer_id=chosen[one.shown], matched_by="choice")
                matched.append((one, choice))
                continue
            try:
                match = match_layer(one.title, self._catalogue, partial(_rows, one, how))
            except YingjiError as error:
                unread.append(_refusal(one, LayerMatch(), error))
                continue
            (matched if match.layer_id else undecided).append((one, match))
        _refuse_undecided(undecided)
        ranks = {layer_id: rank for rank, layer_id in enumerate(self._order())}
        matched.sort(key=lambda pair: ranks[pair[1].layer_id or ""])
        return matched, unread

    def _order(self) -> list[str]:
        """Return layer ids so that each comes after those it is checked against."""
        order: dict[str, None] = {}

        def visit(layer_id: str, above: tuple[str, ...] = ()) -> None:
            for row_check in self._catalogue[layer_id].rules:
                rule = row_check.check
                if isinstance(rule, WithinRule) and rule.layer not in (*above, layer_id):
                    visit(rule.layer, (*above, layer_id))
            order[layer_id] = None

        for layer_id in sorted(self._catalogue):
            visit(layer_id)
        return list(order)

    def _import(self, one: DataSet, match: LayerMatch, how: ImportRequest) -> FileOutcome:
        request = replace(
            how,
            path=one.path,
            layer_id=match.layer_id or "",
            source_layer=one.source_layer or how.source_layer,
        )
        try:
            report = self.import_layer.run(request).document()
        except StoreUnavailable:
            raise  # the files that follow would fare no better
        except NotReady as error:
            state = OutcomeState.WAITING if how.is_dry_run else OutcomeState.REFUSED
            return replace(_refusal(one, match, error), state=state)
        except YingjiError as error:
            return _refusal(one, match, error)
        return FileOutcome(
            name=one.shown,
            layer_id=match.layer_id,
            matched_by=match.matched_by,
            state=OutcomeState.ACCEPTED,
            report=report,
        )


@contextmanager
def _found(place: Path) -> Iterator[tuple[list[DataSet], list[LeftOut]]]:
    with tempfile.TemporaryDirectory(prefix="yingji-folder-") as scratch:
        yield find_data_sets(place, Path(scratch))


def _rows(one: DataSet, how: ImportRequest) -> SourceTable:
    options = ReadOptions(
        crs=how.crs, encoding=how.encoding, source_layer=one.source_layer or how.source_layer
    )
    return read_source(one.path, options)


def _refusal(one: DataSet, match: LayerMatch, error: YingjiError) -> FileOutcome:
    report = error.fields["report"] if isinstance(error, ImportRefused) else None
    reason = {"code": error.code, "reason": {"zh": error.text("zh"), "en": error.text("en")}}
    return FileOutcome(
        name=one.shown,
        layer_id=match.layer_id,
        matched_by=match.matched_by,
        state=OutcomeState.REFUSED,
        report=report if isinstance(report, dict) else reason,
    )


def _refuse_undecided(undecided: list[tuple[DataSet, LayerMatch]]) -> None:
    if not undecided:
        return
    told = {
        language: "；".join(
            f"{one.shown}（{reason}{'：' if match.candidates else ''}{'、'.join(match.candidates)}）"
            for one, match in undecided[:_SHOWN]
            for reason in [match.reason_zh if language == "zh" else match.reason_en]
        )
        for language in ("zh", "en")
    }
    raise FolderUndecided(
        count=len(undecided),
        first_zh=told["zh"],
        first_en=told["en"],
        files=[
            {
                "file": one.shown,
                "candidates": list(match.candidates),
                "reason": {"zh": match.reason_zh, "en": match.reason_en},
            }
            for one, match in undecided
        ],
    )
