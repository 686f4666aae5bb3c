"""Pictures of products: decoded, checked, re-encoded, stored under a name that tells nothing."""

import hashlib
import io
import struct
import warnings
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from products.models import Product
from products.services.brands import touch_content

MAX_BYTES = 20 * 1024 * 1024
MAX_PIXELS = 40_000_000
MAX_SIDE = 1200  # pixels, of what is stored
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
QUALITY = 82


class PictureError(Exception):
    """A file that is refused as a picture: `code` for programs, the sentence for people."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


def save_picture(product: Product, data: bytes) -> str:
    """Make this file the product's picture; return the stored name.

    The name is drawn from the content, so the same file again changes nothing. Raises PictureError:
    `empty`, `too_many_bytes`, `too_many_pixels`, `not_a_picture`, `damaged`.
    """
    encoded = encode_picture(data)
    name = f"{hashlib.sha256(encoded).hexdigest()[:40]}.webp"
    storage: Any = storages["pictures"]
    if not storage.exists(name):
        storage.save(name, ContentFile(encoded))
    if product.picture != name:
        with transaction.atomic():
            Product.objects.filter(pk=product.pk).update(picture=name)
            touch_content(product.brand_id)
        product.picture = name
    return name


def encode_picture(data: bytes, *, max_side: int = MAX_SIDE) -> bytes:
    """Return the picture as WebP, upright, at most `max_side` pixels a side, without its metadata.

    Raises PictureError as `save_picture` does.
    """
    if not data:
        raise PictureError("empty", _("The file is empty. Choose a picture."))
    if len(data) > MAX_BYTES:
        limit = MAX_BYTES // 1024 // 1024
        raise PictureError(
            "too_many_bytes", _("The file is larger than %(limit)s MB. Save it smaller.") % {"limit": limit}
        )
    picture = _decode(data)
    picture.thumbnail((max_side, max_side), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=QUALITY, method=4)
    return out.getvalue()


def _decode(data: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            # Pillow warns of large pictures; the limit below speaks before anything is decoded.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(data), formats=FORMATS)
            _refuse_huge(picture)
            upright = _upright(picture)
            has_alpha = "A" in upright.getbands() or "transparency" in upright.info
            pixels = upright.convert("RGBA" if has_alpha else "RGB")
    except Image.DecompressionBombError as error:
        raise _too_many_pixels() from error
    except UnidentifiedImageError as error:
        raise PictureError(
            "not_a_picture", _("This file is not a picture that can be shown. Use JPEG, PNG, WebP or GIF.")
        ) from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise PictureError(
            "damaged", _("This picture is damaged or incomplete. Save it again and retry.")
        ) from error
    return _bare(pixels)


def _upright(picture: Image.Image) -> Image.Image:
    """Turn it as its Exif says; where that can't be read, the picture stays as it lies."""
    try:
        return ImageOps.exif_transpose(picture)
    except (struct.error, TypeError, AttributeError, LookupError, ArithmeticError):
        return picture


def _refuse_huge(picture: Image.Image) -> None:
    width, height = picture.size
    if width * height > MAX_PIXELS:
        raise _too_many_pixels()


def _too_many_pixels() -> PictureError:
    limit = MAX_PIXELS // 1_000_000
    return PictureError(
        "too_many_pixels",
        _("The picture has more than %(limit)s megapixels. Scale it down.") % {"limit": limit},
    )


def _bare(pixels: Image.Image) -> Image.Image:
    """Return the pixels alone: Exif, XMP, comments and colour profiles stay behind."""
    pixels.info.clear()
    return pixels
