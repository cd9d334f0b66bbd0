"""Which encoding a text is in: what is declared where that holds, else UTF-8, else GB 18030."""

import codecs
from collections.abc import Iterable

from yingji_map.domain.errors import InvalidParameter, UnreadableFile
from yingji_map.domain.quality import Note

# GB 18030 contains GBK and GB 2312, with the rare characters of names that those lack.
_CHINESE = {"gbk", "gb2312", "cp936", "936", "hz", "gb18030"}
_BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def known_encoding(name: str) -> str:
    """Return the Python name of an encoding that the operator named.

    Raises
    ------
    InvalidParameter
        There is no such encoding.
    """
    found = declared_encoding(name)
    if found is None:
        raise InvalidParameter(
            parameter="encoding", value=name, reason_zh="没有这种编码", reason_en="no such encoding"
        )
    return found


def declared_encoding(name: str) -> str | None:
    """Return the Python name of an encoding as files declare it, None when it says nothing."""
    plain = name.strip().lower().replace("ansi ", "").replace("oem ", "")
    try:
        found = codecs.lookup("gb18030" if plain in _CHINESE else plain).name
    except LookupError:
        return None
    return "gb18030" if found in _CHINESE else found


def decode_text(content: bytes, file: str, encoding: str | None) -> tuple[str, str, Note | None]:
    """Decode a whole text file.

    Returns
    -------
    tuple
        Text, encoding, and a note where the encoding was inferred.

    Raises
    ------
    UnreadableFile
        Nothing plausible decodes it.
    """
    if encoding is not None:
        candidates = [known_encoding(encoding)]
    else:
        marked = [name for mark, name in _BYTE_ORDER_MARKS.items() if content.startswith(mark)]
        candidates = [*marked, "utf-8", "gb18030"]
    for candidate in candidates:
        try:
            text = content.decode(candidate)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            is_guess = encoding is None and candidate == "gb18030"
            return text.removeprefix("\ufeff"), candidate, inferred(candidate) if is_guess else None
    raise UnreadableFile(
        file=file,
        reason_zh=f"不是 {'、'.join(candidates)} 文本，请用 --encoding 指明编码",
        reason_en=f"not text in {', '.join(candidates)}; name the encoding with --encoding",
    )


def choose_encoding(
    values: Iterable[bytes], declared: str | None, file: str
) -> tuple[str, Note | None]:
    """Choose the encoding under which all of many short texts can be read.

    Raises
    ------
    UnreadableFile
        None does.
    """
    texts = {value for value in values if not value.isascii()}
    if not texts:
        return declared or "utf-8", None
    for candidate in [*([declared] if declared else []), "utf-8", "gb18030"]:
        if all(_is_readable(text, candidate) for text in texts):
            return candidate, None if candidate == declared else _surprise(candidate, declared)
    raise UnreadableFile(
        file=file,
        reason_zh="文字既不是 UTF-8 也不是 GB18030，请用 --encoding 指明编码",
        reason_en="its texts are neither UTF-8 nor GB18030; name the encoding with --encoding",
    )


def decode_cut(value: bytes, encoding: str) -> str:
    """Decode a text whose last character may have been cut by a field of fixed width."""
    return codecs.getincrementaldecoder(encoding)(errors="strict").decode(value, final=False)


def inferred(encoding: str) -> Note:
    """Return the note that an encoding was inferred."""
    return Note(
        zh=f"文件没有说明编码，按 {encoding.upper()} 读取",
        en=f"the file does not state its encoding; read as {encoding.upper()}",
    )


def _surprise(found: str, declared: str | None) -> Note:
    if declared is None:
        return inferred(found)
    return Note(
        zh=f"文件自称 {declared.upper()}，内容却是 {found.upper()}，按后者读取",
        en=f"the file claims {declared.upper()} but holds {found.upper()}; read as the latter",
    )


def _is_readable(value: bytes, encoding: str) -> bool:
    try:
        text = decode_cut(value, encoding)
    except UnicodeDecodeError:
        return False
    return bool(text)  # a lone cut character proves nothing
