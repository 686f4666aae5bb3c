"""Guesses at one-time codes, counted per address in the cache that the workers share."""

from typing import Any

from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from django.http import HttpRequest, HttpResponse

from products.limits import Limit, has_room, spend

# Counted beside allauth's five tries per code: new codes, other browsers and many requests at once buy no more.
GUESSES = Limit("code-guesses", most=10, seconds=900)


class CountedGuesses:
    """For views in which a one-time code is entered: whichever it is, an address has so many tries in all."""

    _process: LoginCodeVerificationProcess

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not has_room(GUESSES, self._guessed_at()):
            self._process.abort()
            return self.guessed_too_often()
        return super().post(request, *args, **kwargs)  # type: ignore[misc]

    def guessed_too_often(self) -> HttpResponse:
        """Return where a new code can be asked for, later."""
        raise NotImplementedError

    def count_guess(self) -> None:
        spend(GUESSES, self._guessed_at())

    def _guessed_at(self) -> str:
        """Return the address whose code is being guessed."""
        state = self._process.state
        return str(state.get("email") or state.get("phone") or "").lower()
