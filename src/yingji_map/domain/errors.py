"""Every refusal the product can utter, with its stable public code and its text in two languages.

::

    YingjiError
    ├── InvalidInput    InvalidDefinition, InvalidParameter, InvalidGeometry, UnreadableFile,
    │                   UnknownCrs, CrsNotConvertible, ImportRefused, RasterRefused,
    │                   PlaceOutOfReach, InvalidAlert, BackupDamaged, BackupTooNew,
    │                   EditRefused, PlaceCutOff
    ├── NotFound        LayerNotFound, FeatureNotFound, RunNotFound, HazardNotFound,
    │                   CellNotFound, WarningNotFound, ImportNotFound, VersionNotFound,
    │                   ClosureNotFound
    ├── Conflict        DestructiveChange, RunInputsChanged, WarningNotEditable,
    │                   WarningChanged, IdempotencyKeyReused, StoreNotEmpty, StoreInUse,
    │                   FeatureExists
    ├── PreconditionFailed  FeatureChanged
    ├── Unauthenticated TokenRequired
    ├── Forbidden       EditingDisabled
    └── Unavailable     StoreUnavailable, ClusterUnavailable, NotReady, AddressInUse,
                        SampleNotMade, BackupFailed, ToolMissing

A subclass declares its fields and two text templates (`zh`, `en`) over those fields; callers pass
facts, never sentences. Nothing here knows a status code: `http/problems.py` maps the families.

Over budget: one catalogue, read as a table; split, its codes could collide unseen.
"""

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


class InvalidDefinition(InvalidInput):
    """A YAML definition breaks its schema: `file`, `line`, `reason`."""

    code = "invalid-definition"
    title_zh, title_en = "定义文件有误", "Invalid definition"
    zh = "{file} 第 {line} 行：{reason}"
    en = "{file} line {line}: {reason}"


class InvalidParameter(InvalidInput):
    """A request parameter is out of its domain: `parameter`, `value`, `reason_zh`, `reason_en`."""

    code = "invalid-parameter"
    title_zh, title_en = "参数有误", "Invalid parameter"
    zh = "参数 {parameter} = {value}：{reason}"
    en = "Parameter {parameter} = {value}: {reason}"


class InvalidGeometry(InvalidInput):
    """A geometry is not usable: `reason_zh`, `reason_en`, optionally `lon`, `lat` of the fault."""

    code = "invalid-geometry"
    title_zh, title_en = "图形有误", "Invalid geometry"
    zh = "图形不可用：{reason}"
    en = "Geometry cannot be used: {reason}"


class UnreadableFile(InvalidInput):
    """A file cannot be read as what it claims to be: `file`, `reason_zh`, `reason_en`."""

    code = "unreadable-file"
    title_zh, title_en = "文件读不了", "Unreadable file"
    zh = "{file}：{reason}"
    en = "{file}: {reason}"


class UnknownCrs(InvalidInput):
    """A file does not say its coordinate system: `file`, `candidates`, `hint_zh`, `hint_en`."""

    code = "unknown-crs"
    title_zh, title_en = "坐标系不明", "Unknown coordinate system"
    zh = (
        "{file} 没有坐标系说明（缺 .prj 或 CRS）。{hint}请问清楚再用 --crs 指明，"
        "例如 --crs EPSG:4490；没有写入任何数据"
    )
    en = (
        "{file} does not state its coordinate system (no .prj or CRS). {hint}Ask, then name it "
        "with --crs, for example --crs EPSG:4490; nothing was written"
    )


class CrsNotConvertible(InvalidInput):
    """A coordinate system has no known way to CGCS2000: `file`, `crs`."""

    code = "crs-not-convertible"
    title_zh, title_en = "坐标系转不了", "Coordinate system cannot be converted"
    zh = (
        "{file} 的坐标系 {crs} 转到 CGCS2000 需要当地转换参数，硬转会偏出上百米。"
        "请先用测绘部门的参数转换；没有写入任何数据"
    )
    en = (
        "{file}: turning {crs} into CGCS2000 takes local parameters; without them places would be "
        "off by a hundred metres. Convert it with the surveyors' parameters first; "
        "nothing was written"
    )


class ImportRefused(InvalidInput):
    """Rows break the layer's rules, nothing was written: `layer`, `refused`, `read`, `first`."""

    code = "import-refused"
    title_zh, title_en = "导入被拒", "Import refused"
    zh = "图层 {layer}：读到 {read} 行，{refused} 行不合规，没有写入任何数据。首个问题：{first}"
    en = "Layer {layer}: {read} rows read, {refused} refused, nothing was written. First: {first}"


