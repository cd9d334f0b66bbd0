"""One declaration, four ways to write it down: all of them say the same colours, sizes and classes."""

import json
import re
from io import BytesIO
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import rasterio
from lxml import etree
from starlette.testclient import TestClient

from yingji_map.bootstrap import Application
from yingji_map.domain.appearance import Appearance, Part
from yingji_map.domain.layer import Access
from yingji_map.domain.palette import Colour, ThemeName, colour_of
from yingji_map.publish.legend import legend_rows
from yingji_map.publish.maplibre_style import WIDTH_STEPS
from yingji_map.publish.qgis_symbol import MM_PER_PX

pytestmark = [
    pytest.mark.db,
    pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning"),
]
NS = {
    "sld": "http://www.opengis.net/sld",
    "se": "http://www.opengis.net/se",
    "ogc": "http://www.opengis.net/ogc",
    "xlink": "http://www.w3.org/1999/xlink",
}
THEMES = [ThemeName.DAY, ThemeName.NIGHT]
Facts = dict[str | None, tuple[Any, ...]]


def _styled(application: Application) -> list[str]:
    styles = application.render_styles
    layers = [appearance.layer_id for appearance in styles.appearances(ThemeName.DAY)]
    return [*layers, *(f"risk_{hazard}" for hazard in styles.hazards())]


def _key(value: object) -> str | None:
    return None if value is None else str(value)


def _declared(appearance: Appearance) -> Facts:
    """Return, by class: fill with opacity, line colour with opacity and width, symbol and size."""
    return {_key(part.value): _facts_of(part) for part in appearance.parts}


def _facts_of(part: Part) -> tuple[Any, ...]:
    fill = part.area.fill if part.area and part.area.fill.alpha else None
    stroke = part.stroke
    return (
        None if fill is None else _rounded(fill),
        None if stroke is None else (_rounded(stroke.colour), round(stroke.width_px, 2)),
        None if part.mark is None else part.mark.name,
    )


def _rounded(colour: Colour) -> tuple[str, float]:
    return colour.hex, round(colour.alpha, 2)


# --- MapLibre ---


def _evaluate(expression: Any, properties: dict[str, Any], zoom: float) -> Any:
    """Evaluate what our styles use of MapLibre's expressions, as its specification says."""
    if not isinstance(expression, list):
        return expression
    operator, *rest = expression
    if operator == "match":
        given = _evaluate(rest[0], properties, zoom)
        pairs = list(zip(rest[1:-1:2], rest[2:-1:2], strict=True))
        chosen = next((out for label, out in pairs if label == given), rest[-1])
        return _evaluate(chosen, properties, zoom)
    if operator == "get":
        return properties.get(rest[0])
    if operator == "step":
        chosen = rest[1]
        for at, out in zip(rest[2::2], rest[3::2], strict=True):
            chosen = out if zoom >= at else chosen
        return _evaluate(chosen, properties, zoom)
    assert operator == "interpolate", expression
    stops = list(zip(rest[2::2], rest[3::2], strict=True))
    for (low, first), (high, second) in pairwise(stops):
        if low <= zoom <= high:
            share = (zoom - low) / (high - low)
            ends = [_evaluate(end, properties, zoom) for end in (first, second)]
            return ends[0] + share * (ends[1] - ends[0])
    raise AssertionError(expression)


def _maplibre(document: dict[str, Any], appearance: Appearance) -> Facts:
    layers = {layer["id"]: layer for layer in document["layers"]}
    name = appearance.layer_id
    line = layers.get(f"{name}-outline") or (
        layers.get(name) if layers.get(name, {}).get("type") == "line" else None
    )
    fill, symbol = layers.get(f"{name}-fill"), layers.get(name)
    facts: Facts = {}
    for part in appearance.parts:
        is_text_state = name.startswith("risk_") and isinstance(part.value, str)
        properties = {} if part.value is None else {appearance.field: part.value}
        painted = None if fill is None or is_text_state else fill["paint"]
        area = stroke = mark = None
        if painted is not None:
            area = (
                _evaluate(painted["fill-color"], properties, 13),
                round(_evaluate(painted["fill-opacity"], properties, 13), 2),
            )
        if line is not None and not is_text_state:
            colour = colour_of(_evaluate(line["paint"]["line-color"], properties, 13))
            by = 1 if name.startswith("risk_") else WIDTH_STEPS[-1][1]
            width = _evaluate(line["paint"]["line-width"], properties, 13) / by
            stroke = (_rounded(colour), round(width, 2))
        if symbol is not None and symbol["type"] == "symbol":
            mark = _evaluate(symbol["layout"]["icon-image"], properties, 13)
        elif symbol is not None and symbol["type"] == "circle":
            mark = name
        facts[_key(part.value)] = (area, stroke, mark)
    return facts


# --- QML ---


def _options(layer: Any) -> dict[str, str]:
    return {o.get("name"): o.get("value") for o in layer.findall("Option/Option")}


