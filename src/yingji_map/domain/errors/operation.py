"""What keeps the service, its store or its backups from working."""

from yingji_map.domain.errors.base import Conflict, InvalidInput, Unavailable


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


class StoreFull(Unavailable):
    """The database has no room left, nothing was written: `reason`."""

    code = "store-full"
    title_zh, title_en = "数据库没有空间了", "Store full"
    zh = "数据库没有空间了，什么也没有写入：{reason}。请腾出磁盘空间再试"
    en = "The database has no room left, nothing was written: {reason}. Free disk space, try again"


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
