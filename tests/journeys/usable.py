"""What a page has to be for everybody: axe finds nothing, thumbs hit, nothing is wider than the screen."""

from axe_playwright_python.sync_playwright import Axe

TARGET = 44  # px: what a thumb hits (WCAG 2.2, 2.5.5)
WIDTH, HEIGHT = 390, 844


def violations(page) -> str:
    result = Axe().run(page)
    return "" if result.violations_count == 0 else result.generate_report()


# Words and boxes that stand beside the screen, apart from pictures that bleed and what only screen readers read.
_OUTSIDE = """() => {
  const outside = (box) => box.width && (box.left < -1 || box.right > innerWidth + 1);
  const found = [];
  for (const element of document.querySelectorAll('body *')) {
    if (element.tagName === 'IMG' || getComputedStyle(element).clipPath !== 'none') continue;
    const words = [...element.childNodes].filter((node) => node.nodeType === 3 && node.data.trim()).map((node) => {
      const range = document.createRange();
      range.selectNodeContents(node);
      return range.getBoundingClientRect();
    });
    if ([element.getBoundingClientRect(), ...words].some(outside)) found.push(element.outerHTML.slice(0, 120));
  }
  return found;
}"""


def assert_nothing_is_wider_than_the_screen(page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
    assert page.evaluate(_OUTSIDE) == [], page.url


_SMALL = """(least) => [...document.querySelectorAll(
    '.button, .quiet, .quieter a, .more a, .contact a, .languages a, .unit-card, summary, input:not([type=hidden])'
  )].filter((element) => {
    // A box to tick is hit on its label as well.
    const ticks = ['checkbox', 'radio'].includes(element.type);
    const box = (ticks && element.labels[0] || element).getBoundingClientRect();
    return box.width && (box.height < least || box.width < least);
  }).map((element) => element.outerHTML.slice(0, 100))"""


def assert_everybody_can_use(page) -> None:
    """Axe finds nothing, thumbs hit, and nothing is wider than 320 px, also from right to left and with text at 200 %."""
    assert not violations(page), page.url
    assert page.evaluate(_SMALL, TARGET) == [], page.url
    own_direction = page.evaluate("document.documentElement.dir")
    for size, width in (("100%", 320), ("200%", WIDTH)):
        page.set_viewport_size({"width": width, "height": HEIGHT})
        page.evaluate("(size) => { document.documentElement.style.fontSize = size }", size)
        for direction in ("rtl", "ltr"):
            page.evaluate("(direction) => { document.documentElement.dir = direction }", direction)
            assert_nothing_is_wider_than_the_screen(page)
    page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    page.evaluate("(dir) => Object.assign(document.documentElement, {dir, style: ''})", own_direction)
