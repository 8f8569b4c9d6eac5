"""`docanalyze server plan` and the arithmetic behind it: what fits, what is recommended and why, what is refused."""

import sys
import types
from dataclasses import replace
from pathlib import Path

import pytest

from docanalyze.errors import ModelRefused, UsageError
from docanalyze.pipeline import proving
from docanalyze.runtime import catalogue, devices, geometry, graphics, log, proof, weights
from docanalyze.runtime import plan as planning
from docanalyze.runtime.devices import Device
from docanalyze.runtime.graphics import Card, Graphics
from docanalyze.runtime.plan import Placement, Rules
from docanalyze.runtime.values import GIB, MIB, CacheType, Geometry, Profile, Role, Running
from tests import tiny_model, twins
from tests.conftest import Command

F16, Q8_0, Q4_0 = CacheType.F16, CacheType.Q8_0, CacheType.Q4_0
HOST = Device("host memory", 64 * GIB, gpu=False)


def model(text: str) -> Geometry:
    return catalogue.resolve(text)


def made(gigabytes: float, main: str = "Qwen2.5-14B-Instruct", **rules: object) -> planning.Plan:
    known = model(main)
    card = Device("card", int(gigabytes * GIB))
    asked = replace(Rules(), **rules)  # type: ignore[arg-type]
    return planning.plan(known, model("Qwen2.5-3B-Instruct"), [card], HOST, catalogue.reach(known), asked)


# -- what is known ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "gigabytes"),
    [
        ("Qwen2.5-14B-Instruct:Q4_K_M", 8.98),
        ("Qwen2.5-14B-Instruct:Q8_0", 15.70),
        ("Qwen3-14B:Q4_K_M", 9.00),
        ("Qwen3-14B:Q5_K_M", 10.51),
        ("Qwen3-14B:Q6_K", 12.12),
        ("Qwen3-14B:Q8_0", 15.70),
    ],
)
def test_the_recipe_gives_the_size_that_was_published(name: str, gigabytes: float) -> None:
    assert model(name).weight_bytes / 1e9 == pytest.approx(gigabytes, rel=0.001)


def test_a_14b_model_in_four_bits_takes_what_llama_bench_says() -> None:
    known = model("qwen2.5-14b-instruct")
    assert f"{known.weight_bytes / GIB:.2f}" == "8.37"
    assert 400 * MIB < known.host_bytes < 420 * MIB
    with pytest.raises(ModelRefused, match="the recipe of Q2_K is not known"):
        weights.weight_bytes(known, "Q2_K", tied=False)


@pytest.mark.parametrize("shape", [twins.REAL_14B, twins.REAL_3B])
def test_the_recipe_is_that_of_a_file_in_it(tmp_path: Path, shape: twins.Shape) -> None:
    # Its weights are holes: nine gigabytes that take none.
    file = twins.zeros(tmp_path / "m.gguf", replace(shape, words=tiny_model.SINGLE), "q4_K", "q6_K")
    found = geometry.of_file(file)
    assert found.quantization == "Q4_K_M"
    assert (found.weight_bytes, found.host_bytes) == weights.weight_bytes(found, "Q4_K_M", tied=shape.tied)


def test_every_known_model_can_be_planned_and_fetched() -> None:
    for known in catalogue.known():
        assert dict(known.files)["Q4_K_M"].endswith(".gguf")
        assert known.repository.count("/") == 1
        assert known.licence
        assert known.longest >= 32_768
        for quantization, _ in known.files:
            assert known.geometry(quantization).weight_bytes > 0
        assert catalogue.of_geometry(known.geometry()) is known


def test_the_licence_trap_of_the_small_sister_is_known_from_its_geometry() -> None:
    found = catalogue.of_geometry(replace(model("Qwen2.5-3B-Instruct"), name="some.gguf"))
    assert found is not None
    assert "Not for commercial use" in found.trap


