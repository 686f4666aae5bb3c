"""Pictures of products: decoded, capped, stripped, stored; whatever is not a picture is refused kindly."""

import io
import re
import struct
import zlib

import pytest
from django.core.files.storage import storages
from PIL import Image

from products.models import Brand
from products.services.pictures import MAX_BYTES, PictureError, save_picture

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _pictures_in_memory(settings):
    settings.STORAGES = {
        **settings.STORAGES,
        "pictures": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    }


def encoded(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def stored(name: str) -> Image.Image:
    with storages["pictures"].open(name) as file:
        image = Image.open(io.BytesIO(file.read()))
        image.load()
    return image


def png_that_claims(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose header announces any size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def test_a_picture_is_scaled_re_encoded_and_served(bag, client):
    version = Brand.objects.get(pk=bag.brand_id).content_version
    name = save_picture(bag, encoded(Image.new("RGB", (2400, 1200), "#7a4a21"), "JPEG"))
    assert re.fullmatch(r"[A-Za-z0-9_-]{8,64}\.webp", name)
    assert stored(name).format == "WEBP"
    assert stored(name).size == (1200, 600)
    bag.refresh_from_db()
    assert bag.picture == name
    assert Brand.objects.get(pk=bag.brand_id).content_version == version + 1
    assert client.get(f"/pictures/{name}").headers["Content-Type"] == "image/webp"


def test_transparency_is_kept(bag):
    name = save_picture(bag, encoded(Image.new("RGBA", (40, 40), (10, 20, 30, 0))))
    assert stored(name).mode == "RGBA"
    assert stored(name).getpixel((5, 5))[3] == 0


def test_metadata_stays_behind_and_the_picture_is_upright(bag):
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    exif[0x010E] = "taken at home"
    name = save_picture(bag, encoded(Image.new("RGB", (80, 40), "red"), "JPEG", exif=exif))
    image = stored(name)
    assert image.size == (40, 80)
    assert not dict(image.getexif())
    with storages["pictures"].open(name) as file:
        assert b"taken at home" not in file.read()


@pytest.mark.parametrize(
    "exif",
    [b"II*\0", b"MM\0*\0\0\0\x08\xff\xff", bytes(40), b"II*\0\x08\0\0\0"],
    ids=["cut", "too many entries", "zeros", "no entries"],
)
def test_a_photograph_with_broken_exif_is_taken_as_it_lies(bag, exif):
    photograph = encoded(Image.new("RGB", (60, 40), "navy"), "JPEG", exif=b"Exif\0\0" + exif)
    assert stored(save_picture(bag, photograph)).size == (60, 40)


def test_the_same_picture_again_changes_nothing(bag):
    data = encoded(Image.new("RGB", (50, 50), "green"))
    first = save_picture(bag, data)
    version = Brand.objects.get(pk=bag.brand_id).content_version
    assert save_picture(bag, data) == first
    assert Brand.objects.get(pk=bag.brand_id).content_version == version


@pytest.mark.parametrize("size", [(20_000, 20_000), (8_000, 5_001)])
def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(bag, size):
    with pytest.raises(PictureError, match="more than 40 megapixels") as refusal:
        save_picture(bag, png_that_claims(*size))
    assert refusal.value.code == "too_many_pixels"


def test_a_truncated_picture_is_refused(bag):
    noise = Image.effect_noise((300, 300), 80)
    data = encoded(noise)
    with pytest.raises(PictureError, match="damaged or incomplete"):
        save_picture(bag, data[: len(data) // 2])


@pytest.mark.parametrize(
    "data",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"%PDF-1.7 and so on",
        b"MZ\x90\x00" + bytes(500),
        b"<html>not a picture.jpg</html>",
        encoded(Image.new("RGB", (9, 9)), "BMP"),
    ],
    ids=["svg", "pdf", "program", "html", "bmp"],
)
def test_what_is_no_picture_in_disguise_or_openly_is_refused(bag, data):
    with pytest.raises(PictureError, match="Use JPEG, PNG, WebP or GIF") as refusal:
        save_picture(bag, data)
    assert refusal.value.code == "not_a_picture"
    bag.refresh_from_db()
    assert bag.picture == ""


def test_an_empty_file_and_a_very_large_one_are_refused(bag):
    with pytest.raises(PictureError, match="empty"):
        save_picture(bag, b"")
    with pytest.raises(PictureError, match="larger than 20 MB"):
        save_picture(bag, bytes(MAX_BYTES + 1))