def _qgis_colour(text: str) -> tuple[str, float]:
    red, green, blue, alpha = (int(part) for part in text.split(","))
    return f"#{red:02x}{green:02x}{blue:02x}", round(alpha / 255, 2)


def _qml(text: bytes, appearance: Appearance, symbols: dict[str, str]) -> Facts:
    root = etree.fromstring(text)
    renderer = root.find("renderer-v2")
    drawn = {symbol.get("name"): symbol for symbol in renderer.findall("symbols/symbol")}
    if renderer.get("type") == "singleSymbol":
        by_class = {None: drawn["0"]}
    elif renderer.get("type") == "categorizedSymbol":
        assert renderer.get("attr") == appearance.field
        by_class = {
            category.get("value") or None: drawn[category.get("symbol")]
            for category in renderer.findall("categories/category")
        }
    else:
        by_class = {
            re.sub(r'^"\w+" = |\'', "", rule.get("filter")): drawn[rule.get("symbol")]
            for rule in renderer.findall("rules/rule")
        }
    return {key: _qml_facts(symbol, appearance, symbols) for key, symbol in by_class.items()}


def _qml_facts(symbol: Any, appearance: Appearance, symbols: dict[str, str]) -> tuple[Any, ...]:
    fill = stroke = mark = None
    for layer in symbol.findall("layer"):
        options = _options(layer)
        match layer.get("class"):
            case "SimpleFill":
                fill = _qgis_colour(options["color"]) if options["style"] == "solid" else None
            case "SimpleLine" if options["offset"] == "0":
                width = round(float(options["line_width"]) / MM_PER_PX, 2)
                stroke = (_qgis_colour(options["line_color"]), width)
            case "SvgMarker":
                mark = symbols[options["name"]]
                assert float(options["size"]) / MM_PER_PX == pytest.approx(28, abs=0.01)
            case "SimpleMarker":
                mark = appearance.layer_id
    return fill, stroke, mark


# --- SLD ---


def _parameters(element: Any) -> dict[str, str]:
    return {p.get("name"): p.text for p in element.findall("se:SvgParameter", NS)}


def _sld(text: bytes, appearance: Appearance) -> Facts:
    facts: Facts = {}
    for rule in etree.fromstring(text).iterfind(".//se:Rule", NS):
        if rule.findtext("se:Name", None, NS) == "label":
            continue
        value = (
            rule.findtext(".//ogc:Literal", None, NS)
            if rule.find("ogc:Filter", NS) is not None
            else None
        )
        fill = stroke = mark = None
        plain = rule.find("se:PolygonSymbolizer/se:Fill", NS)
        if plain is not None and (found := _parameters(plain)):
            fill = found["fill"], round(float(found["fill-opacity"]), 2)
        for line in rule.findall("se:LineSymbolizer", NS):
            found = _parameters(line.find("se:Stroke", NS))
            if line.find("se:PerpendicularOffset", NS) is None:
                colour = found["stroke"], round(float(found["stroke-opacity"]), 2)
                stroke = colour, round(float(found["stroke-width"]), 2)
        graphic = rule.find("se:PointSymbolizer/se:Graphic", NS)
        if graphic is not None:
            resource = graphic.find(".//se:OnlineResource", NS)
            href = None if resource is None else resource.get(f"{{{NS['xlink']}}}href")
            mark = appearance.layer_id if href is None else href.split("/")[-1].removesuffix(".svg")
        facts[value] = (fill, stroke, mark)
    return facts


@pytest.mark.parametrize("theme", THEMES)
def test_all_four_forms_say_the_same(
    application: Application, client: TestClient, theme: ThemeName
) -> None:
    from yingji_map.publish.qgis_symbol import embedded_svg  # noqa: PLC0415

    for style_id in _styled(application):
        appearance = application.render_styles.appearance(style_id, theme)
        embedded = {embedded_svg(mark): mark.name for mark in appearance.marks}
        query = f"?theme={theme}"

        style = client.get(f"/styles/{style_id}.json{query}").json()
        qml = client.get(f"/styles/{style_id}.qml{query}").content
        sld = client.get(f"/styles/{style_id}.sld{query}").content

        declared = _declared(appearance)
        assert _maplibre(style, appearance) == declared, style_id
        assert _qml(qml, appearance, embedded) == declared, style_id
        assert _sld(sld, appearance) == declared, style_id


@pytest.mark.parametrize("theme", THEMES)
def test_legends_show_the_colours_of_the_map(
    application: Application, client: TestClient, theme: ThemeName
) -> None:
    land = colour_of(application.render_styles.palette.theme(theme).land)

    for style_id in _styled(application):
        appearance = application.render_styles.appearance(style_id, theme)
        answer = client.get(f"/legend/{style_id}.png?theme={theme}&ratio=4")
        with rasterio.open(BytesIO(answer.content)) as picture:
            pixels = picture.read([1, 2, 3])

        for row in legend_rows(appearance, language="zh"):
            x, y = (round(place * 4) for place in row.middle)
            box = pixels[:, y - 28 : y + 28, x - 64 : x + 64].reshape(3, -1).T
            assert _is_in(box, _expected(row.part, land)), (style_id, row.text)


