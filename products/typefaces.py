"""Typefaces of what is put on paper: embedded, so that a name in any European script prints as it is written.

A string is set in the first face that has all its letters; Chinese, Japanese and Korean fall to
faces that every PDF reader brings (Adobe's CID fonts). The library that draws is loaded by whoever draws first: it
is 12 MB that most server processes never need.
"""

from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files

PACKAGES = {"SourceSerifPro": "font_source_serif_pro", "SourceSansPro": "font_source_sans_pro"}
EVERYWHERE = ("SourceSerifPro-Regular", "SourceSansPro-Regular")
READERS_OWN = ("HeiseiMin-W3", "STSong-Light", "HYSMyeongJo-Medium")


def face_for(text: str, wanted: str) -> str:
    """Return the name of the first face, beginning with the wanted one, that has every letter of the text."""
    chain: Sequence[str] = (wanted, *EVERYWHERE)
    for name in chain:
        if all(ord(letter) in _letters(name) for letter in text if not letter.isspace()):
            return name
    return _reader_face(text) or wanted


def string_width(text: str, face: str, size: float) -> float:
    """Return how wide the text is in points, in a face that `face_for` named."""
    from reportlab.pdfbase.pdfmetrics import stringWidth

    return float(stringWidth(text, face, size))


def font_file(name: str) -> str:
    """Return the path of a face's TrueType file."""
    return str(files(PACKAGES[name.split("-")[0]]).joinpath("files", f"{name}.ttf"))


def _reader_face(text: str) -> str:
    if any("\uac00" <= letter <= "\ud7a3" for letter in text):
        return _reader_own("HYSMyeongJo-Medium")
    if any("\u3040" <= letter <= "\u30ff" for letter in text):
        return _reader_own("HeiseiMin-W3")
    return _reader_own("STSong-Light") if any("\u2e80" <= letter <= "\uffef" for letter in text) else ""


@lru_cache(maxsize=len(READERS_OWN))
def _reader_own(name: str) -> str:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont

    pdfmetrics.registerFont(UnicodeCIDFont(name))
    return name


@lru_cache(maxsize=16)
def _letters(name: str) -> frozenset[int]:
    """Register the face on first use and return the code points that it has."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    font = TTFont(name, font_file(name))
    pdfmetrics.registerFont(font)
    return frozenset(font.face.charToGlyph)
