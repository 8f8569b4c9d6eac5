"""The GGUF reader: what it reads, and that no broken file gets further than one line."""

import struct
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docanalyze import gguf
from docanalyze.errors import VocabularyError

from . import gguf_material as material


@pytest.fixture
def whole() -> bytes:
    return material.header(
        [
            material.text("general.name", "Müller 7B"),
            material.pair("a.count", 4, struct.pack("<I", 7)),
            material.pair("a.negative", 11, struct.pack("<q", -7)),
            material.pair("a.share", 6, struct.pack("<f", 0.5)),
            material.pair("a.flag", 7, b"\x01"),
            material.texts("a.names", ["one", "", "drei"]),
            material.integers("a.ids", [3, -1, 2]),
            material.pair("a.nested", 9, struct.pack("<IQIQBBIQB", 9, 2, 0, 2, 1, 2, 0, 1, 3)),
        ]
    )


def test_every_type_is_read(tmp_path: Path, whole: bytes) -> None:
    header = gguf.read(material.write(tmp_path, whole))
    assert header.version == 3
    assert header.metadata == {
        "general.name": "Müller 7B",
        "a.count": 7,
        "a.negative": -7,
        "a.share": 0.5,
        "a.flag": True,
        "a.names": ["one", "", "drei"],
        "a.ids": [3, -1, 2],
        "a.nested": [[1, 2], [3]],
    }
    assert header.text("general.name") == "Müller 7B"
    assert header.texts("a.names") == ["one", "", "drei"]
    assert header.integers("a.ids") == [3, -1, 2]


def test_tensors_behind_the_header_are_not_read(tmp_path: Path, whole: bytes) -> None:
    assert gguf.read(material.write(tmp_path, whole + b"\xff" * 999)).text("general.name") == "Müller 7B"


def test_a_missing_key_and_a_wrong_type_are_named(tmp_path: Path, whole: bytes) -> None:
    header = gguf.read(material.write(tmp_path, whole))
    with pytest.raises(VocabularyError, match=r"model\.gguf has no b\.name"):
        header.text("b.name")
    with pytest.raises(VocabularyError, match=r"a\.count of model\.gguf is not text"):
        header.text("a.count")
    with pytest.raises(VocabularyError, match="not a list of texts"):
        header.texts("a.ids")
    with pytest.raises(VocabularyError, match="not a list of texts"):
        header.texts("a.count")
    with pytest.raises(VocabularyError, match="not a list of integers"):
        header.integers("a.names")
    with pytest.raises(VocabularyError, match="not a list of integers"):
        header.integers("a.count")


def test_a_file_cut_anywhere_is_refused(tmp_path: Path, whole: bytes) -> None:
    for length in range(len(whole)):
        with pytest.raises(VocabularyError) as refused:
            gguf.read(material.write(tmp_path, whole[:length]))
        assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"PK\x03\x04 something else", "not a GGUF file"),
        (material.header([], version=1), "version 1"),
        (b"GGUF" + struct.pack(">IQQ", 3, 0, 0), "not little-endian"),
        (material.header([material.pair("a", 13, b"\x00")]), "unknown type 13"),
        (material.header([material.text("a", "b")] * 2), "'a' twice"),
        (material.header([material.pair("a", 9, struct.pack("<IQ", 9, 1) * 9)]), "nested too deep"),
    ],
)
def test_what_is_no_gguf_is_refused_by_name(tmp_path: Path, data: bytes, what: str) -> None:
    with pytest.raises(VocabularyError, match=what):
        gguf.read(material.write(tmp_path, data))


@pytest.mark.parametrize(
    "data",
    [
        material.header([], count=2**63),
        material.header([struct.pack("<Q", 2**63)], count=1),
        material.header([material.pair("a", 8, struct.pack("<Q", 2**40))]),
        material.header([material.pair("a", 9, struct.pack("<IQ", 8, 2**40))]),
        material.header([material.pair("a", 9, struct.pack("<IQ", 4, 2**62))]),
        material.header([material.pair("a", 9, struct.pack("<IQ", 9, 2**50))]),
        # Zeros enough for nine million empty texts.
        material.header([material.pair("a", 9, struct.pack("<IQ", 8, 9_000_000))]) + bytes(72_000_000),
    ],
)
def test_an_absurd_count_is_refused_before_anything_of_that_size_is_made(tmp_path: Path, data: bytes) -> None:
    path = material.write(tmp_path, data)
    tracemalloc.start()
    try:
        with pytest.raises(VocabularyError, match="is damaged"):
            gguf.read(path)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_a_missing_file_a_folder_and_an_empty_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(VocabularyError, match="No such file"):
        gguf.read(tmp_path / "none.gguf")
    with pytest.raises(VocabularyError, match="cannot read"):
        gguf.read(tmp_path)
    with pytest.raises(VocabularyError, match="is empty"):
        gguf.read(material.write(tmp_path, b""))


@given(st.binary(max_size=200))
@settings(deadline=None, max_examples=200)
def test_noise_is_refused_or_read_but_never_breaks(tmp_path_factory: pytest.TempPathFactory, noise: bytes) -> None:
    path = material.write(tmp_path_factory.getbasetemp(), b"GGUF\x03\x00\x00\x00" + noise)
    try:
        gguf.read(path)
    except VocabularyError as refused:
        assert refused.try_
