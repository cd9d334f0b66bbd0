"""Refusals about layers, their rows, versions and edits."""

from yingji_map.domain.errors.base import (
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    PreconditionFailed,
    Unauthenticated,
    Unavailable,
)


class LayerNotFound(NotFound):
    """No layer has this id: `layer`."""

    code = "layer-not-found"
    title_zh, title_en = "没有这个图层", "Layer not found"
    zh = "没有图层“{layer}”。可用图层见 /ogc/collections"
    en = "No layer “{layer}”. See /ogc/collections for those available"


class StyleNotFound(NotFound):
    """There is no symbol or style of this name: `style`."""

    code = "style-not-found"
    title_zh, title_en = "没有这个符号", "Symbol not found"
    zh = "没有符号“{style}”；名称见 /styles/sprite/day.json"
    en = "No symbol “{style}”; /styles/sprite/day.json lists them"


class DownloadTooLarge(InvalidInput):
    """More features than one file may hold: `layer`, `count`, `limit`."""

    code = "download-too-large"
    title_zh, title_en = "要下载的太多", "Too much to download"
    zh = "图层 {layer} 选中了 {count} 个要素，一个文件至多 {limit} 个；请用 bbox 或 filter 缩小范围"
    en = "{count} features of layer {layer} are asked for, a file holds {limit}; narrow it by bbox or filter"


class DownloadAbandoned(Unavailable):
    """Nobody waits for the file any more: `layer`."""

    code = "download-abandoned"
    title_zh, title_en = "下载已取消", "Download abandoned"
    zh = "图层 {layer} 的下载没有人在等了，已停止"
    en = "Nobody waits for the file of layer {layer} any more; it was not made"


class FeatureNotFound(NotFound):
    """No current feature has this key: `layer`, `feature`."""

    code = "feature-not-found"
    title_zh, title_en = "没有这个要素", "Feature not found"
    zh = "图层 {layer} 里没有要素“{feature}”"
    en = "Layer {layer} has no feature “{feature}”"


class VersionNotFound(NotFound):
    """The layer has no such version, or had nothing at that time: `layer`, `version`."""

    code = "version-not-found"
    title_zh, title_en = "没有这个版本", "Version not found"
    zh = "图层 {layer} 没有版本“{version}”。可用版本见 yingji layer history {layer}"
    en = "Layer {layer} has no version “{version}”. See yingji layer history {layer}"


class DestructiveChange(Conflict):
    """A definition would destroy stored columns or types: `layer`, `reason_zh`, `reason_en`."""

    code = "destructive-change"
    title_zh, title_en = "改动会丢数据", "Destructive change"
    zh = "图层 {layer}：{reason}。只接受新增字段；没有改动任何表"
    en = "Layer {layer}: {reason}. Only additions are accepted; no table was changed"


class FeatureExists(Conflict):
    """A feature with this key is there already: `layer`, `feature`."""

    code = "feature-exists"
    title_zh, title_en = "编号已被占用", "Feature exists"
    zh = "图层 {layer} 里已有要素“{feature}”；要修改请用 PUT 或 PATCH"
    en = "Layer {layer} already has a feature “{feature}”; change it with PUT or PATCH"


class FeatureChanged(PreconditionFailed):
    """Someone else changed the feature first: `layer`, `feature`."""

    code = "feature-changed"
    title_zh, title_en = "要素已被改过", "Feature changed meanwhile"
    zh = "要素“{feature}”已被别人改过；没有保存，请重新读取后再改"
    en = "Feature “{feature}” was changed meanwhile; nothing was saved, read it again"


class EditRefused(InvalidInput):
    """A feature breaks its layer's rules, nothing was written: `layer`, `first`, `findings`."""

    code = "edit-refused"
    title_zh, title_en = "编辑被拒", "Edit refused"
    zh = "图层 {layer}：{first}；没有保存"
    en = "Layer {layer}: {first}; nothing was saved"


class EditingDisabled(Forbidden):
    """Nobody may edit: the installation has no editing token."""

    code = "editing-disabled"
    title_zh, title_en = "没有开启编辑", "Editing is disabled"
    zh = "本服务没有开启编辑；管理员设置 YINGJI_EDITING__TOKEN 后才可编辑"
    en = "Editing is disabled here; it takes the setting YINGJI_EDITING__TOKEN"


class TokenRequired(Unauthenticated):
    """An edit came without the token, or with another one."""

    code = "token-required"
    title_zh, title_en = "需要令牌", "Token required"
    zh = "编辑要带令牌：Authorization: Bearer …"
    en = "Editing takes the token: Authorization: Bearer …"


class IdempotencyKeyReused(Conflict):
    """The same key came with another content: `key`."""

    code = "idempotency-key-reused"
    title_zh, title_en = "幂等键已用过", "Idempotency key reused"
    zh = "Idempotency-Key“{key}”已用于另一份内容；没有保存，请换一个键"
    en = "Idempotency-Key “{key}” was used for other content; nothing was saved, use a new key"


class ChangesNotListed(Conflict):
    """What changed since a version cannot be told as a list: `layer`, `since`, `reason_zh`, `reason_en`."""

    code = "changes-not-listed"
    title_zh, title_en = "变更列不出来", "Changes cannot be listed"
    zh = "图层 {layer} 自第 {since} 版以来的变更列不出来：{reason}；请整层读取"
    en = "What changed in {layer} since version {since} cannot be listed: {reason}; read all of it"


class SourceUnusable(Unavailable):
    """Another service's collection cannot be taken: `source`, `address`, `reason_zh`, `reason_en`."""

    code = "source-unusable"
    title_zh, title_en = "对方的数据取不来", "Source cannot be used"
    zh = "来源 {source}（{address}）：{reason}。什么也没有写入"
    en = "Source {source} ({address}): {reason}. Nothing was written"
