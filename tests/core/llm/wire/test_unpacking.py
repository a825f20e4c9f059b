"""Compressed bodies, honest and not."""

import gzip
import zlib

import pytest

from core.llm.wire.unpacking import Unpacker, UnpackError


@pytest.mark.parametrize(("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress), ("", bytes)])
@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_any_split_unpacks_the_same(encoding: str, pack: object, size: int) -> None:
    body = b"hello " * 50_000
    packed = pack(body)  # type: ignore[operator]
    unpacker = Unpacker(encoding)
    pieces = [piece for at in range(0, len(packed), size) for piece in unpacker.pieces(packed[at : at + size])]
    assert b"".join(pieces) == body
    assert encoding == "" or max(map(len, pieces)) <= 65_536


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "compress"])
def test_what_cannot_be_bounded_is_refused(encoding: str) -> None:
    with pytest.raises(UnpackError):
        Unpacker(encoding)


def test_what_is_not_compressed_although_it_says_so_is_refused() -> None:
    with pytest.raises(UnpackError):
        list(Unpacker("gzip").pieces(b"plain"))