def test_a_name_alone_says_nothing_but_a_licence() -> None:
    small = replace(model("Qwen2.5-14B-Instruct"), kv_heads=(8,) * 4, trained_context=4096)
    assert small.name == "Qwen2.5-14B-Instruct" and catalogue.of_geometry(small) is None
    assert catalogue.reach(small) == catalogue.Reach(4096, 0)
    other = replace(model("Qwen2.5-3B-Instruct"), inner=1)
    named = catalogue.licensed(other)
    assert named is not None and "Not for commercial use" in named.trap
    disguised = catalogue.licensed(replace(model("Qwen2.5-3B-Instruct"), name="Qwen2.5-14B-Instruct"))
    assert disguised is not None and disguised.trap
    assert catalogue.licensed(replace(other, name="other")) is None


def test_how_far_a_model_reaches() -> None:
    assert catalogue.reach(model("Qwen2.5-14B-Instruct")) == catalogue.Reach(131_072, 32_768)
    assert catalogue.reach(model("Qwen2.5-14B-Instruct-1M")) == catalogue.Reach(262_144, 0)
    other = replace(model("Qwen2.5-14B-Instruct"), name="other", inner=1)
    assert catalogue.reach(other) == catalogue.Reach(131_072, 32_768)
    assert catalogue.reach(replace(other, architecture="llama")) == catalogue.Reach(32_768, 0)
    assert catalogue.reach(replace(other, rope_scaling="yarn x4")) == catalogue.Reach(32_768, 0)


@pytest.mark.parametrize(("context", "factor"), [(32_768, 0), (65_536, 2), (131_072, 4), (57_344, 1.75)])
def test_positions_are_stretched_only_beyond_what_was_trained(context: int, factor: float) -> None:
    assert catalogue.Reach(131_072, 32_768).factor(context) == factor


# -- what fits -------------------------------------------------------------------------------------


def test_on_24_gb_there_is_something_better_than_the_last_of_the_original() -> None:
    plan = made(24)
    best = plan.chosen.best
    assert best is not None
    assert (best.profile.context, best.profile.cache_k, best.profile.cache_v) == (131_072, Q8_0, Q8_0)
    assert best.cache == 13_056 * MIB
    assert best.free > planning.MARGIN
    assert (best.profile.yarn_factor, best.profile.yarn_context) == (4, 32_768)
    assert plan.recommended == best.profile
    assert plan.placement is Placement.CPU


