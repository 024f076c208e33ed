"""The pictures that students paste into their answers: which of them a page may show."""

import base64
import binascii
import io
from dataclasses import dataclass

from PIL import Image

LARGEST = 10_000_000  # bytes of a picture: a telephone's photograph is half of that
MOST_PIXELS = 60_000_000
KINDS = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"} | dict.fromkeys(
    (b"GIF87a", b"GIF89a"), "image/gif"
)
ENDS = {"image/png": b"IEND", "image/jpeg": b"\xff\xd9", "image/gif": b";"}


class NoPicture(Exception):
    """It can't be shown; the message says why, for whoever reads the answer."""


@dataclass(frozen=True)
class Picture:
    """A picture's bytes, and what they are."""

    kind: str
    data: bytes

    @property
    def attachment(self) -> dict[str, str]:
        """As a cell of a notebook holds it."""
        return {self.kind: base64.b64encode(self.data).decode()}


def read_picture(attachment: object) -> Picture:
    """The picture in a cell's attachment, known by its bytes; NoPicture when there is none."""
    texts = list(attachment.values()) if isinstance(attachment, dict) else []
    if not texts or not isinstance(texts[0], str | list):
        raise NoPicture("it isn't in the file")
    text = "".join(t for t in texts[0] if isinstance(t, str))  # nbformat allows a list of lines
    if len(text) > LARGEST * 4 // 3 + 4:
        raise NoPicture(f"it is larger than {LARGEST // 10**6} MB")
    try:
        data = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise NoPicture("it is damaged") from None
    kind = next((kind for start, kind in KINDS.items() if data.startswith(start)), None)
    if kind is None:
        raise NoPicture("it is no PNG, JPEG or GIF")
    if ENDS[kind] not in data[-1000 if kind == "image/png" else 3 :]:
        raise NoPicture("it is damaged")
    width, height = _size(data)
    if width * height > MOST_PIXELS:
        raise NoPicture(f"it is larger than {MOST_PIXELS // 10**6} million pixels")
    return Picture(kind, data)


def _size(data):
    """Width and height; nothing is decoded, but a PNG's checksums are looked at."""
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "GIF")) as image:
            size = image.size
            if size[0] * size[1] <= MOST_PIXELS:
                image.verify()
            return size
    except Image.DecompressionBombError:
        raise NoPicture(f"it is larger than {MOST_PIXELS // 10**6} million pixels") from None
    except Exception:  # a damaged picture raises whatever its reader raises
        raise NoPicture("it is damaged") from None