class RasterRefused(InvalidInput):
    """A raster breaks its layer's rules, nothing was written: `file`, `reason_zh`, `reason_en`."""

    code = "raster-refused"
    title_zh, title_en = "栅格被拒", "Raster refused"
    zh = "{file}：{reason}；没有写入任何数据"
    en = "{file}: {reason}; nothing was written"


class PlaceOutOfReach(InvalidInput):
    """A place lies too far from any road to answer: `lon`, `lat`, `distance_m`, `limit_m`."""

    code = "place-out-of-reach"
    title_zh, title_en = "离路太远", "Too far from the road network"
    zh = "{lon}, {lat} 离最近道路 {distance_m} 米，超过上限 {limit_m} 米，无法按路网计算"
    en = "{lon}, {lat} is {distance_m} m from the nearest road, beyond the limit of {limit_m} m"


class PlaceCutOff(InvalidInput):
    """Every road near a place is closed: `lon`, `lat`, `limit_m`."""

    code = "place-cut-off"
    title_zh, title_en = "周围道路都已封闭", "All roads around are closed"
    zh = "{lon}, {lat} 周围 {limit_m} 米内能走的路都封了。要看不封路时的答案：closures=none"
    en = (
        "All usable roads within {limit_m} m of {lon}, {lat} are closed. "
        "For the answer without closures: closures=none"
    )


class InvalidAlert(InvalidInput):
    """A CAP message breaks the standard or contradicts itself: `first_zh`, `first_en`, `faults`."""

    code = "invalid-alert"
    title_zh, title_en = "CAP 消息有误", "Invalid CAP alert"
    zh = "CAP 消息不合规：{first}"
    en = "The CAP alert is not acceptable: {first}"


class BackupDamaged(InvalidInput):
    """A backup file is not what was written: `file`, `reason_zh`, `reason_en`."""

    code = "backup-damaged"
    title_zh, title_en = "备份文件已损坏", "Backup damaged"
    zh = "{file}：{reason}。请换一份备份；现有数据没有改动"
    en = "{file}: {reason}. Use another backup; nothing was changed"


class BackupTooNew(InvalidInput):
    """A backup was written by a newer program: `file`, `revision`, `newest`."""

    code = "backup-too-new"
    title_zh, title_en = "备份比程序新", "Backup too new"
    zh = "{file} 的表结构 {revision} 比本程序的 {newest} 新。请先升级程序；现有数据没有改动"
    en = (
        "{file} has schema {revision}, this program knows {newest}. Upgrade it; nothing was changed"
    )


class EditRefused(InvalidInput):
    """A feature breaks its layer's rules, nothing was written: `layer`, `first`, `findings`."""

    code = "edit-refused"
    title_zh, title_en = "编辑被拒", "Edit refused"
    zh = "图层 {layer}：{first}；没有保存"
    en = "Layer {layer}: {first}; nothing was saved"


class NotFound(YingjiError):
    """The thing asked for is not here."""

    code = "not-found"
    title_zh, title_en = "没有找到", "Not found"


class LayerNotFound(NotFound):
    """No layer has this id: `layer`."""

    code = "layer-not-found"
    title_zh, title_en = "没有这个图层", "Layer not found"
    zh = "没有图层“{layer}”。可用图层见 /ogc/collections"
    en = "No layer “{layer}”. See /ogc/collections for those available"


class FeatureNotFound(NotFound):
    """No current feature has this key: `layer`, `feature`."""

    code = "feature-not-found"
    title_zh, title_en = "没有这个要素", "Feature not found"
    zh = "图层 {layer} 里没有要素“{feature}”"
    en = "Layer {layer} has no feature “{feature}”"


class RunNotFound(NotFound):
    """No such risk run: `run`."""

    code = "run-not-found"
    title_zh, title_en = "没有这次运行", "Run not found"
    zh = "没有风险运行“{run}”"
    en = "No risk run “{run}”"


class HazardNotFound(NotFound):
    """The run does not hold this hazard: `hazard`, `run`."""

    code = "hazard-not-found"
    title_zh, title_en = "没有这个灾种", "Hazard not found"
    zh = "运行 {run} 里没有灾种“{hazard}”。可用灾种见 /v1/risk/models"
    en = "Run {run} has no hazard “{hazard}”. See /v1/risk/models for those available"