def test_the_four_of_the_original_have_the_caches_that_were_reported() -> None:
    known = model("Qwen2.5-14B-Instruct")
    rows = planning.original(known, Device("card", 24 * GIB), catalogue.reach(known))
    assert [row.cache // MIB for row in rows] == [6144, 3264, 6528, 6912]
    assert [row.profile.reported_mb for row in rows] == [14_500, 10_600, 21_400, 21_900]
    # Computed, not fitted: the reported totals are not of one set of weights.
    assert [round(row.total / GIB, 1) for row in rows] == [14.6, 11.9, 15.2, 15.9]
    assert planning.is_original(known)
    assert not planning.is_original(model("Qwen3-14B"))


def test_fitting_leaves_the_margin_free() -> None:
    row = made(24).chosen.best
    assert row is not None
    exact = (row.total + planning.MARGIN) / GIB
    assert made(exact).recommended == row.profile
    assert made(exact - 1 / 1024).recommended != row.profile
    assert made(exact - 1 / 1024, margin=0).recommended == row.profile


@pytest.mark.parametrize(
    ("gigabytes", "rules", "context", "k", "v"),
    [
        (16, {}, 57_344, Q8_0, Q8_0),
        (16, {"q4_keys": True}, 114_688, Q4_0, Q4_0),
        (24, {"q4_keys": True}, 131_072, Q8_0, Q8_0),
        (20, {"mixed": True}, 131_072, Q8_0, Q4_0),
        (40, {}, 131_072, F16, F16),
        (24, {"context": 65_536}, 65_536, F16, F16),
        (11, {}, 8192, Q8_0, Q8_0),
    ],
)
def test_the_longest_context_at_the_most_precise_cache_that_is_allowed(
    gigabytes: float, rules: dict[str, object], context: int, k: CacheType, v: CacheType
) -> None:
    best = made(gigabytes, **rules).recommended  # type: ignore[arg-type]
    assert best is not None
    assert (best.context, best.cache_k, best.cache_v) == (context, k, v)


def test_keys_of_four_bits_are_for_families_that_bear_them() -> None:
    assert (Q4_0, Q4_0) in planning.allowed(model("Qwen3-14B"), Rules())
    assert (Q4_0, Q4_0) not in planning.allowed(model("Qwen2.5-14B-Instruct"), Rules())
    assert (Q8_0, Q4_0) not in planning.allowed(model("Qwen3-14B"), Rules())


def test_nothing_fits_a_card_that_is_too_small() -> None:
    plan = made(6)
    assert plan.recommended is None
    assert "take a smaller model" in plan.chosen.reason


def test_a_processor_is_not_asked_to_read_for_hours() -> None:
    known = model("Qwen2.5-14B-Instruct")
    plan = planning.plan(known, None, [HOST], HOST, catalogue.reach(known), Rules())
    assert plan.recommended is not None
    assert (plan.recommended.context, plan.recommended.layers) == (32_768, 0)
    assert plan.placement is Placement.ONE


def test_a_context_beyond_the_model_is_refused() -> None:
    with pytest.raises(UsageError, match="knows 131,072 tokens of context, not 200,000"):
        made(24, context=200_000)


# -- the judge -------------------------------------------------------------------------------------


def placed(*gigabytes: float, host: Device = HOST, **rules: object) -> planning.Plan:
    main, judge = model("Qwen2.5-14B-Instruct"), model("Qwen2.5-3B-Instruct")
    cards = [Device(f"{size} GB", int(size * GIB)) for size in gigabytes]
    asked = replace(Rules(), **rules)  # type: ignore[arg-type]
    return planning.plan(main, judge, cards, host, catalogue.reach(main), asked)


def test_where_the_judge_goes() -> None:
    small = Device("host memory", 2 * GIB, gpu=False)
    assert placed(48).placement is Placement.TOGETHER
    assert placed(24).placement is Placement.CPU
    assert placed(24, host=small).placement is Placement.IN_TURN
    assert placed(24, placement=Placement.IN_TURN).placement is Placement.IN_TURN
    assert placed(24, placement=Placement.ONE).judge_row is None
    # A host that does not say how much it has is trusted with a small model.
    assert placed(24, host=Device("host memory", 0, gpu=False)).placement is Placement.CPU


def test_two_cards_of_different_size_take_a_model_each() -> None:
    plan = placed(12, 24)
    assert plan.chosen is plan.tables[1]
    assert plan.placement is Placement.TOGETHER
    assert plan.judge_row is not None
    assert plan.judge_row.room == 12 * GIB
    assert plan.judge_row.profile.cache_k is F16


def test_room_is_kept_for_a_judge_that_is_to_stand_beside() -> None:
    plan = placed(24, placement=Placement.TOGETHER)
    assert plan.chosen.best is not None and plan.judge_row is not None
    assert plan.chosen.best.total + plan.judge_row.total + planning.MARGIN <= 24 * GIB
    assert plan.chosen.best.profile.context < 131_072


# -- devices ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "mib"), [("24GB", 24_576), ("24", 24_576), ("11.5 GiB", 11_776), ("8192mb", 8192), (" 6g ", 6144)]
)
def test_a_size_is_that_of_a_label(text: str, mib: int) -> None:
    assert devices.parse_size(text).size == mib * MIB


@pytest.mark.parametrize("text", ["", "0", "24TB", "GB", "-1GB", "1e9", "99999GB", "24GB24"])
def test_a_size_that_no_card_has_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="not the memory of a card"):
        devices.parse_size(text)


def test_a_machine_without_a_card_has_its_own_memory() -> None:
    host = devices.host()
    assert not host.gpu
    assert host.size > GIB
    assert all(device.gpu for device in devices.found())


def test_memory_that_the_system_keeps_of_files_is_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = tmp_path / "meminfo"
    told.write_text("MemTotal:       24731708 kB\nMemFree:          744448 kB\nMemAvailable:   23911424 kB\n")
    monkeypatch.setattr(devices, "_MEMORY", told)
    assert devices.host().free == 23_911_424 * 1024
    monkeypatch.setattr(devices, "_MEMORY", tmp_path / "none")
    assert devices.host().free != 23_911_424 * 1024


