"""SVG as PNG, with the Chinese font of this machine."""

import re
import sys
from functools import lru_cache
from pathlib import Path

import resvg_py

from yingji_map.domain.errors import NotReady

_FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.local/share/fonts",
    "~/.fonts",
    "/Library/Fonts",
    "/System/Library/Fonts",
)
_WINDOWS_FOLDERS = ("C:/Windows/Fonts",)
# In the order of preference; regular and bold are looked for by themselves.
_FAMILIES = (
    r"NotoSansCJK(sc)?-{weight}",
    r"NotoSansSC-{weight}",
    r"SourceHanSans(SC|CN)?-{weight}",
    r"PingFang",
    r"wqy-(microhei|zenhei)",
    r"DroidSansFallback(Full)?",
    r"msyh(bd)?",
    r"simhei",
)
_SUFFIXES = {".ttc", ".otf", ".ttf"}


def svg_to_png(svg: str, *, zoom: float = 1) -> bytes:
    """Return the picture of an SVG document at `zoom` times its size.

    Raises
    ------
    NotReady
        This machine has no font with Chinese: text would be missing without a word.
    """
    has_text = "<text" in svg
    fonts = _chinese_fonts() if has_text else ()
    if has_text and not fonts:
        raise NotReady(
            what_zh="含中文的字体",
            what_en="font with Chinese",
            fix="apt-get install fonts-noto-cjk",
        )
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg,
            zoom=zoom,
            skip_system_fonts=True,
            font_files=[str(path) for path in fonts],
        )
    )


@lru_cache(maxsize=1)
def _chinese_fonts() -> tuple[Path, ...]:
    names = _WINDOWS_FOLDERS if sys.platform == "win32" else _FOLDERS
    folders = [Path(name).expanduser() for name in names]
    files = sorted(
        path
        for folder in folders
        if folder.is_dir()
        for path in folder.rglob("*")
        if path.suffix.lower() in _SUFFIXES
    )
    found = [_first(files, weight) for weight in ("Regular", "Bold")]
    return tuple(dict.fromkeys(path for path in found if path is not None))


def _first(files: list[Path], weight: str) -> Path | None:
    for family in _FAMILIES:
        pattern = re.compile(family.format(weight=weight), re.IGNORECASE)
        match = next((path for path in files if pattern.fullmatch(path.stem)), None)
        if match is not None:
            return match
    return None