class CellNotFound(NotFound):
    """The cell is not part of the run: `cell`, `run`."""

    code = "cell-not-found"
    title_zh, title_en = "没有这个格网", "Cell not found"
    zh = "运行 {run} 里没有格网 {cell}"
    en = "Run {run} has no cell {cell}"


class WarningNotFound(NotFound):
    """No such warning: `warning`."""

    code = "warning-not-found"
    title_zh, title_en = "没有这条预警", "Warning not found"
    zh = "没有预警“{warning}”"
    en = "No warning “{warning}”"


class VersionNotFound(NotFound):
    """The layer has no such version, or had nothing at that time: `layer`, `version`."""

    code = "version-not-found"
    title_zh, title_en = "没有这个版本", "Version not found"
    zh = "图层 {layer} 没有版本“{version}”。可用版本见 yingji layer history {layer}"
    en = "Layer {layer} has no version “{version}”. See yingji layer history {layer}"


class ImportNotFound(NotFound):
    """No import has this number: `import_id`."""

    code = "import-not-found"
    title_zh, title_en = "没有这次导入", "Import not found"
    zh = "没有第 {import_id} 次导入"
    en = "No import {import_id}"


class ClosureNotFound(NotFound):
    """No such closure: `closure`."""

    code = "closure-not-found"
    title_zh, title_en = "没有这个封路", "Closure not found"
    zh = "没有编号为“{closure}”的封路，见 /v1/closures"
    en = "No closure “{closure}”; see /v1/closures"


class Conflict(YingjiError):
    """The request contradicts the present state."""

    code = "conflict"
    title_zh, title_en = "与现状冲突", "Conflict"


class DestructiveChange(Conflict):
    """A definition would destroy stored columns or types: `layer`, `reason_zh`, `reason_en`."""

    code = "destructive-change"
    title_zh, title_en = "改动会丢数据", "Destructive change"
    zh = "图层 {layer}：{reason}。只接受新增字段；没有改动任何表"
    en = "Layer {layer}: {reason}. Only additions are accepted; no table was changed"


class RunInputsChanged(Conflict):
    """What a run was made of is not what the store holds now: `run`, `input`."""

    code = "run-inputs-changed"
    title_zh, title_en = "运行的输入已变", "Inputs of the run changed"
    zh = "运行 {run} 的输入 {input} 与当时不同，无法照原样重算；请检查是否有人绕过程序改过数据"
    en = "Input {input} of run {run} differs from what it was; did someone edit it by hand?"


class WarningNotEditable(Conflict):
    """The warning's state does not allow this step: `warning`, `state`, `step`."""

    code = "warning-not-editable"
    title_zh, title_en = "当前状态不允许", "Step not allowed"
    zh = "预警 {warning} 处于 {state}，不能{step}"
    en = "Warning {warning} is {state}; {step} is not allowed"


class WarningChanged(Conflict):
    """Someone else changed the warning first: `warning`, `expected`, `current`."""

    code = "warning-changed"
    title_zh, title_en = "预警已被改过", "Warning changed meanwhile"
    zh = "预警 {warning} 已是第 {current} 版，你改的是第 {expected} 版；没有保存，请重新载入后再改"
    en = (
        "Warning {warning} is at revision {current}, your change is to revision {expected}; "
        "nothing was saved, load it again"
    )


class IdempotencyKeyReused(Conflict):
    """The same key came with another content: `key`."""

    code = "idempotency-key-reused"
    title_zh, title_en = "幂等键已用过", "Idempotency key reused"
    zh = "Idempotency-Key“{key}”已用于另一份内容；没有保存，请换一个键"
    en = "Idempotency-Key “{key}” was used for other content; nothing was saved, use a new key"


class StoreNotEmpty(Conflict):
    """A restoration would replace data: `table`."""

    code = "store-not-empty"
    title_zh, title_en = "库里已有数据", "Store not empty"
    zh = "库里已有数据（{table}），恢复会把它换掉。确实要换就加 --replace；现有数据没有改动"
    en = "The store holds data ({table}), which would be replaced. To do so add --replace"


class StoreInUse(Conflict):
    """Other programs use the database: `connections`."""

    code = "store-in-use"
    title_zh, title_en = "数据库正在使用", "Store in use"
    zh = "还有别的程序连着数据库（{connections} 个连接）。先停下它们再恢复；现有数据没有改动"
    en = "Other programs use the database ({connections} connections). Stop them first"


class FeatureExists(Conflict):
    """A feature with this key is there already: `layer`, `feature`."""

    code = "feature-exists"
    title_zh, title_en = "编号已被占用", "Feature exists"
    zh = "图层 {layer} 里已有要素“{feature}”；要修改请用 PUT 或 PATCH"
    en = "Layer {layer} already has a feature “{feature}”; change it with PUT or PATCH"


