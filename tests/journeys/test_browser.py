"""A newcomer's walk through the map page in headless Chromium, on the real service."""

import json
import shutil
import urllib.request
import xml.etree.ElementTree as ET
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from tests.journeys.conftest import County

pytestmark = [pytest.mark.browser, pytest.mark.db, pytest.mark.slow]
_CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or "chromium"
_FLAGS = [
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
_CAP = "{urn:oasis:names:tc:emergency:cap:1.2}"
# Where on the canvas the middle of the first rendered feature of a map layer is.
_POINT_OF = """
([layer, level]) => {
  const map = window.__yingjiMap;
  const found = map.queryRenderedFeatures({layers: [layer]})
    .filter((f) => level === null || f.properties.level === level);
  const middle = {x: map.getCanvas().clientWidth / 2, y: map.getCanvas().clientHeight / 2};
  const places = found.map((feature) => {
    const ring = feature.geometry.coordinates[0];
    const lon = ring.reduce((sum, p) => sum + p[0], 0) / ring.length;
    const lat = ring.reduce((sum, p) => sum + p[1], 0) / ring.length;
    return {...map.project([lon, lat]), cell: feature.properties.cell};
  });
  const far = (p) => Math.hypot(p.x - middle.x, p.y - middle.y);
  places.sort((a, b) => far(a) - far(b));
  const box = map.getCanvas().getBoundingClientRect();
  return places.length
    ? {x: box.x + places[0].x, y: box.y + places[0].y, cell: places[0].cell, count: found.length}
    : null;
}
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start the machine's Chromium, drawing in software."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, county: County) -> Iterator[Page]:
    """Open the map page at desk size; any other host asked, any script error, fails the test."""
    context = browser.new_context(viewport={"width": 1600, "height": 1000}, locale="zh-CN")
    page = context.new_page()
    page.set_default_timeout(30_000)
    strangers: list[str] = []
    faults: list[str] = []
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((county.url, "blob:", "data:"))
            else strangers.append(request.url)
        ),
    )
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield page
    context.close()
    assert strangers == []
    assert faults == []


def _open(page: Page, county: County, query: str = "") -> None:
    page.goto(f"{county.url}/{query}")
    page.wait_for_selector("html[data-map-ready=true]")
    _settle(page)


def _settle(page: Page) -> None:
    """Wait until the map has drawn everything it asked for, beginning with the next frame."""
    page.evaluate(
        "() => new Promise((done) => {"
        " const map = window.__yingjiMap;"
        " map.once('idle', done); map.triggerRepaint(); })"
    )


def _get(county: County, path: str) -> dict[str, object]:
    with urllib.request.urlopen(f"{county.url}{path}", timeout=30) as response:
        return dict(json.load(response))


def _cell_on_screen(page: Page, level: int | None) -> dict[str, float | str]:
    found = page.evaluate(_POINT_OF, ["risk-hit", level])
    assert found, f"no cell of level {level} is drawn"
    return dict(found)


def test_a_red_cell_says_why_and_its_parts_add_up(page: Page, county: County) -> None:
    _open(page, county)
    page.get_by_test_id("hazard-landslide").click()
    _settle(page)
    _zoom_to_level(page, county, "landslide", "red")
    place = _cell_on_screen(page, 4)

    page.mouse.click(float(place["x"]), float(place["y"]))

    expect(page.get_by_test_id("why-score")).to_be_visible()
    why = _get(county, f"/v1/risk/cells/{place['cell']}?hazard=landslide")
    score = float(str(why["score"]))
    assert page.get_by_test_id("why-score").inner_text() == f"{score:.2f}"
    assert float(page.get_by_test_id("why-sum").inner_text()) == pytest.approx(score, abs=5e-4)
    assert "红色" in page.get_by_test_id("why-badge").inner_text()
    assert why["recomputes_exactly"] is True


def _zoom_to_level(page: Page, county: County, hazard: str, level: str) -> None:
    """Bring a cell of this level into view; r9 cells are drawn from zoom 12."""
    runs = _get(county, "/v1/risk/runs?limit=1")["runs"]
    assert isinstance(runs, list)
    counts = next(h["counts"] for h in runs[0]["hazards"] if h["hazard"] == hazard)
    assert counts[level] > 0, f"the sample's latest run has no {level} cell for {hazard}"
    coarse = _cell_on_screen(page, 4 if level == "red" else 3)
    page.evaluate(
        "([x, y]) => { const map = window.__yingjiMap;"
        " const box = map.getCanvas().getBoundingClientRect();"
        " map.jumpTo({center: map.unproject([x - box.x, y - box.y]), zoom: 12.4}); }",
        [coarse["x"], coarse["y"]],
    )
    _settle(page)


def test_the_nearest_shelter_is_listed_and_its_route_drawn(page: Page, county: County) -> None:
    _open(page, county)
    _zoom_to_level(page, county, "composite", "orange")
    place = _cell_on_screen(page, None)
    page.mouse.click(float(place["x"]), float(place["y"]))
    expect(page.get_by_test_id("why-panel")).to_be_visible()

    page.get_by_test_id("why-nearest-shelter").click()

    expect(page.get_by_test_id("nearest-result").first).to_be_visible()
    _settle(page)
    drawn = page.evaluate(
        "() => window.__yingjiMap.queryRenderedFeatures({layers: ['route']}).length"
    )
    assert drawn > 0
    assert "分钟" in page.get_by_test_id("nearest-result").first.inner_text()


def test_a_drawn_zone_counts_people_and_becomes_a_cap_message(page: Page, county: County) -> None:
    _open(page, county)
    page.get_by_test_id("tool-draw").click()
    box = page.get_by_test_id("map").bounding_box()
    assert box is not None
    middle_x, middle_y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for dx, dy in ((-120, -90), (120, -90), (120, 90), (-120, 90)):
        page.mouse.click(middle_x + dx, middle_y + dy)
        page.wait_for_timeout(150)
    page.keyboard.press("Enter")
    people = page.get_by_test_id("audience-people")
    expect(people).not_to_have_text("0")

    page.get_by_test_id("level-orange").click()
    page.get_by_test_id("save-draft").click()

    expect(page.get_by_test_id("draft-sheet")).to_be_visible()
    assert "草稿" in page.get_by_test_id("draft-state").inner_text()
    link = page.get_by_test_id("cap-link").get_attribute("href") or ""
    with urllib.request.urlopen(f"{county.url}{link.removeprefix(county.url)}") as response:
        alert = ET.fromstring(response.read())  # noqa: S314 - our own service's answer
    ring = alert.findtext(f".//{_CAP}polygon", "").split()
    assert alert.findtext(f"{_CAP}status") == "Draft"
    assert alert.findtext(f".//{_CAP}language") == "zh-CN"
    assert ring[0] == ring[-1]
    assert all(30 < float(pair.split(",")[0]) < 34 for pair in ring)


def test_the_page_is_whole_on_a_phone(browser: Browser, county: County) -> None:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, locale="zh-CN", has_touch=True
    )
    page = context.new_page()
    _open(page, county)

    width = page.evaluate("() => document.documentElement.scrollWidth")

    assert width <= 390
    expect(page.get_by_test_id("phone-sheet")).to_be_visible()
    context.close()