def _expected(part: Part, land: Colour) -> Colour:
    """Return a colour that the swatch of a part must hold."""
    if part.mark is not None:
        return colour_of(part.mark.colours.ink)
    if part.area is not None and part.area.fill.alpha:
        return _over(part.area.fill, land)
    if part.area is not None and part.area.ink is not None:
        return _over(part.area.ink, land)
    assert part.stroke is not None
    under = land if part.stroke.casing is None else _over(part.stroke.casing.colour, land)
    return _over(part.stroke.colour, under)


def _over(colour: Colour, ground: Colour) -> Colour:
    mixed = [
        round(colour.alpha * top + (1 - colour.alpha) * below)
        for top, below in zip(
            (colour.red, colour.green, colour.blue),
            (ground.red, ground.green, ground.blue),
            strict=True,
        )
    ]
    return Colour(*mixed)


def _is_in(pixels: np.ndarray[Any, Any], colour: Colour) -> bool:
    wanted = np.array([colour.red, colour.green, colour.blue])
    distance = np.abs(pixels.astype(int) - wanted).max(axis=1)
    # Rounding of blended channels may be off by one or two.
    return int(distance.min()) <= 3


def test_symbols_come_as_pictures_that_stand_on_the_sprite_and_in_every_style(
    application: Application, client: TestClient
) -> None:
    sheet = client.get("/styles/sprite/day.json").json()
    twice = client.get("/styles/sprite/day@2x.json").json()
    names = {m.name for a in application.render_styles.appearances(ThemeName.DAY) for m in a.marks}

    assert names <= sheet.keys()
    for name in sorted(names):
        svg = client.get(f"/symbols/{name}.svg")
        root = etree.fromstring(svg.content)
        assert svg.headers["content-type"] == "image/svg+xml"
        assert root.get("width") == "28"
        assert "currentColor" not in svg.text
    with rasterio.open(BytesIO(client.get("/styles/sprite/day@2x.png").content)) as picture:
        alpha = picture.read(4)
    for name, place in twice.items():
        x, y, side = place["x"], place["y"], place["width"]
        assert side == 2 * sheet[name]["width"]
        assert alpha[y : y + side, x : x + side].max() > 0, name


def test_the_whole_map_follows_the_host_that_the_client_spoke_to(client: TestClient) -> None:
    headers = {
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "map.example.cn",
        "X-Forwarded-Prefix": "/yj",
    }

    text = client.get("/styles/yingji.json", headers=headers).text

    style = json.loads(text)
    addresses = set(re.findall(r'"(https?://[^"]*)"', text))
    assert style["version"] == 8
    assert addresses
    assert all(address.startswith("https://map.example.cn/yj/") for address in addresses)
    assert {layer["source"] for layer in style["layers"] if "source" in layer} <= set(
        style["sources"]
    )
    sheet = client.get("/styles/sprite/day.json").json()
    images = re.findall(r'"((?:shelter|pattern)-?[\w-]*)"', json.dumps(style["layers"]))
    assert {name for name in images if "-" in name and "label" not in name} <= sheet.keys()


def test_the_whole_map_leaves_out_layers_without_rows(client: TestClient) -> None:
    sources = client.get("/styles/yingji.json").json()["sources"]

    assert {"shelter", "settlement", "township", "road"} <= sources.keys()
    assert "reservoir" not in sources


def test_styles_are_not_sent_twice(client: TestClient) -> None:
    for path in (
        "/styles/shelter.qml",
        "/symbols/pattern-dots.svg",
        "/legend/risk.png",
        "/symbols/shelter-907f.svg",
    ):
        first = client.get(path)

        second = client.get(path, headers={"If-None-Match": first.headers["etag"]})

        assert (first.status_code, second.status_code) == (200, 304), path


@pytest.mark.parametrize(
    "path", ["/styles/nowhere.qml", "/styles/dem.json", "/styles/risk_nothing.sld", "/legend/x.png"]
)
def test_unknown_styles_are_refused(client: TestClient, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code == 404
    assert answer.json()["type"] == "/problems/layer-not-found"


def test_unknown_symbols_are_refused(client: TestClient) -> None:
    answer = client.get("/symbols/shelter-0000.svg")

    assert answer.status_code == 404
    assert answer.json()["type"] == "/problems/style-not-found"


def test_names_in_a_qgis_style_are_chinese_and_private_fields_are_not_among_them(
    application: Application, client: TestClient
) -> None:
    definition = application.catalogue["shelter"]

    root = etree.fromstring(client.get("/styles/shelter.qml").content)

    named = {alias.get("field"): alias.get("name") for alias in root.iterfind("aliases/alias")}
    private = {field.name for field in definition.fields if field.private}
    assert private
    assert not private & named.keys()
    assert named["capacity_persons"].endswith("（人）")
    assert definition.access is Access.PUBLIC
