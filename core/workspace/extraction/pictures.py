"""PNG, JPEG, WebP and GIF (its first frame): checked before a pixel is decoded, turned upright, bounded, bared."""

import io

from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from core.workspace.extraction.refusal import Refusal

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
MOST_PIXELS = 50_000_000
LONGEST_SIDE = 2048
KEPT_BYTES = 4 * 1024 * 1024

ImageFile.LOAD_TRUNCATED_IMAGES = False
Image.MAX_IMAGE_PIXELS = MOST_PIXELS


def read(data: bytes) -> tuple[bytes, str, str]:
    try:
        picture: Image.Image = Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError:
        raise Refusal("is not a PNG, JPEG, WebP or GIF picture that can be read; save it again and retry.") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refusal(f"has far too many pixels; send a picture of at most {MOST_PIXELS // 10**6} million.") from None
    kind, size = picture.format, picture.size
    if size[0] * size[1] > MOST_PIXELS:
        raise Refusal(f"has {size[0]} × {size[1]} pixels; send a picture of at most {MOST_PIXELS // 10**6} million.")
    moving = getattr(picture, "n_frames", 1) > 1
    if kind == "JPEG":
        picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
    bare = not picture.getexif() and not set(picture.info) & {
        "exif",
        "xmp",
        "comment",
        "photoshop",
        "XML:com.adobe.xmp",
    }
    picture.seek(0)
    picture.load()
    upright = ImageOps.exif_transpose(picture)
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    notes = []
    if moving:
        notes.append("Only the first frame is sent.")
    if max(size) > LONGEST_SIDE:
        notes.append(f"Scaled from {size[0]} × {size[1]} to {upright.width} × {upright.height} pixels.")
    if kind in ("PNG", "JPEG") and bare and not notes and len(data) <= KEPT_BYTES:
        return data, f"image/{kind.lower()}", ""
    written, media_type = _write(upright, lossy=kind == "JPEG")
    return written, media_type, " ".join(notes)


def _write(picture: Image.Image, lossy: bool) -> tuple[bytes, str]:
    clear = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
    if not lossy:
        out = io.BytesIO()
        picture.convert("RGBA" if clear else "RGB").save(out, "PNG")
        if clear or out.tell() <= KEPT_BYTES:
            return out.getvalue(), "image/png"
    out = io.BytesIO()
    picture.convert("RGB").save(out, "JPEG", quality=88)
    return out.getvalue(), "image/jpeg"
