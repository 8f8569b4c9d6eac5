"""A server's log proves what it says, in this year's words and in older ones, and nothing else."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docanalyze.model import Fingerprint
from docanalyze.runtime import launch, log, proof
from docanalyze.runtime.proof import Expected
from docanalyze.runtime.values import CacheType, Check, Geometry, Outcome, Profile, Role, Running
from tests.llama_server import LlamaServer, model_for_all

LOGS = Path(__file__).parent / "server_logs"
Q8, Q4, F16 = CacheType.Q8_0, CacheType.Q4_0, CacheType.F16
BIG = Geometry("14B", "qwen2", 40, (8,) * 48, 128, 128, 5120, 152_064, 32_768, 8_984_000_000, 437_000_000)
TINY = Geometry("tiny", "qwen2", 2, (1, 1), 32, 32, 64, 151_665, 131_072, 38_926_848, 0)
Q8_32K = Profile("a", 32_768, Q8, Q8)


def seen(name: str) -> log.Seen:
    return log.read((LOGS / f"{name}.log").read_text())


def checked(
    name: str, profile: Profile, *, granted: int | None = None, on_device: bool = True, geometry: Geometry | None = BIG
) -> dict[str, Check]:
    expected = Expected(profile, geometry, profile.context if granted is None else granted, on_device)
    return {check.name: check for check in proof.check_log(expected, seen(name))}


def outcomes(checks: dict[str, Check]) -> dict[str, str]:
    return {name: check.outcome.value for name, check in checks.items() if check.outcome is not Outcome.PASSED}


YARN = Profile("better", 131_072, Q8, Q8, yarn_factor=4, yarn_context=32_768)


@pytest.mark.parametrize(
    ("name", "profile"),
    [("cuda-2026", YARN), ("cuda-2025", Q8_32K), ("cuda-2024", Profile("baseline", 32_768))],
)
def test_spellings_of_three_years_prove_all_that_was_asked(name: str, profile: Profile) -> None:
    assert outcomes(checked(name, profile)) == {}


def test_the_figures_stand_beside_what_was_expected() -> None:
    checks = checked("cuda-2026", YARN)
    assert checks["cache bytes"].expected == "13,056.00 MiB (K 6,528.00 MiB, V 6,528.00 MiB; 131,072 cells)"
    assert checks["cache bytes"].seen == checks["cache bytes"].expected
    assert checks["cache per device"].seen == "CUDA0 13,056.00 MiB"
    assert checks["layers on the device"].seen == "49 of 49"
    assert checks["build"].seen == "b11549-3f1c2d9e7"
    assert "RTX 3090" in checks["devices"].seen
    assert seen("cuda-2026").rotation == (128, 64)


def test_what_a_real_card_wrote_is_proven_but_for_the_build_that_names_itself_not() -> None:
    checks = checked("cuda-h100", replace(YARN, cache_k=Q4, cache_v=Q4))
    assert outcomes(checks) == {"build": "not provable"}
    assert checks["cache bytes"].seen == "6,912.00 MiB (K 3,456.00 MiB, V 3,456.00 MiB; 131,072 cells)"
    assert checks["cache per device"].seen == "CUDA0 6,912.00 MiB"
    assert checks["devices"].seen.count("CUDA0: NVIDIA H100") == 1


@pytest.mark.parametrize(
    ("profile", "failed"),
    [
        (replace(Q8_32K, cache_k=Q4), {"cache types", "cache bytes", "attention kernels"}),
        (replace(Q8_32K, cache_v=F16), {"cache types", "cache bytes", "attention kernels"}),
        (replace(Q8_32K, context=65_536), {"cache bytes", "context of a slot", "positions"}),
        (replace(Q8_32K, flash=False), {"flash attention"}),
        (replace(Q8_32K, yarn_factor=4, yarn_context=32_768), {"positions"}),
        (replace(Q8_32K, layers=0), {"cache per device", "layers on the device"}),
    ],
)
def test_a_wrong_expectation_makes_the_proof_fail(profile: Profile, failed: set[str]) -> None:
    checks = checked("cuda-2025", profile, granted=32_768)
    assert set(outcomes(checks)) == failed
    assert not proof.passed(tuple(checks.values()))
    assert all(check.remedy for check in checks.values() if check.outcome is not Outcome.PASSED)


def test_another_model_file_than_expected_shows_in_the_bytes() -> None:
    other = replace(BIG, kv_heads=(2,) * 36)
    assert outcomes(checked("cuda-2025", Q8_32K, geometry=other)) == {"cache bytes": "fail"}


def test_a_capped_context_fails_and_says_from_what_to_what() -> None:
    asked = Profile("b", 65_536, Q8, Q8, yarn_factor=2, yarn_context=32_768)
    checks = checked("capped", asked, granted=32_768)
    assert outcomes(checks) == {"context of a slot": "fail", "positions": "not provable"}
    assert checks["context of a slot"].seen == "32,768: cut from 65,536 to 32,768"
    assert "override-kv" in checks["context of a slot"].remedy


def positions(scaling: str, context: int, *lines: str, profile: Profile | None = None) -> Check:
    """What is made of a log with these lines, of a model file with that stretching, trained to 4,096 tokens."""
    geometry = replace(BIG, trained_context=4_096, rope_scaling=scaling)
    expected = Expected(profile or Profile("x", context), geometry, context, on_device=True)
    checks = proof.check_log(expected, log.read("\n".join(lines)))
    return next(check for check in checks if check.name == "positions")


SCALE_1, SCALE_4 = "llama_context: freq_scale = 1", "llama_context: freq_scale = 0.25"
OF_YARN = "print_info: rope scaling          = yarn"


@pytest.mark.parametrize(
    ("scaling", "context", "lines", "outcome"),
    [
        ("yarn x4 from 1024", 4_096, (OF_YARN, SCALE_4), Outcome.PASSED),
        ("yarn x4 from 4096", 16_384, (OF_YARN, SCALE_4), Outcome.PASSED),
        ("linear x4", 4_096, ("print_info: rope scaling = linear", SCALE_4), Outcome.PASSED),
        ("yarn x4", 4_096, (OF_YARN, SCALE_1), Outcome.FAILED),
        ("yarn x4", 1_048_576, (OF_YARN, SCALE_4), Outcome.FAILED),
        ("yarn x4", 1_048_576, (OF_YARN, SCALE_1), Outcome.FAILED),
        ("yarn x4", 4_096, (SCALE_4,), Outcome.NOT_PROVABLE),
        ("yarn x4", 4_096, ("print_info: rope scaling = linear", SCALE_4), Outcome.NOT_PROVABLE),
        ("longrope x1", 4_096, (SCALE_1,), Outcome.PASSED),
    ],
)
def test_a_stretching_of_the_files_own_is_held_to_what_the_file_says(
    scaling: str, context: int, lines: tuple[str, ...], outcome: Outcome
) -> None:
    check = positions(scaling, context, *lines)
    assert check.outcome is outcome
    assert bool(check.remedy) == (outcome is not Outcome.PASSED)


def test_yarn_is_proven_by_a_line_of_its_own() -> None:
    asked = Profile("y", 16_384, yarn_factor=4, yarn_context=4_096)
    # Linear stretching prints the same scale; n_ctx_orig_yarn stands in every log.
    always = "print_info: n_ctx_orig_yarn       = 4096"
    assert positions("", 16_384, always, SCALE_4, profile=asked).outcome is Outcome.NOT_PROVABLE
    adjusted = "llama_init_from_model: n_ctx_train adjusted to {}"
    assert positions("", 16_384, SCALE_4, adjusted.format(16_384), profile=asked).outcome is Outcome.PASSED
    assert positions("", 16_384, SCALE_4, adjusted.format(8_192), profile=asked).outcome is Outcome.FAILED


def test_the_log_of_another_server_is_found_out() -> None:
    assert outcomes(checked("cuda-2025", Q8_32K, granted=40_960)) == {"context of a slot": "fail"}


def test_mixed_types_that_fall_back_in_silence_fail() -> None:
    checks = checked("cuda-mixed-types", Profile("mixed", 32_768, Q8, Q4))
    assert outcomes(checks) == {"attention kernels": "fail"}
    assert "q8_0-q4_0" in checks["attention kernels"].seen


def test_a_graph_cut_into_many_pieces_is_not_passed() -> None:
    text = (LOGS / "cuda-2025.log").read_text().replace("graph splits = 2", "graph splits = 98")
    expected = Expected(Q8_32K, BIG, 32_768, on_device=True)
    found = {check.name: check for check in proof.check_log(expected, log.read(text))}
    assert outcomes(found) == {"attention kernels": "not provable"}
    assert "--steps 3" in found["attention kernels"].remedy


def test_a_build_without_its_device_fails_where_there_is_one_and_passes_where_there_is_none() -> None:
    failed = {"cache per device", "layers on the device", "devices", "attention kernels"}
    found = outcomes(checked("no-gpu-build", Q8_32K))
    assert set(found) == failed
    assert found["layers on the device"] == "fail"
    assert set(outcomes(checked("no-gpu-build", Q8_32K, on_device=False))) == {"devices"}


def test_a_device_of_another_maker_must_hold_the_model_as_wholly() -> None:
    text = (LOGS / "cuda-2025.log").read_text()
    other = (
        re.sub("ggml_cuda_init.*\n|  Device.*\n", "", text)
        .replace("CUDA0", "Vulkan0")
        .replace("CUDA_Host", "Vulkan_Host")
    )
    expected = Expected(Q8_32K, BIG, 32_768, on_device=False)
    found = {check.name: check for check in proof.check_log(expected, log.read(other))}
    assert outcomes(found) == {}
    assert found["cache per device"].seen == "Vulkan0 3,264.00 MiB"
    half = other.replace("offloaded 49/49", "offloaded 20/49")
    found = {check.name: check for check in proof.check_log(expected, log.read(half))}
    assert outcomes(found) == {"layers on the device": "fail"}


def test_what_a_log_does_not_say_is_never_passed() -> None:
    for name, profile in (("quiet", Q8_32K), ("cuda-2025", Q8_32K)):
        text = (LOGS / f"{name}.log").read_text().replace("MiB", "MB").replace("flash_attn", "fa")
        expected = Expected(profile, BIG, 32_768, on_device=True)
        found = {check.name: check.outcome for check in proof.check_log(expected, log.read(text))}
        for check in ("cache types", "cache bytes", "cache per device", "flash attention"):
            assert found[check] is Outcome.NOT_PROVABLE
    nothing = proof.check_log(Expected(Q8_32K, BIG, 0, on_device=True), log.read(""))
    assert {check.outcome for check in nothing} == {Outcome.NOT_PROVABLE}
    assert not proof.passed(nothing)


def test_an_architecture_that_is_not_understood_proves_no_bytes() -> None:
    assert outcomes(checked("cuda-2025", Q8_32K, geometry=None)) == {"cache bytes": "not provable"}


def test_the_reason_of_a_failed_start_is_read_with_its_figures() -> None:
    found = seen("out-of-memory")
    assert found.shortage == log.Shortage("CUDA0", 24_576.0)
    assert not found.ready
    assert found.errors[-1] == "exiting due to model loading error"


def test_what_comes_after_loading_proves_nothing() -> None:
    text = (LOGS / "quiet.log").read_text()
    forged = (
        "0.05 I llama_kv_cache: size = 1.00 MiB (1 cells, 1 layers, 1/1 seqs), K (q4_0): 0.50 MiB, V (q4_0): 0.50 MiB"
    )
    assert log.read(f"{text}{forged}\n").caches == ()


def test_whoever_reads_a_log_reads_as_much_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "log"
    path.write_text("x" * (5 << 20) + "\n" + (LOGS / "cuda-2025.log").read_text())
    held = Running(Role.MAIN, 1, 1, "", Q8_32K, path, "", path, "", "", "")
    started, checks = launch.prove(held, launch.Expected(BIG, on_device=True), 32_768)
    assert started == log.of_file(path) == seen("cuda-2025")
    assert proof.passed(checks)
    monkeypatch.setattr(log, "MOST", 5 << 20)
    assert log.of_file(path) == log.Seen()
    assert log.of_file(tmp_path / "none") == log.Seen()


def test_a_server_that_loads_again_is_proven_by_its_last_loading() -> None:
    both = (LOGS / "cuda-2025.log").read_text() + (LOGS / "cuda-mixed-types.log").read_text()
    assert log.read(both).value_type == "q4_0"
    assert len(log.read(both).caches) == 1


def test_weights_that_were_repacked_count_twice() -> None:
    found = log.read(
        "load_tensors:   CPU_Mapped model buffer size =  8566.04 MiB\n"
        "load_tensors:   CPU_REPACK model buffer size =  7100.50 MiB\n"
        "load_tensors:    CUDA_Host model buffer size =   417.66 MiB\n"
    )
    assert found.repacked_mib == 7100.5
    assert not found.lies_on_device


def test_a_model_with_a_sliding_window_has_two_caches() -> None:
    local = tuple(layer % 6 != 5 for layer in range(48))
    geometry = replace(BIG, window=1024, local=local)
    assert proof.cells_of(geometry, Profile("x", 32_768)) == [1_536, 32_768]
    lines = "".join(
        f"llama_kv_cache: size = {2 * size:.2f} MiB ({cells:6d} cells, {layers} layers, 1/1 seqs), "
        f"K (f16): {size:.2f} MiB, V (f16): {size:.2f} MiB\n"
        for cells, layers, size in ((32_768, 8, 512.0), (1_536, 40, 120.0))
    )
    expected = Expected(Profile("x", 32_768), geometry, 32_768, on_device=True)
    found = {check.name: check for check in proof.check_log(expected, log.read(lines))}
    assert found["cache bytes"].outcome is Outcome.PASSED


@given(st.sampled_from(sorted(LOGS.glob("*.log"))), st.data())
@settings(max_examples=60, deadline=None)
def test_a_log_of_whatever_form_is_read_without_an_error(path: Path, data: st.DataObject) -> None:
    lines = path.read_text().splitlines()
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(lines) - 1))
        cut = data.draw(st.integers(0, len(lines[at])))
        put = data.draw(st.text(max_size=8) | st.sampled_from(["9" * 5000, "1.2.3", "-1", "MiB", "\x00", "٣"]))
        lines[at] = lines[at][:cut] + put + lines[at][cut + data.draw(st.integers(0, 5)) :]
    found = log.read("\n".join(lines))
    checks = proof.check_log(Expected(Q8_32K, BIG, 32_768, on_device=True), found)
    assert len(checks) == 10


# -- the real server -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def loud(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The log of a real server that was started with q8_0 keys and q4_0 values, and the model file."""
    folder = tmp_path_factory.mktemp("loud")
    model = model_for_all(tmp_path_factory.getbasetemp().parent)
    with LlamaServer(model, folder / "log", cache_type_k=8, cache_type_v=2, verbosity=4, n_ctx=5000, threads=1):
        return folder / "log", model


