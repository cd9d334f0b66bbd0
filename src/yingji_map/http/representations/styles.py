"""MapLibre styles: one layer, or the whole map."""

from yingji_map.bootstrap import Application
from yingji_map.domain.appearance import Appearance
from yingji_map.domain.errors import NotReady
from yingji_map.domain.palette import ThemeName
from yingji_map.engine.risk_tiles import MAX_ZOOM as RISK_MAX_ZOOM
from yingji_map.publish.maplibre_style import ground, label_styles, layer_styles, relief

Document = dict[str, object]
MAP_STYLE = "yingji"
_TERRAIN_MAX_ZOOM = 12


def style_document(
    application: Application, style_id: str, theme: ThemeName, base_url: str
) -> Document:
    """Return the style of one layer or of the cells of one hazard."""
    appearance = application.render_styles.appearance(style_id, theme)
    sources: Document = {appearance.layer_id: _source(application, appearance, base_url, None)}
    layers = [*layer_styles(appearance), *label_styles(appearance)]
    for layer in layers:  # who asks for one layer wants to see it
        layer["layout"] = {**_layout_of(layer), "visibility": "visible"}
    return _document(appearance.title.zh, sources, layers, f"{base_url}/styles/sprite/{theme}")


def map_document(application: Application, theme: ThemeName, base_url: str) -> Document:
    """Return the whole map as the page draws it: ground, risk, relief, lines, symbols, names."""
    styles = application.render_styles
    listings = {listing.definition.id: listing for listing in application.list_layers.run()}
    states = {layer_id: listing.state for layer_id, listing in listings.items()}
    drawn = [
        appearance
        for appearance in styles.appearances(theme)
        if (state := states[appearance.layer_id]) is not None and state.row_count
    ]
    colours = styles.palette.theme(theme)
    sources: Document = {}
    for appearance in drawn:
        state = states[appearance.layer_id]
        bounds = None if state is None else state.bounds
        sources[appearance.layer_id] = _source(application, appearance, base_url, bounds)
    below = [layer for each in drawn for layer in layer_styles(each) if layer["type"] == "fill"]
    above = [layer for each in drawn for layer in layer_styles(each) if layer["type"] != "fill"]
    risk = _latest_risk(application, theme)
    risk_layers = [] if risk is None else layer_styles(risk)
    if risk is not None:
        sources[risk.layer_id] = _source(application, risk, base_url, None)
    shading = []
    if _has_terrain(application):
        sources["dem"] = {
            "type": "raster-dem",
            "tiles": [f"{base_url}/tiles/dem/{{z}}/{{x}}/{{y}}.png"],
            "encoding": "terrarium",
            "tileSize": 256,
            "maxzoom": _TERRAIN_MAX_ZOOM,
        }
        shading = [relief(colours)]
    lines = [layer for layer in above if layer["type"] == "line"]
    points = [layer for layer in above if layer["type"] != "line"]
    names = [layer for each in drawn for layer in label_styles(each)]
    layers = [ground(colours), *below, *risk_layers[:1], *shading, *lines, *risk_layers[1:]]
    sprite = f"{base_url}/styles/sprite/{theme}"
    document = _document("应急一张图", sources, [*layers, *points, *names], sprite)
    county = states.get("county")
    return document | _camera(None if county is None else county.bounds)


def _latest_risk(application: Application, theme: ThemeName) -> Appearance | None:
    try:
        run = application.list_runs.one()
    except NotReady:
        return None
    known = application.render_styles.hazards()
    hazard = next((name for name in known if any(s.hazard == name for s in run.hazards)), None)
    return None if hazard is None else application.render_styles.appearance(f"risk_{hazard}", theme)


def _has_terrain(application: Application) -> bool:
    try:
        application.serve_terrain.in_force()
    except NotReady:
        return False
    return True


def _source(
    application: Application,
    appearance: Appearance,
    base_url: str,
    bounds: tuple[float, float, float, float] | None,
) -> Document:
    definition = application.catalogue.get(appearance.layer_id)
    if definition is None:
        hazard = appearance.layer_id.removeprefix("risk_")
        tiles = f"{base_url}/tiles/risk/{hazard}/{{z}}/{{x}}/{{y}}.pbf"
        return {"type": "vector", "tiles": [tiles], "minzoom": 0, "maxzoom": RISK_MAX_ZOOM}
    return {
        "type": "vector",
        "tiles": [f"{base_url}/tiles/{definition.id}/{{z}}/{{x}}/{{y}}.pbf"],
        "minzoom": definition.tiles.minzoom,
        "maxzoom": definition.tiles.maxzoom,
        "attribution": definition.source.publisher,
        **({} if bounds is None else {"bounds": list(bounds)}),
    }


def _document(title: str, sources: Document, layers: list[Document], sprite: str) -> Document:
    # No `glyphs`: names are Chinese, and every program that draws the map has a font for them.
    return {"version": 8, "name": title, "sprite": sprite, "sources": sources, "layers": layers}


def _camera(bounds: tuple[float, float, float, float] | None) -> Document:
    if bounds is None:
        return {}
    west, south, east, north = bounds
    return {"center": [round((west + east) / 2, 4), round((south + north) / 2, 4)], "zoom": 9}


def _layout_of(layer: Document) -> Document:
    layout = layer.get("layout")
    return layout if isinstance(layout, dict) else {}
