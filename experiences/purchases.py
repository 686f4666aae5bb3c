"""The owner's purchase with its proof, and which browser left a present's words."""

import datetime as dt

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from experiences.proofs import ProofFile, keep_proof
from ownership.models import Gift, Purchase
from ownership.services.purchases import enter_purchase
from products.limits import Limit
from products.models import Brand
from products.services.files import keep_private_file

PROOF = "purchase_proof"  # the purpose of such private files
PROOFS_AN_HOUR = Limit("purchase-proof", most=10, seconds=60 * 60)  # of one unit
# Words by printed code: no tap stands behind them.
GIFTS_OF_VISITOR = Limit("gift-visitor", most=10, seconds=60 * 60)
GIFTS_OF_UNIT = Limit("gift-unit", most=10, seconds=24 * 60 * 60)
GIFT_COOKIE = "gift"
GIFT_AGE = 400 * 24 * 3600  # seconds; browsers cap cookies at 400 days
MOST = 10  # presents of one browser
_SALT = "experiences.gift"


def note_purchase(
    *,
    unit_id: int,
    brand_id: int,
    owner_id: int,
    bought_on: dt.date,
    seller: str,
    proof: ProofFile | None,
    now: dt.datetime,
    actor_id: int | None = None,
) -> Purchase:
    """Keep the proof and note the purchase; nothing is kept where that is refused. Raises as `enter_purchase` does."""
    file = None
    if proof:  # kept as long as the owner has the unit; see let_proofs_go
        brand = Brand.objects.get(pk=brand_id)
        file = keep_proof(proof, brand=brand, purpose=PROOF, now=now, keep_for=None)
    try:
        return enter_purchase(
            unit_id=unit_id,
            owner_id=owner_id,
            bought_on=bought_on,
            seller=seller,
            proof=file,
            now=now,
            actor_id=actor_id,
        )
    except BaseException:
        if file:
            keep_private_file(file=file, until=now)
        raise


def given_here(request: HttpRequest) -> tuple[int, ...]:
    """Return the presents whose words were left in this browser; nothing without a cookie that we signed."""
    cookie = request.COOKIES.get(GIFT_COOKIE, "")
    try:
        return tuple(int(pk) for pk in signing.loads(cookie, salt=_SALT)[:MOST])
    except (signing.BadSignature, ValueError, TypeError, KeyError):
        return ()


def remember_gift(request: HttpRequest, response: HttpResponse, gift: Gift) -> None:
    """Let this browser change the words, or take them back."""
    ids = [gift.pk, *(pk for pk in given_here(request) if pk != gift.pk)]
    response.set_cookie(
        GIFT_COOKIE,
        signing.dumps(ids[:MOST], salt=_SALT),
        max_age=GIFT_AGE,
        httponly=True,
        samesite="Lax",
        secure=settings.COOKIES_SECURE,
    )
