"""The arithmetic over a model's geometry, against the log of the real server."""

import re
import struct
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docanalyze import gguf
from docanalyze.errors import ModelRefused, VocabularyError
from docanalyze.runtime import catalogue, devices, geometry, inspection, plan
from docanalyze.runtime.values import MIB, CacheType, Geometry, Profile
from tests import gguf_material as material
from tests import tiny_model, twins
from tests.llama_server import LlamaServer

F16, Q8_0, Q4_0 = CacheType.F16, CacheType.Q8_0, CacheType.Q4_0
_NUMBERS = {F16: 1, Q4_0: 2, Q8_0: 8}
_CACHE = re.compile(r"size = +([\d.]+) MiB \( *(\d+) cells,.*K \((\w+)\): +([\d.]+) MiB, V \((\w+)\): +([\d.]+) MiB")
_COMPUTE = re.compile(r"compute buffer size = +([\d.]+) MiB")
_WEIGHTS = re.compile(r"model buffer size = +([\d.]+) MiB")
_OUTPUT = re.compile(r"output buffer size = +([\d.]+) MiB")
# One token a byte: the server is ready sooner, and its cache is the same.
FEW = tiny_model.SINGLE
SHAPES = {
    "14B": replace(twins.TWIN_14B, words=FEW),
    "3B": replace(twins.TWIN_3B, words=FEW),
    "3B-layers": replace(twins.REAL_3B, layers=2, words=FEW),
    "sliding": twins.Shape("gemma3", 7, 1280, 4, 2, 128, 5120, window=1024, words=FEW),
    "sliding-2": twins.Shape("gemma2", 4, 768, 4, 2, 192, 3072, window=4096, words=FEW),
    "fused": twins.Shape("phi3", 2, 768, 6, 2, 128, 2048, tied=False, words=FEW),
    "mistral3": twins.Shape("mistral3", 2, 1024, 8, 2, 128, 3584, tied=False, words=FEW),
    "gemma": twins.Shape("gemma", 2, 512, 2, 1, 256, 4096, words=FEW),
    "llama": twins.Shape("llama", 3, 1024, 8, 4, 64, 3584, tied=False),
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("twins")
    return {name: twins.zeros(folder / f"{name}.gguf", shape) for name, shape in SHAPES.items()}


def logged(file: Path, folder: Path, profile: Profile) -> str:
    """What the real server says when it loads the file so."""
    log = folder / "server.log"
    with LlamaServer(
        file,
        log,
        n_ctx=profile.context,
        cache_type_k=_NUMBERS[profile.cache_k],
        cache_type_v=_NUMBERS[profile.cache_v],
        flash_attn_type=int(profile.flash),
        n_ubatch=profile.micro_batch,
        verbosity=4,
    ):
        # A thread of its own writes the log, and may be behind.
        until = time.monotonic() + 10
        while not all(one.search(log.read_text("utf-8", "replace")) for one in (_CACHE, _COMPUTE, _OUTPUT, _WEIGHTS)):
            assert time.monotonic() < until, log.read_text("utf-8", "replace")
            time.sleep(0.05)
    return log.read_text(encoding="utf-8", errors="replace")


def assert_as_logged(model: Geometry, profile: Profile, log: str) -> None:
    """Cache equal to the byte, as printed; weights and output too; compute within 5 %."""
    found = _CACHE.findall(log)
    keys, values = geometry.cache_sides(model, profile.context, profile.cache_k, profile.cache_v, profile.micro_batch)
    assert {(k, v) for _, _, k, _, v, _ in found} == {(profile.cache_k, profile.cache_v)}
    assert sum(float(k) for *_, k, _, _ in found) == pytest.approx(keys / MIB, abs=0.0051 * len(found))
    assert sum(float(v) for *_, v in found) == pytest.approx(values / MIB, abs=0.0051 * len(found))
    assert f"{(keys + values) / MIB:.2f}" == f"{sum(float(total) for total, *_ in found):.2f}"
    assert geometry.compute_bytes(model, profile, gpu=False) / MIB == pytest.approx(
        float(_COMPUTE.findall(log)[0]), rel=0.05
    )
    assert f"{model.weight_bytes / MIB:.2f}" == _WEIGHTS.findall(log)[0]
    assert f"{geometry.output_bytes(model) / MIB:.2f}" == _OUTPUT.findall(log)[0]


@pytest.mark.parametrize(
    ("name", "context", "k", "v"),
    [
        ("14B", 4096, F16, F16),
        ("14B", 4096, Q8_0, Q8_0),
        ("14B", 4096, Q4_0, Q4_0),
        ("14B", 4096, Q8_0, Q4_0),
        ("3B", 8192, F16, F16),
        ("3B", 8192, Q8_0, Q8_0),
        ("3B", 8192, Q4_0, Q4_0),
        ("3B", 8192, Q8_0, Q4_0),
        ("sliding", 5000, F16, F16),
        ("sliding", 8192, Q8_0, Q8_0),
        ("sliding-2", 8192, F16, F16),
        ("fused", 4096, F16, F16),
        ("mistral3", 4096, Q8_0, Q8_0),
        ("gemma", 2048, Q4_0, Q4_0),
        ("llama", 1000, Q8_0, F16),
        ("3B-layers", 8192, Q8_0, Q8_0),
    ],
)
def test_what_is_computed_is_what_the_server_takes(
    files: dict[str, Path], tmp_path: Path, name: str, context: int, k: CacheType, v: CacheType
) -> None:
    profile = Profile("", context, k, v)
    assert_as_logged(geometry.of_file(files[name]), profile, logged(files[name], tmp_path, profile))


@pytest.mark.parametrize("profile", [Profile("", 4096, flash=False), Profile("", 4096, Q8_0, Q8_0, micro_batch=1024)])
def test_without_flash_attention_and_with_another_batch(
    files: dict[str, Path], tmp_path: Path, profile: Profile
) -> None:
    file = files["3B-layers"]
    assert_as_logged(geometry.of_file(file), profile, logged(file, tmp_path, profile))


@pytest.mark.large
def test_the_cache_of_the_original_at_its_full_length(files: dict[str, Path], tmp_path: Path) -> None:
    profile = Profile("c", 131_072, Q4_0, Q4_0)
    log = logged(files["14B"], tmp_path, profile)
    assert "KV buffer size =  6912.00 MiB" in log
    assert_as_logged(geometry.of_file(files["14B"]), profile, log)


# -- without a server ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("context", "k", "v", "mib"),
    [
        (32_768, F16, F16, 6144),
        (32_768, Q8_0, Q8_0, 3264),
        (65_536, Q8_0, Q8_0, 6528),
        (131_072, Q4_0, Q4_0, 6912),
        (131_072, Q8_0, Q8_0, 13_056),
        (131_072, Q8_0, Q4_0, 9984),
    ],
)
def test_the_sizes_that_are_known_of_the_original(
    files: dict[str, Path], context: int, k: CacheType, v: CacheType, mib: int
) -> None:
    assert geometry.cache_bytes(geometry.of_file(files["14B"]), context, k, v) == mib * MIB


