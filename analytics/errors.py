"""What analytics refuses, with the reason."""


class AnalyticsError(Exception):
    """A refusal: `code` for programs, the sentence for people."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
