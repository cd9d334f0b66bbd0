"""The error tree: public codes, two languages, four families."""

import re

from yingji_map.domain import errors
from yingji_map.domain.errors import YingjiError


def _all(base: type[YingjiError] = YingjiError) -> list[type[YingjiError]]:
    return [sub for child in base.__subclasses__() for sub in (child, *_all(child))]


def test_every_code_is_kebab_case_and_used_once() -> None:
    codes = [error.code for error in _all()]

    assert len(codes) == len(set(codes))
    assert all(re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", code) for code in codes)


def test_every_error_has_titles_and_texts_in_both_languages() -> None:
    for error in _all():
        assert re.search(r"[一-鿿]", error.title_zh), error
        assert error.title_en.isascii(), error
        assert error.zh
        assert error.en


def test_a_field_with_a_language_wins_over_the_plain_one() -> None:
    error = errors.InvalidParameter(parameter="k", value=0, reason_zh="太小", reason_en="too small")

    assert error.text("zh") == "参数 k = 0：太小"
    assert error.text("en") == "Parameter k = 0: too small"


def test_a_forgotten_field_does_not_hide_the_error() -> None:
    assert "…" in errors.LayerNotFound().text("zh")
