"""The forms of a request for release: asking, answering, adding evidence, appealing. They validate, nothing more."""

import unicodedata
import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from experiences.contact import Contact
from experiences.proofs import ACCEPTED, ProofFile, read_proof
from experiences.registration_form import AddressForm
from experiences.typed_words import JOINERS, clean_name
from ownership.models.releases import ReleaseGround
from ownership.services.releases import MOST_PIECES
from products.services.pictures import PictureError

MOST_WORDS = 2000
LINE_BREAKS = "\r\n\t"
# An offer's own page says that it was offered; nobody can choose that.
GROUNDS = [(value, label) for value, label in ReleaseGround.choices if value != ReleaseGround.OFFERED]


class _Files(forms.FileInput):
    allow_multiple_selected = True


class EvidenceField(forms.FileField):
    """Up to five photographs or PDFs; `cleaned_data` holds them as `ProofFile`s, ready to be stored."""

    widget = _Files

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        super().__init__(allow_empty_file=True, **kwargs)
        self.widget.attrs.update({"accept": ACCEPTED, "multiple": True})

    def clean(self, data: Any, initial: Any = None) -> list[ProofFile]:
        files = data if isinstance(data, list | tuple) else [data] if data else []
        if not files and self.required:
            raise ValidationError(self.error_messages["required"], code="required")
        if len(files) > MOST_PIECES:
            raise ValidationError(
                _("At most %(most)d files, please.") % {"most": MOST_PIECES}, code="too_many"
            )
        return [_proof(super(EvidenceField, self).clean(file)) for file in files]


def _proof(file: Any) -> ProofFile:
    try:
        return read_proof(file)
    except PictureError as error:
        raise ValidationError(f"{_named(file)}{error}", code=error.code) from error


def _named(file: Any) -> str:
    """Return the file's name, for whoever chose several of them."""
    name = "".join(ch for ch in str(getattr(file, "name", "")) if ch.isprintable())[:60]
    return f"{name}: " if name else ""


def words(label: Any, **more: Any) -> forms.CharField:
    """Return a field for a few sentences."""
    return forms.CharField(
        label=label,
        max_length=MOST_WORDS,
        widget=forms.Textarea(attrs={"rows": 4}),
        **{
            "error_messages": {
                "max_length": _("At most 2,000 characters, please."),
                "required": _("Say it in a few words, please."),
            },
            **more,
        },
    )


class AskReleaseForm(AddressForm):
    """Why it is theirs, where the answer goes, what they want to say, and what shows it."""

    ground = forms.ChoiceField(
        label=_("How did it come to you?"),
        choices=[("", _("Choose …")), *GROUNDS],
        error_messages={
            "required": _("Choose how it came to you."),
            "invalid_choice": _("Choose how it came to you."),
        },
    )
    name = forms.CharField(
        label=_("Your name (optional)"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name", "enterkeyhint": "next"}),
    )
    statement = words(
        _("What we should know (optional)"),
        required=False,
        help_text=_("When, where and from whom. Only staff read this, never the owner."),
    )
    evidence = EvidenceField(
        label=_("What shows it (optional)"),
        help_text=_("Receipt, photographs, messages: up to five pictures or PDFs. Only staff see them."),
    )
    submission_key = forms.RegexField(r"\A[0-9a-f]{32}\Z", widget=forms.HiddenInput)

    field_order: tuple[str, ...] = ("ground", "evidence", "statement", "contact", "name")

    def __init__(self, *args: Any, needs_proof: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["contact"].help_text = _("The answer goes there. The owner never sees it.")
        if needs_proof:
            field = self.fields["evidence"]
            field.required = True
            field.label = _("What shows that it is yours")
            field.error_messages["required"] = _(
                "A printed code can be copied, so we need a picture of the piece, or its receipt."
            )

    def clean_name(self) -> str:
        return clean_name(self.cleaned_data["name"])

    def clean_statement(self) -> str:
        return _printable(str(self.cleaned_data["statement"]))

    @property
    def lost_its_files(self) -> bool:
        """Whether files were chosen that the page can't show again: browsers don't send them back."""
        return self.is_bound and "evidence" in self.files

    @property
    def address(self) -> Contact:
        assert self.parsed is not None
        return self.parsed


class ShowItForm(AskReleaseForm):
    """What shows that whoever takes over an offered unit has it; how it came to them, its owner has said."""

    field_order = ("evidence", "statement", "contact", "name")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, needs_proof=True, **kwargs)
        del self.fields["ground"]
        self.fields["contact"].help_text = _("The answer goes there. Whoever passes it on never sees it.")
        evidence = self.fields["evidence"]
        evidence.label = _("What shows that you have it")
        evidence.help_text = _(
            "The piece with its number in the picture; a receipt or messages, if you have them. Up to five pictures or"
            " PDFs, which only staff see."
        )
        evidence.error_messages["required"] = _(
            "A printed code can be copied, so we need a picture of the piece with its number."
        )


class EvidenceForm(forms.Form):
    """Further files from one side."""

    evidence = EvidenceField(
        label=_("Add what shows it"),
        required=True,
        help_text=_("Up to five pictures or PDFs in all. Only staff see them."),
        error_messages={"required": _("Choose a picture or a PDF first.")},
    )


class ApproveForm(forms.Form):
    """The owner lets it go; the box keeps a thumb from doing it."""

    sure = forms.BooleanField(
        label=_("It is not mine any more; whoever asks may have it."),
        error_messages={"required": _("Tick the box first: releasing can't be taken back.")},
    )


class RefuseForm(forms.Form):
    """The owner keeps it."""

    answer = words(
        _("What we should know (optional)"),
        required=False,
        help_text=_("Only staff read this, and only if they have to decide."),
    )

    def clean_answer(self) -> str:
        return _printable(str(self.cleaned_data["answer"]))


class AppealForm(forms.Form):
    """Why somebody else is to look at it again."""

    words = words(_("What was overlooked?"), help_text=_("Only staff read this."))

    def clean_words(self) -> str:
        return _printable(str(self.cleaned_data["words"]))


def blank_release_form(*, needs_proof: bool, **initial: Any) -> AskReleaseForm:
    """Return a form to fill in, with a key of its own."""
    return AskReleaseForm(needs_proof=needs_proof, initial={"submission_key": uuid.uuid4().hex, **initial})


def blank_show_it_form() -> ShowItForm:
    return ShowItForm(initial={"submission_key": uuid.uuid4().hex})


def _printable(text: str) -> str:
    if any(unicodedata.category(ch)[0] == "C" and ch not in JOINERS + LINE_BREAKS for ch in text):
        raise ValidationError(_("This holds characters that can't be written."), code="unprintable")
    return text.strip()
