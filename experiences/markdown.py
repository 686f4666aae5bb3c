"""Markdown that staff write, to HTML that is safe to show."""

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

TAGS = {"p", "em", "strong", "ul", "ol", "li", "a", "h3", "h4", "blockquote", "br", "hr", "code"}
_markdown = MarkdownIt("commonmark", {"html": False, "typographer": True}).enable(
    ["replacements", "smartquotes"]
)


def render_markdown(text: str) -> SafeString:
    """Return sanitised HTML: no images, scripts or styles; links only to https, mailto and tel."""
    if not text:
        return SafeString("")
    html = nh3.clean(
        _markdown.render(text),
        tags=TAGS,
        attributes={"a": {"href"}},
        url_schemes={"https", "mailto", "tel"},
        link_rel="noopener noreferrer",
    )
    return mark_safe(html)  # noqa: S308 - sanitised in the line above