class PreconditionFailed(YingjiError):
    """The state that the request was made for has passed."""

    code = "precondition-failed"
    title_zh, title_en = "前提已不成立", "Precondition failed"


class FeatureChanged(PreconditionFailed):
    """Someone else changed the feature first: `layer`, `feature`."""

    code = "feature-changed"
    title_zh, title_en = "要素已被改过", "Feature changed meanwhile"
    zh = "要素“{feature}”已被别人改过；没有保存，请重新读取后再改"
    en = "Feature “{feature}” was changed meanwhile; nothing was saved, read it again"


class Unauthenticated(YingjiError):
    """Who asks has not been shown."""

    code = "unauthenticated"
    title_zh, title_en = "需要身份", "Unauthenticated"


class TokenRequired(Unauthenticated):
    """An edit came without the token, or with another one."""

    code = "token-required"
    title_zh, title_en = "需要令牌", "Token required"
    zh = "编辑要带令牌：Authorization: Bearer …"
    en = "Editing takes the token: Authorization: Bearer …"


class Forbidden(YingjiError):
    """It is not allowed, whoever asks."""

    code = "forbidden"
    title_zh, title_en = "不允许", "Forbidden"


class EditingDisabled(Forbidden):
    """Nobody may edit: the installation has no editing token."""

    code = "editing-disabled"
    title_zh, title_en = "没有开启编辑", "Editing is disabled"
    zh = "本服务没有开启编辑；管理员设置 YINGJI_EDITING__TOKEN 后才可编辑"
    en = "Editing is disabled here; it takes the setting YINGJI_EDITING__TOKEN"


class Unavailable(YingjiError):
    """A part that must answer does not."""

    code = "unavailable"
    title_zh, title_en = "暂不可用", "Unavailable"


class StoreUnavailable(Unavailable):
    """The database does not answer: `reason`."""

    code = "store-unavailable"
    title_zh, title_en = "数据库连不上", "Store unavailable"
    zh = "数据库连不上：{reason}。可用 yingji db status 查看，yingji doctor 诊断"
    en = "The database does not answer: {reason}. Try yingji db status, then yingji doctor"


class ClusterUnavailable(Unavailable):
    """The embedded PostGIS cannot run: `reason_zh`, `reason_en`, `fix` (a command)."""

    code = "cluster-unavailable"
    title_zh, title_en = "内置数据库起不来", "Embedded database cannot run"
    zh = "{reason}。修复：{fix}"
    en = "{reason}. Fix: {fix}"


class NotReady(Unavailable):
    """Something has to be computed first: `what_zh`, `what_en`, `fix` (a command)."""

    code = "not-ready"
    title_zh, title_en = "还没有准备好", "Not ready"
    zh = "还没有{what}。先运行：{fix}"
    en = "No {what} yet. First run: {fix}"


class AddressInUse(Unavailable):
    """Another program listens where the service should: `host`, `port`."""

    code = "address-in-use"
    title_zh, title_en = "端口被占用", "Address in use"
    zh = "{host}:{port} 已被别的程序占用。换一个端口：YINGJI_HTTP__PORT=8001 yingji up"
    en = "{host}:{port} is taken by another program. Use another: YINGJI_HTTP__PORT=8001 yingji up"


class SampleNotMade(Unavailable):
    """The generator of the sample county failed: `reason`."""

    code = "sample-not-made"
    title_zh, title_en = "样例数据生成失败", "Sample data not made"
    zh = "样例县没有生成：{reason}。可先不装样例：yingji up --no-sample"
    en = "The sample county was not made: {reason}. To go on without it: yingji up --no-sample"


class BackupFailed(Unavailable):
    """A backup or a restoration did not come to its end: `reason_zh`, `reason_en`."""

    code = "backup-failed"
    title_zh, title_en = "备份或恢复没有完成", "Backup or restoration failed"
    zh = "{reason}。没有留下半份文件，现有数据没有改动"
    en = "{reason}. No half file was left, nothing was changed"


class ToolMissing(Unavailable):
    """A program that is needed is not on this machine: `tool`, `fix` (a command)."""

    code = "tool-missing"
    title_zh, title_en = "缺少程序", "Program missing"
    zh = "这台机器上没有 {tool}（或更新的版本）。安装：{fix}"
    en = "There is no {tool} (or newer) on this machine. Install it: {fix}"
