"""The families of refusals: what `http/problems.py` and the command line tell apart."""

from typing import ClassVar


class YingjiError(Exception):
    """Base of all refusals: a stable `code`, facts as keyword fields, texts in two languages."""

    code: ClassVar[str] = "error"
    title_zh: ClassVar[str] = "出错"
    title_en: ClassVar[str] = "Error"
    zh: ClassVar[str] = "{reason}"
    en: ClassVar[str] = "{reason}"

    def __init__(self, **fields: object) -> None:
        self.fields: dict[str, object] = fields
        super().__init__(self.text("en"))

    def text(self, language: str) -> str:
        """Return the sentence in `zh` or `en`."""
        template = self.zh if language == "zh" else self.en
        return template.format_map(_Fields(self.fields, language))


class _Fields(dict[str, object]):
    """Template fields: `<name>_<language>` wins over `<name>`, a missing one shows as …."""

    def __init__(self, fields: dict[str, object], language: str) -> None:
        super().__init__(fields)
        self._language = language

    def __getitem__(self, key: str) -> object:
        localised = f"{key}_{self._language}"
        return self.get(localised, self.get(key, "…"))


class InvalidInput(YingjiError):
    """What was handed in cannot be used as it is."""

    code = "invalid-input"
    title_zh, title_en = "输入有误", "Invalid input"


class NotFound(YingjiError):
    """The thing asked for is not here."""

    code = "not-found"
    title_zh, title_en = "没有找到", "Not found"


class Conflict(YingjiError):
    """The request contradicts the present state."""

    code = "conflict"
    title_zh, title_en = "与现状冲突", "Conflict"


class PreconditionFailed(YingjiError):
    """The state that the request was made for has passed."""

    code = "precondition-failed"
    title_zh, title_en = "前提已不成立", "Precondition failed"


class Unauthenticated(YingjiError):
    """Who asks has not been shown."""

    code = "unauthenticated"
    title_zh, title_en = "需要身份", "Unauthenticated"


class Forbidden(YingjiError):
    """It is not allowed, whoever asks."""

    code = "forbidden"
    title_zh, title_en = "不允许", "Forbidden"


class Unavailable(YingjiError):
    """A part that must answer does not."""

    code = "unavailable"
    title_zh, title_en = "暂不可用", "Unavailable"
