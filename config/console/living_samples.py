"""Texts for the living page: short, long (sixty characters, words that don't break), and right to left."""

from dataclasses import dataclass

LONG_WORD = "Feuchtigkeitsregulierungsbeauftragtenhandbuch"


@dataclass(frozen=True, slots=True)
class Sample:
    name: str
    serial: str
    line: str
    action: str
    quieter: tuple[str, ...]
    treatment: str
    hours: str
    wording: str
    headline: str
    sentence: str
    steps: tuple[tuple[str, str], ...]
    moments: tuple[tuple[int, str], ...]


SHORT = Sample(
    name="Alder bag",
    serial="AC-0001",
    line="The 212th of its batch.",
    action="Set it up",
    quieter=("Get help", "Care"),
    treatment="Condition the leather",
    hours="Monday to Friday, 9:00 to 17:00",
    wording="Write to me about care, at most once a month.",
    headline="Stop using it",
    sentence="The strap may come loose. The maker replaces it.",
    steps=(("Unpack it", "Keep the box."), ("Fill the tank", "Cold water, up to the line.")),
    moments=((9, "Made"), (8, "Registered by its first owner")),
)
LONG = Sample(
    name=f"Weekender No. 7 with {LONG_WORD[:36]} lining",
    serial="AC-0000000000000000000001/2026-LIMITED",
    line=f"The four thousand two hundred and twelfth of its batch, lined with {LONG_WORD} cloth.",
    action="Register it with its extended warranty until 30 September 2034 and set it up",
    quieter=(
        "Something makes a noise that it did not make before? Get help from a person",
        f"{LONG_WORD}: next on 30 September 2034",
        "Have it serviced or repaired by the workshop that made it",
    ),
    treatment=f"Condition the leather, the edges and the {LONG_WORD}",
    hours="Monday to Friday, 9:00 to 17:00, Saturday 10:00 to 14:00, Paris time, except on public holidays",
    wording="Write to me about how to care for it, what fits it and what is new, at most once a month; I can stop it.",
    headline="Stop using it at once, unplug it and keep it out of the reach of children and animals",
    sentence=" ".join(["The strap may come loose under load. The maker replaces it free of charge."] * 4),
    steps=(
        (f"Unpack it, check the {LONG_WORD} and keep the box for its whole life", "Keep the box. " * 24),
        ("Fill the tank with cold water up to the upper of the two lines, never above", "Cold water. " * 24),
    ),
    moments=(
        (40, f"Made in the workshop of {LONG_WORD}, by hand, over eleven days"),
        (8, "Passed on to its fourth owner, with every paper, after a service at the workshop"),
    ),
)
ARABIC = Sample(
    name="حقيبة السفر من الجلد الطبيعي",
    serial="AC-0001",
    line="القطعة رقم ٢١٢ من دفعتها.",
    action="سجّلها باسمك، الضمان حتى ٣٠ سبتمبر ٢٠٢٨",
    quieter=("هل حدث خطأ؟ احصل على المساعدة", "العناية بها"),
    treatment="ترطيب الجلد",
    hours="من الاثنين إلى الجمعة، من ٩:٠٠ إلى ١٧:٠٠",
    wording="راسلوني بنصائح العناية، مرة في الشهر على الأكثر.",
    headline="توقف عن استخدامها",
    sentence="قد ينفصل الحزام. يستبدله الصانع دون مقابل.",
    steps=(("أخرجها من العلبة", "احتفظ بالعلبة."), ("املأ الخزان", "ماء بارد حتى الخط.")),
    moments=((9, "صُنعت"), (8, "سجّلها مالكها الأول")),
)