def test_the_real_server_is_proven_from_its_own_log(loud: tuple[Path, Path]) -> None:
    found = log.read(loud[0].read_text())
    profile = Profile("tiny", 5000, Q8, Q4)
    checks = proof.check_log(Expected(profile, TINY, 5120, on_device=False, version="xllamacpp 2026.10"), found)
    assert [check.name for check in checks if check.outcome is not Outcome.PASSED] == []
    running = Running(Role.MAIN, 1, 1, "key", profile, loud[1], "ab" * 32, loud[0], "", "xllamacpp 2026.10", "")
    fingerprint = proof.fingerprint(running, Fingerprint("x", quantization="F16", context=5120), found, checks)
    assert fingerprint.proven
    assert (fingerprint.cache_k, fingerprint.cache_v, fingerprint.context) == ("q8_0", "q4_0", 5120)
    assert (fingerprint.model, fingerprint.build) == (loud[1].name, "xllamacpp 2026.10")
    assert fingerprint.device.startswith("CPU")


def test_the_real_server_fails_what_it_was_not_asked_for(loud: tuple[Path, Path]) -> None:
    found = log.read(loud[0].read_text())
    profile = Profile("tiny", 8192, Q8, Q8)
    checks = proof.check_log(Expected(profile, TINY, 5120, on_device=False), found)
    failed = {check.name for check in proof.failures(checks)}
    assert failed == {"cache types", "cache bytes", "context of a slot"}
    running = Running(Role.MAIN, 1, 1, "key", profile, loud[1], "ab" * 32, loud[0], "", "", "")
    assert not proof.fingerprint(running, Fingerprint("x", context=5120), found, checks).proven
