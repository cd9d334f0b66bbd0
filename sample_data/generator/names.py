"""Plausible Chinese place names: two characters that go together in the hills of northern Sichuan."""

from collections.abc import Iterator

import numpy as np

_FIRST = "石青黄白红双龙凤金银松柏桂梨桃杨柳竹枫楠檬茶盐磨铁铜水清泉罗陈李王赵张何马鹿虎鹰燕鹤云雾月星天古新大小高长平安永福寿仁义和"
_SECOND = "门坪坝岭垭湾沟溪河桥池塘井泉洞岩崖坡梁山顶口嘴滩林树园田坎寨庙观台楼房院墩包窝"
_BAD = {"石门", "大河", "小河", "安门", "和门"}


def unused_names(rng: np.random.Generator) -> Iterator[str]:
    """Yield two-character names in random order, each once."""
    names = [a + b for a in _FIRST for b in _SECOND if a + b not in _BAD and a != b]
    for index in rng.permutation(len(names)):
        yield names[index]


def anonymous(prefix: str, number: int) -> str:
    """Return a person who plainly does not exist."""
    return f"{prefix}{number:04d}"


def dead_phone(number: int) -> str:
    """Return a telephone number that no network can assign."""
    return f"000-0000-{number:04d}"
