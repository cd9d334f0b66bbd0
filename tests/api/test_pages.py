"""Pages for people: built files and nothing else, with a policy that keeps them on this host."""

import json
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from yingji_map.web import pages


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """Return a client of pages whose build is in a folder of this test."""
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "app" / "assets").mkdir(parents=True)
    for name in ("index.html", "docs.html", "assets/worker-1.mjs"):
        (tmp_path / "app" / name).write_text(name)
    monkeypatch.setattr(pages, "APP_DIR", tmp_path / "app")
    app = FastAPI(docs_url=None)
    app.include_router(pages.router)
    return TestClient(app)


@pytest.mark.parametrize(("address", "file"), [("/", "index.html"), ("/docs", "docs.html")])
def test_a_page_may_talk_to_this_host_only(client: TestClient, address: str, file: str) -> None:
    answer = client.get(address)

    policy = answer.headers["content-security-policy"]
    assert answer.text == file
    assert policy.startswith("default-src 'self';")
    assert "http" not in policy


def test_a_module_worker_is_javascript_and_kept_for_good(client: TestClient) -> None:
    answer = client.get("/assets/worker-1.mjs")

    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize("name", ["..%2Findex.html", "..%2F..%2Fsecret.txt", "absent.js"])
def test_only_built_files_are_given(client: TestClient, name: str) -> None:
    assert client.get(f"/assets/{name}").status_code == 404


def test_an_unbuilt_page_says_what_to_run(client: TestClient) -> None:
    (pages.APP_DIR / "index.html").unlink()

    answer = client.get("/")

    assert answer.status_code == 503
    assert "make frontend" in answer.text


def test_pages_written_by_the_server_find_the_built_script_and_its_styles(
    client: TestClient,
) -> None:
    manifest = {
        "src/browse.ts": {"file": "assets/browse-1.js", "imports": ["_map.js"]},
        "_map.js": {"file": "assets/map-1.js", "css": ["assets/map-1.css"]},
    }
    (pages.APP_DIR / "manifest.json").write_text(json.dumps(manifest))

    script = client.get("/browse.js", follow_redirects=False)
    styles = client.get("/browse.css", follow_redirects=False)

    # Relative, so that a proxy's prefix stays before them.
    assert (script.status_code, script.headers["location"]) == (307, "assets/browse-1.js")
    assert (styles.status_code, styles.headers["location"]) == (307, "assets/map-1.css")


def test_without_a_build_there_is_no_script(client: TestClient) -> None:
    assert client.get("/browse.js").status_code == 404
    assert client.get("/browse.css").status_code == 404
