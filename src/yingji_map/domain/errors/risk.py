"""Refusals about risk runs and cells."""

from yingji_map.domain.errors.base import Conflict, NotFound


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


class RunInputsChanged(Conflict):
    """What a run was made of is not what the store holds now: `run`, `input`."""

    code = "run-inputs-changed"
    title_zh, title_en = "运行的输入已变", "Inputs of the run changed"
    zh = "运行 {run} 的输入 {input} 与当时不同，无法照原样重算；请检查是否有人绕过程序改过数据"
    en = "Input {input} of run {run} differs from what it was; did someone edit it by hand?"


class RunsNotComparable(Conflict):
    """Two runs have cells of different sizes: `origin`, `target`, `resolutions`."""

    code = "runs-not-comparable"
    title_zh, title_en = "两次运行不能比较", "Runs not comparable"
    zh = "运行 {origin} 与 {target} 的格网级别不同（{resolutions}），不能逐格比较"
    en = "Runs {origin} and {target} have cells of different sizes ({resolutions})"
