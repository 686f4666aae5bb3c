"""What ownership refuses, with the reason."""


class OwnershipError(Exception):
    """A refusal: `code` for programs, the sentence for people."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
