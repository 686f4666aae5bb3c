"""The console's form of a text: stages to tick, and beside each text the variables it may use."""

from typing import Any

from django import forms
from django.utils.functional import lazy
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.kinds import Stage
from experiences.block_check import VARIABLES
from experiences.models import ContentBlock


class StagesField(forms.TypedMultipleChoiceField):
    """The stages at which a text is shown; none ticked means every stage."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs: Any) -> None:
        for unused in ("encoder", "decoder", "max_length"):
            kwargs.pop(unused, None)
        super().__init__(**{"choices": Stage.choices, "required": False, "empty_value": [], **kwargs})


def _list_variables() -> SafeString:
    rows = format_html_join(
        "", "<li><code>{{{{ {} }}}}</code> {}</li>", ((name, says) for name, says in VARIABLES.items())
    )
    return format_html(
        "<details><summary>{}</summary><ul>{}</ul><p>{}</p></details>",
        _("Markdown, and what is known of the unit, in double braces"),
        rows,
        _(
            "An attribute that a unit does not have prints nothing; leave the sentence out with"
            " {% if unit.attributes.artisan %}…{% endif %}. Dates follow the reader's language;"
            ' {{ unit.made_on | date: "month" }} writes month and year. What stands in a value is'
            " always text, never markup. A text that comes out empty is not shown."
        ),
    )


list_variables = lazy(_list_variables, SafeString)


class ContentBlockForm(forms.ModelForm):
    """A content block; `ContentBlock.clean` refuses a text with language and line beside its field."""

    stages = StagesField(
        label=gettext_lazy("Stages"), help_text=gettext_lazy("None chosen means every stage.")
    )

    class Meta:
        model = ContentBlock
        fields = [
            "brand", "kind", "product", "category", "titles", "bodies", "stages", "audience", "is_active", "position",
        ]  # fmt: skip
        help_texts = {
            "bodies": list_variables(),
            "audience": gettext_lazy("The page withholds it from everybody else, whatever link they have."),
        }
