"""Forms of the console for points: what a rule says, points by hand, a reason, a file of codes."""

import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from analytics.kinds import EventKind
from ownership.models.loyalty import RewardKind, RuleBasis
from ownership.services.loyalty.awarding import MOST_BY_HAND
from ownership.services.loyalty.codes import Line, read_codes
from products.console import BrandScopedForm

MOST_BYTES = 2_500_000  # of a file of codes

# What each kind of rule needs, and so what every other leaves empty.
NEEDS = {
    RuleBasis.EVENT: ("event_kind",),
    RuleBasis.TENURE: ("months",),
    RuleBasis.USE: ("use_days", "use_taps"),
}


class LoyaltyRuleForm(BrandScopedForm):
    """Says beside the field what doesn't go together, before the database refuses it."""

    def clean(self) -> Any:
        cleaned = super().clean()
        basis = cleaned.get("basis") or self.instance.basis
        for kind, names in NEEDS.items():
            for name in names:
                self._check(name, cleaned, wanted=kind == basis)
        if cleaned.get("product") and cleaned.get("category"):
            self.add_error("product", _("Choose a product or a category, not both."))
        self._check_repeating(basis, cleaned)
        cap, points = cleaned.get("cap_per_year"), cleaned.get("points")
        if cap and points and cap < points:
            self.add_error("cap_per_year", _("With so little nobody would ever get the points of this rule."))
        return cleaned

    def _check(self, name: str, cleaned: dict[str, Any], *, wanted: bool) -> None:
        if name not in self.fields or name in self.errors:
            return
        if wanted and not cleaned.get(name):
            self.add_error(name, _("A rule of this kind needs it."))
        elif not wanted and cleaned.get(name):
            self.add_error(name, _("A rule of this kind leaves it empty."))

    def _check_repeating(self, basis: str, cleaned: dict[str, Any]) -> None:
        if not cleaned.get("repeats"):
            return
        if basis != RuleBasis.EVENT:
            self.add_error("repeats", _("Only what happened can happen again."))
        elif (cleaned.get("event_kind") or self.instance.event_kind) == EventKind.CONSENT_GIVEN:
            self.add_error("repeats", _("A yes is rewarded once, or somebody would give it every day."))


class RewardForm(BrandScopedForm):
    """A reward to read needs something to read."""

    def clean(self) -> Any:
        cleaned = super().clean()
        kind = cleaned.get("kind") or self.instance.kind
        if kind == RewardKind.CONTENT and not cleaned.get("content") and "content" not in self.errors:
            self.add_error("content", _("Write what may be read."))
        return cleaned


class ReasonForm(forms.Form):
    """Why staff do it; it stays with the line."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        help_text=_("Staff read it beside the line. Don't name people."),
        widget=forms.TextInput(attrs={"size": 60}),
    )


class AwardForm(ReasonForm):
    """Points by hand."""

    points = forms.IntegerField(label=_("Points"), min_value=1, max_value=MOST_BY_HAND)
    submission_key = forms.RegexField(r"\A[0-9a-f]{32}\Z", widget=forms.HiddenInput)
    field_order = ("points", "reason", "submission_key")


def blank_award() -> AwardForm:
    return AwardForm(initial={"submission_key": uuid.uuid4().hex})


class CodesForm(forms.Form):
    """A text file with a code on each line; `lines` once it is valid."""

    file = forms.FileField(
        label=_("Text file"),
        help_text=_("One code a line, in UTF-8. Nothing is added unless every line is right."),
        widget=forms.ClearableFileInput(attrs={"accept": ".txt,.csv,text/plain"}),
    )
    lines: list[Line]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise ValidationError(_("The file is too large: at most 2.5 MB."), code="too_large")
        found = read_codes(file.read())
        if found.problems:
            raise ValidationError([ValidationError(problem) for problem in found.problems[:20]])
        self.lines = found.lines
        return file
