"""Another service's OGC API collection → GeoJSON file: page by page, or what changed only."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import urljoin, urlsplit

import httpx2 as httpx
import shapely
from shapely.geometry.base import BaseGeometry

from yingji_map.domain.errors import SourceUnusable
from yingji_map.domain.federation import Delivery, FederatedSource

PAGE_SIZE = 1000
_TIMEOUT_S = 30.0
_MAX_ANSWER_BYTES = 256 * 2**20
_MAX_PAGES = 100_000
_HTTP_NOT_FOUND, _HTTP_CONFLICT = 404, 409
_CHANGES_REL = "changes"
_JSON = {"Accept": "application/geo+json, application/json;q=0.9"}

Document = dict[str, Any]
Counted = Callable[[int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to take: the features in an area (EPSG:4490; None is all), their fields by our names."""

    source: FederatedSource
    area: BaseGeometry | None = None

    @property
    def our_names(self) -> Mapping[str, str]:
        """Our field by their name for it."""
        return {theirs: ours for ours, theirs in self.source.fields.items()}


def fetch_collection(
    wanted: Wanted, since: int | None, path: Path, counted: Counted = lambda _count: None
) -> Delivery:
    """Write what a collection holds, or what changed after its version `since`, to a GeoJSON file.

    Changes are asked for only where the collection links to them (`rel=changes`); when the service
    no longer knows that version, or too much has changed, everything is read.

    Parameters
    ----------
    counted
        Told the number of features so far, page by page.

    Raises
    ------
    SourceUnusable
        No answer, not JSON, an endless chain of pages, or a page on another host.
    """
    with httpx.Client(timeout=_TIMEOUT_S, headers=_JSON, follow_redirects=False) as client:
        reader = _Reader(client=client, source=wanted.source)
        collection = reader.document(wanted.source.collection)
        changes = _linked(collection, _CHANGES_REL, wanted.source.collection)
        if changes is not None and since is not None:
            found = reader.changes(changes, since)
            if found is not None:
                inside = [each for each in found["features"] if _is_wanted(each, wanted)]
                _write(path, _renamed(inside, wanted), counted)
                left = {str(key) for key in found["ended"]} | _keys(found["features"])
                ended = tuple(sorted(left - _keys(inside)))
                return _delivery(wanted, found["version"], is_whole=False, ended=ended)
        # The version is asked before the pages: what changes meanwhile comes again next time.
        version = reader.version(changes) if changes is not None else None
        all_of_it = (each for each in reader.features(wanted.area) if _is_wanted(each, wanted))
        _write(path, _renamed(all_of_it, wanted), counted)
        return _delivery(wanted, version, is_whole=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    """Asks one service, and takes nothing but what was asked for."""

    client: httpx.Client
    source: FederatedSource

    def document(self, address: str) -> Document:
        document = self._get(address, allowed=())
        assert document is not None  # noqa: S101 - no refusal was allowed
        return document

    def changes(self, address: str, since: int) -> Document | None:
        """Return what changed, None when that is not told."""
        refusals = (_HTTP_NOT_FOUND, _HTTP_CONFLICT)
        found = self._get(f"{address}?since={since}", allowed=refusals)
        if found is None:
            return None
        fits = (
            isinstance(found.get("features"), list)
            and isinstance(found.get("ended"), list)
            and isinstance(found.get("version"), int)
        )
        if not fits:
            raise self._unusable(address, "变更清单的结构不对", "the list of changes is malformed")
        return found

    def version(self, changes: str) -> int | None:
        found = self._get(changes, allowed=(_HTTP_NOT_FOUND,))
        version = None if found is None else found.get("version")
        return version if isinstance(version, int) else None

    def features(self, area: BaseGeometry | None) -> Iterator[Document]:
        """Follow the pages; each once, all on the host that the layer names."""
        address = f"{self.source.collection}/items?limit={PAGE_SIZE}"
        if area is not None:
            address += "&bbox=" + ",".join(f"{edge:.7f}" for edge in area.bounds)
        seen: set[str] = set()
        while address:
            if address in seen or len(seen) >= _MAX_PAGES:
                raise self._unusable(address, "分页没有尽头", "its pages never end")
            seen.add(address)
            page = self.document(address)
            features = page.get("features")
            if not isinstance(features, list):
                raise self._unusable(address, "不是要素集合", "is no feature collection")
            yield from features
            address = _linked(page, "next", address) or ""
            if address and urlsplit(address)[:2] != urlsplit(self.source.collection)[:2]:
                raise self._unusable(
                    address, "下一页在另一台主机上", "its next page is on another host"
                )

    def _get(self, address: str, allowed: tuple[int, ...]) -> Document | None:
        try:
            with self.client.stream("GET", address) as response:
                if response.status_code in allowed:
                    return None
                if response.status_code != httpx.codes.OK:
                    status = response.status_code
                    raise self._unusable(address, f"答复 {status}", f"it answered {status}")
                document = json.loads(self._body(address, response))
        except httpx.HTTPError as error:
            name = type(error).__name__
            raise self._unusable(address, f"连不上（{name}）", f"no answer ({name})") from error
        except ValueError as error:
            raise self._unusable(address, "答复不是 JSON", "it is no JSON") from error
        if not isinstance(document, dict):
            raise self._unusable(address, "答复不是 JSON 对象", "it is no JSON object")
        return document

    def _body(self, address: str, response: httpx.Response) -> bytes:
        body = bytearray()
        for piece in response.iter_bytes():
            body += piece
            if len(body) > _MAX_ANSWER_BYTES:
                raise self._unusable(address, "一页太大", "one page is too large")
        return bytes(body)

    def _unusable(self, address: str, zh: str, en: str) -> SourceUnusable:
        return SourceUnusable(source=self.source.id, address=address, reason_zh=zh, reason_en=en)


def _delivery(
    wanted: Wanted, version: int | None, *, is_whole: bool, ended: tuple[str, ...] = ()
) -> Delivery:
    return Delivery(source=wanted.source, source_version=version, is_whole=is_whole, ended=ended)


def _linked(document: Document, rel: str, here: str) -> str | None:
    links = document.get("links")
    for link in links if isinstance(links, list) else []:
        href = link.get("href") if isinstance(link, dict) and link.get("rel") == rel else None
        if isinstance(href, str):
            return urljoin(here, href)
    return None


def _is_wanted(feature: object, wanted: Wanted) -> bool:
    """Tell whether it is a feature that touches the area; the import judges what cannot be read."""
    if not isinstance(feature, dict):
        return False
    if wanted.area is None:
        return True
    try:
        shape = shapely.from_geojson(json.dumps(feature.get("geometry")))
    except shapely.GEOSException:
        return True
    return bool(shape.intersects(wanted.area))


def _renamed(features: Iterable[Document], wanted: Wanted) -> Iterator[Document]:
    """Call their fields by our names."""
    ours = wanted.our_names
    for feature in features:
        properties = feature.get("properties") or {}
        named = {ours.get(name, name): value for name, value in properties.items()}
        yield {"type": "Feature", "geometry": feature.get("geometry"), "properties": named}


def _keys(features: Iterable[Document]) -> set[str]:
    return {str(feature.get("id")) for feature in features}


def _write(path: Path, features: Iterable[Document], counted: Counted) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write('{"type": "FeatureCollection", "features": [')
        _write_features(file, features, counted)
        file.write("]}")


def _write_features(file: IO[str], features: Iterable[Document], counted: Counted) -> None:
    count = 0
    for count, feature in enumerate(features, start=1):
        file.write("," if count > 1 else "")
        json.dump(feature, file, ensure_ascii=False)
        if count % PAGE_SIZE == 0:
            counted(count)
    counted(count)