class Driver(types.ModuleType):
    """What nvidia-ml-py says on a machine with two cards, one of which does not tell its memory."""

    class NVMLError(Exception):
        pass

    def __init__(self, *, absent: bool = False) -> None:
        super().__init__("pynvml")
        self.absent = absent
        self.nvmlShutdown = self.nvmlInit

    def nvmlInit(self) -> None:
        if self.absent:
            raise self.NVMLError

    def nvmlSystemGetDriverVersion(self) -> str:
        return "580.1"

    def nvmlDeviceGetCount(self) -> int:
        return 3

    def nvmlDeviceGetHandleByIndex(self, number: int) -> int:
        return number

    def nvmlDeviceGetName(self, handle: int) -> str:
        return f"card {handle}"

    def nvmlDeviceGetMemoryInfo(self, handle: int) -> types.SimpleNamespace:
        if handle == 1:
            raise self.NVMLError
        return types.SimpleNamespace(total=24 * GIB, free=(3, 0, 20)[handle] * GIB)


@pytest.mark.parametrize(
    ("visible", "names"),
    [
        (None, ["card 0", "card 2"]),
        ("2", ["card 2"]),
        ("2,0", ["card 2", "card 0"]),
        ("0,9,2", ["card 0"]),
        ("", []),
        ("-1", []),
        ("GPU-8f", ["card 0", "card 2"]),
        # All that is left does not tell its memory: it is there even so.
        ("1", ["card 1"]),
    ],
)
def test_cards_are_those_that_the_driver_names(
    monkeypatch: pytest.MonkeyPatch, visible: str | None, names: list[str]
) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", Driver())
    environment = {} if visible is None else {"CUDA_VISIBLE_DEVICES": visible}
    assert [device.name for device in devices.found(environment)] == names


