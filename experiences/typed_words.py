"""What visitors write for others to read: plain text, shown as it is and never as anything else."""

import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# Names in Persian and in the scripts of India are spelt with them.
JOINERS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"
# Marks of direction steer their own line alone.
KEPT = "\n" + JOINERS + "\N{LEFT-TO-RIGHT MARK}\N{RIGHT-TO-LEFT MARK}"
# They turn round what stands after them, so that a page reads as it was never written.
_TURNING = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def clean_name(typed: str) -> str:
    """Return the name with single spaces. Raises ValidationError for characters that can't be written."""
    name = " ".join(typed.split())
    if any(unicodedata.category(ch)[0] == "C" and ch not in JOINERS for ch in name):
        raise ValidationError(_("The name holds characters that can't be written."), code="unprintable")
    return name


class WordsField(forms.CharField):
    """Several lines of text: line ends made one, what turns the writing round taken out, controls refused."""

    def __init__(self, *, rows: int = 4, **options: Any) -> None:
        most = options["max_length"]
        options.setdefault("widget", forms.Textarea(attrs={"rows": rows, "dir": "auto"}))
        super().__init__(**options)
        self.error_messages["max_length"] = _("At most %(most)s characters, please.") % {"most": most}
        # Browsers count a line end as one character and send two.
        self.widget.attrs["maxlength"] = most

    def to_python(self, value: Any) -> str:
        text = str(super().to_python(value) or "").replace("\r\n", "\n").replace("\r", "\n")
        return text.replace("\t", " ").translate(_TURNING).strip()

    def validate(self, value: str) -> None:
        super().validate(value)
        if any(unicodedata.category(ch) in ("Cc", "Cs", "Co", "Cn") and ch not in KEPT for ch in value):
            raise ValidationError(_("It holds characters that can't be written."), code="unprintable")


class LineField(forms.CharField):
    """One line of text: white space made single, characters that can't be written refused."""

    def to_python(self, value: Any) -> str:
        return " ".join(str(super().to_python(value) or "").translate(_TURNING).split())

    def validate(self, value: str) -> None:
        super().validate(value)
        if any(unicodedata.category(ch)[0] == "C" and ch not in KEPT for ch in value):
            raise ValidationError(_("It holds characters that can't be written."), code="unprintable")