def test_the_geometry_is_that_of_the_file(files: dict[str, Path]) -> None:
    model = geometry.of_file(files["sliding"])
    assert (model.architecture, model.layers, model.heads, model.kv_heads) == ("gemma3", 7, 4, (2,) * 7)
    assert (model.key_length, model.embedding, model.inner, model.window) == (128, 1280, 5120, 1024)
    assert model.local == (True, True, True, True, True, False, True)
    assert (model.quantization, model.trained_context, model.host_bytes) == ("F16", 32_768, 0)
    untied = geometry.of_file(files["llama"])
    assert untied.host_bytes == untied.vocabulary * untied.embedding * 2


def pairs(architecture: str = "qwen2", **more: int) -> list[bytes]:
    numbers = {
        "context_length": 1024,
        "embedding_length": 64,
        "block_count": 2,
        "feed_forward_length": 64,
        "attention.head_count": 2,
        **{key.replace("__", "."): value for key, value in more.items()},
    }
    return [
        material.text("general.architecture", architecture),
        *(material.pair(f"{architecture}.{key}", 4, struct.pack("<I", value)) for key, value in numbers.items()),
    ]


def model_file(path: Path, keys: Sequence[bytes], tensors: Sequence[tuple[str, int, int]], size: int = -1) -> Path:
    """A file with these keys and tensors of two lengths, whole or cut to a size."""
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(keys)) + b"".join(keys)
    offset = 0
    for name, first, second in tensors:
        head += material.string(name) + struct.pack("<IQQIQ", 2, first, second, 1, offset)
        offset += 2 * first * second
    data = head + bytes(-len(head) % 32 + offset)
    path.write_bytes(data[: size if size >= 0 else None])
    return path


WORDS = ("token_embd.weight", 64, 10)


@pytest.mark.parametrize(
    ("keys", "tensors", "what"),
    [
        (pairs("mamba"), [WORDS], "'mamba', whose memory is not computed"),
        (pairs(expert_count=8), [WORDS], "a mixture of experts"),
        (pairs(nextn_predict_layers=1), [WORDS], "layers that predict"),
        (pairs(block_count=0), [WORDS], "0 layers"),
        (pairs(block_count=2**31), [WORDS], "layers"),
        (pairs(attention__head_count=0), [WORDS], "without attention"),
        (pairs()[:-1], [WORDS], "without attention"),
        (pairs()[:1], [WORDS], "nothing usable of qwen2.block_count"),
        (pairs(), [("other", 64, 10)], "no token_embd.weight"),
        (pairs(), [], "holds no weights"),
    ],
)
def test_what_is_not_understood_is_refused_by_name(
    tmp_path: Path, keys: list[bytes], tensors: list[tuple[str, int, int]], what: str
) -> None:
    with pytest.raises(ModelRefused, match=what) as refused:
        geometry.of_file(model_file(tmp_path / "m.gguf", keys, tensors))
    assert refused.value.try_
    assert "\n" not in str(refused.value)