@pytest.fixture(params=[Driver(absent=True), None], ids=["no driver", "no package"])
def without_nvml(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setitem(sys.modules, "pynvml", request.param)
    devices._looked.cache_clear()
    request.addfinalizer(devices._looked.cache_clear)
    return monkeypatch


def looked(monkeypatch: pytest.MonkeyPatch, seen: Graphics) -> None:
    devices._looked.cache_clear()
    monkeypatch.setattr(graphics, "look", lambda **_: seen)


def test_without_nvml_the_cards_are_what_else_tells_of_them(without_nvml: pytest.MonkeyPatch) -> None:
    looked(without_nvml, Graphics())
    assert devices.found({}) == ()
    cards = (Card("RTX 3090", 24_576), Card("H100", 81_559))
    looked(without_nvml, Graphics(cards, "550.1"))
    known = (Device("RTX 3090", 24 * GIB, driver="550.1"), Device("H100", 81_559 * MIB, driver="550.1"))
    assert devices.found({}) == known
    assert devices.found({"CUDA_VISIBLE_DEVICES": "1"}) == known[1:]
    assert devices.found({"CUDA_VISIBLE_DEVICES": ""}) == ()


def test_a_card_whose_memory_nobody_knows_is_there_and_not_planned_for(without_nvml: pytest.MonkeyPatch) -> None:
    looked(without_nvml, Graphics(without_driver=1))
    found = devices.found({})
    assert [(device.gpu, device.size) for device in found] == [(True, 0)]
    made = planning.on(found, model("Qwen2.5-14B-Instruct"), None, Rules())
    assert [table.device.gpu for table in made.tables] == [False]
    # What is asked to lie on it is held to it: the log of a build for the processor fails.
    profile = Profile("c", 32_768, CacheType.Q8_0, CacheType.Q8_0)
    log_file = Path(__file__).parent / "server_logs" / "no-gpu-build.log"
    running = Running(Role.MAIN, 1, 1, "", profile, log_file, "", log_file, "", "", "")
    assert proving.subject(running).on_device
    expected = proof.Expected(profile, None, 32_768, on_device=bool(found))
    failed = {check.name: check for check in proof.failures(proof.check_log(expected, log.read(log_file.read_text())))}
    assert set(failed) == {"cache per device", "layers on the device"}
    assert "docanalyze[gpu]" in failed["layers on the device"].remedy
    assert "profile cpu" in failed["cache per device"].remedy
    assert not proving.subject(replace(running, profile=replace(profile, layers=0))).on_device


def test_a_card_that_others_use_is_told(docanalyze: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", Driver())
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    said = " ".join(docanalyze("server", "plan").out.split())
    assert "card 0: 24,576 MiB" in said
    assert "Only 3,072 MiB of it are free now" in said


# -- the command -----------------------------------------------------------------------------------


def test_the_plan_for_24_gb_fits_the_terminal_and_says_what_matters(docanalyze: Command) -> None:
    said = docanalyze("server", "plan", "--vram", "24GB")
    assert (said.code, said.err) == (0, "")
    assert max(map(len, said.out.splitlines())) <= 80
    rows = [" ".join(line.split()) for line in said.out.splitlines()]
    assert "* 131,072 q8_0 q8_0 8,148 13,056 710 512 22,426 2,150 yes" in rows
    assert "131,072 f16 f16 8,148 24,576 259 512 33,495 -8,919 no" in rows
    assert "baseline 32,768 f16/f16 6,144 14.6 GB 14.5 GB 23.0" in rows
    assert "c 131,072 q4_0/q4_0 6,912 15.9 GB 21.9 GB 64.2" in rows
    text = " ".join(said.out.split())
    assert "they are not of one set of weights" in text
    assert "Better than the last of them: the same context with q8_0 keys" in text
    assert "Judge on the CPU" in text
    assert "Not for commercial use" in text


def test_the_plan_as_json(docanalyze: Command) -> None:
    said = docanalyze("server", "plan", "--vram", "24GB", "--vram", "12GB", "--json").json
    assert said["schema"] == "docanalyze.server-plan"
    assert (said["placement"], said["chosen_device"]) == ("together", 0)
    best = said["devices"][0]["recommended"]
    assert (best["context"], best["cache"], best["fits"]) == (131_072, 13_056 * MIB, True)
    assert best["total"] == sum(best[part] for part in ("weights", "cache", "compute", "driver_estimate"))


def test_the_plan_for_a_file(docanalyze: Command, tmp_path: Path) -> None:
    file = twins.zeros(tmp_path / "own.gguf", replace(twins.TWIN_3B, words=256))
    said = docanalyze("server", "plan", "--model", file, "--judge", "none", "--vram", "8GB")
    assert said.code == 0
    assert "from own.gguf" in said.out
    assert "one model finds and judges" in said.out
    assert "original four" not in said.out


def test_the_plan_for_what_is_settled(docanalyze: Command, tmp_path: Path) -> None:
    file = twins.zeros(tmp_path / "own.gguf", replace(twins.TWIN_3B, words=256))
    assert docanalyze("models", "use", "--main", file).code == 0
    said = docanalyze("server", "plan", "--vram", "8GB")
    assert "from own.gguf" in said.out


def test_a_card_that_is_too_small_is_an_exit_code(docanalyze: Command) -> None:
    said = docanalyze("server", "plan", "--vram", "6GB")
    assert said.code == 1
    assert "Nothing is recommended: the smallest of these takes" in said.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--vram", "abc"), "not the memory of a card: abc: give it as 24GB"),
        (("--vram", "24GB", "--margin", "x"), "not the memory of a card: x"),
        (("--model", "none.gguf"), "cannot read none.gguf"),
        (("--model", "nothing"), "no known model: nothing"),
        (("--model", "Qwen3-14B:Q9"), "no quantization Q9"),
        (("--vram", "24GB", "--context", "1000000"), "knows 131,072 tokens"),
        (("--place", "moon"), "docanalyze server plan --help"),
        (("--vrams", "1"), "docanalyze server plan --help"),
    ],
)
def test_bad_input_is_one_line(docanalyze: Command, arguments: tuple[str, ...], said: str) -> None:
    got = docanalyze("server", "plan", *arguments)
    assert (got.code, got.out) == (2, "")
    assert said in got.err
    assert got.err.count("\n") == 1


@pytest.mark.parametrize("group", ["server", "models"])
def test_a_group_without_a_command_shows_its_help(docanalyze: Command, group: str) -> None:
    assert docanalyze(group).code == 0
    assert "Commands" in docanalyze(group).out
    wrong = docanalyze(group, "nothing")
    assert (wrong.code, wrong.err) == (2, f"docanalyze: No such command 'nothing': docanalyze {group} --help\n")
