"""Bodies unpacked piece by piece: we ask for none to be compressed, and never let one swell past its cap."""

import zlib
from collections.abc import Iterator

_PIECE = 65_536


class UnpackError(ValueError):
    """The body is compressed in a way that was not asked for, or is not what it says."""


class Unpacker:
    def __init__(self, encoding: str) -> None:
        """`encoding`: the Content-Encoding header. Raises UnpackError for one that cannot be bounded."""
        name = encoding.strip().lower()
        if name not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise UnpackError("the answer is compressed in a way that was not asked for")
        self._inflate = zlib.decompressobj(47) if name not in ("", "identity") else None

    def pieces(self, data: bytes) -> Iterator[bytes]:
        if self._inflate is None:
            yield data
            return
        try:
            while data and not self._inflate.eof:
                yield self._inflate.decompress(data, _PIECE)
                data = self._inflate.unconsumed_tail
        except zlib.error:
            broken = True
        else:
            broken = False
        if broken:
            raise UnpackError("the answer says that it is compressed, but is not")