def test_a_file_that_lacks_weights_is_refused_with_both_sizes(tmp_path: Path) -> None:
    path = model_file(tmp_path / "m.gguf", pairs(), [WORDS])
    size = path.stat().st_size
    assert geometry.of_file(path).weight_bytes == 1280
    model_file(path, pairs(), [WORDS], size - 1)
    with pytest.raises(ModelRefused, match=f"cut short: {size - 1:,} bytes of {size:,}"):
        geometry.of_file(path)


def test_a_file_cut_anywhere_is_refused(tmp_path: Path) -> None:
    path = model_file(tmp_path / "m.gguf", pairs(), [WORDS])
    for size in range(0, path.stat().st_size, 7):
        model_file(path, pairs(), [WORDS], size)
        with pytest.raises((ModelRefused, VocabularyError)):
            geometry.of_file(path)


def test_a_model_in_several_files_is_counted_whole(tmp_path: Path) -> None:
    first = model_file(tmp_path / "m-00001-of-00002.gguf", pairs(), [WORDS])
    with pytest.raises(VocabularyError, match="00002-of-00002"):
        geometry.of_file(first)
    second = model_file(tmp_path / "m-00002-of-00002.gguf", pairs(), [("blk.0.x", 64, 20)])
    assert geometry.of_file(first).weight_bytes == 1280 + 2560
    with pytest.raises(ModelRefused, match="not the first of 2 parts"):
        geometry.of_file(second)


def test_heads_that_no_block_divides_keep_an_unquantized_cache(tmp_path: Path) -> None:
    model = replace(geometry.of_file(model_file(tmp_path / "m.gguf", pairs(), [WORDS])), key_length=40)
    assert geometry.cache_bytes(model, 1024, F16, F16)
    with pytest.raises(ModelRefused, match="40 long"):
        geometry.cache_bytes(model, 1024, Q8_0, F16)


def test_a_device_keeps_copies_of_one_layer_where_the_cache_is_quantized(files: dict[str, Path]) -> None:
    model = geometry.of_file(files["14B"])
    asked = Profile("", 131_072, Q8_0, Q8_0)
    more = geometry.compute_bytes(model, asked, gpu=True) - geometry.compute_bytes(model, asked, gpu=False)
    assert more == 4 * 131_072 * 1024
    plain = Profile("", 131_072)
    assert geometry.compute_bytes(model, plain, gpu=True) == geometry.compute_bytes(model, plain, gpu=False)


def test_what_knows_no_context_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelRefused, match="no context"):
        geometry.of_file(model_file(tmp_path / "m.gguf", pairs(context_length=0), [WORDS]))


@given(at=st.integers(0, 10_000), byte=st.integers(0, 255), more=st.integers(1, 4))
@settings(deadline=None, max_examples=300)
def test_a_damaged_file_is_refused_or_planned_but_never_breaks(
    tmp_path_factory: pytest.TempPathFactory, at: int, byte: int, more: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.gguf"
    data = bytearray(model_file(path, pairs(attention__head_count_kv=1), [WORDS]).read_bytes())
    for place in range(at % len(data), min(at % len(data) + more, len(data))):
        data[place] = byte
    path.write_bytes(data)
    try:
        model = geometry.of_file(path)
        plan.plan(model, None, [devices.parse_size("24GB")], devices.host(), catalogue.reach(model), plan.Rules())
        inspection.rows(inspection.of_file(path))
    except (ModelRefused, VocabularyError) as refused:
        assert refused.try_
        assert "\n" not in str(refused)


# -- the reader beneath ----------------------------------------------------------------------------


def test_the_layout_skips_the_vocabulary_and_counts_it(files: dict[str, Path]) -> None:
    layout = gguf.layout(files["llama"])
    assert layout.is_whole
    assert layout.lengths["tokenizer.ggml.tokens"] == 151_665
    assert "tokenizer.ggml.tokens" not in layout.header.metadata
    assert layout.header.text("general.architecture") == "llama"
    assert len(layout.tensors) == layout.header.tensors == 3 * 9 + 3


@pytest.mark.parametrize(
    ("tensor", "what"),
    [
        (struct.pack("<IQQIQ", 2, 64, 10, 4, 0), "unknown type 4"),
        (struct.pack("<IQQIQ", 2, 40, 10, 8, 0), "no whole number of blocks"),
        (struct.pack("<I", 5) + bytes(64), "has 5 lengths"),
        (struct.pack("<IQ", 1, 64), "ends before its header does"),
    ],
)
def test_a_broken_tensor_is_refused(tmp_path: Path, tensor: bytes, what: str) -> None:
    head = b"GGUF" + struct.pack("<IQQ", 3, 1, 0) + material.string("t") + tensor
    with pytest.raises(VocabularyError, match=what):
        gguf.layout(material.write(tmp_path, head))


@pytest.mark.parametrize("count", [2**40, 2**63])
def test_an_absurd_count_of_tensors_is_refused(tmp_path: Path, count: int) -> None:
    with pytest.raises(VocabularyError, match="is damaged"):
        gguf.layout(material.write(tmp_path, b"GGUF" + struct.pack("<IQQ", 3, count, 0) + bytes(1000)))
