"""What an erasure runs, on every floor, in this order; and what stands in its way (`settings.ERASURE_STEPS` …).

A floor that learns to hold something of a person adds its step here, and the data map (config/data_map.py)
names it; a test compares both.
"""

from experiences.data_rights import drop_letters, drop_outbox
from ownership.services.data_rights.erasure import Hindrance, Step
from ownership.services.data_rights.steps import LAST_STEPS, OWN_HINDRANCES, OWN_STEPS

STEPS: tuple[Step, ...] = (
    Step("letters", drop_letters),
    Step("outbox", drop_outbox),
    *OWN_STEPS,
    *LAST_STEPS,
)
HINDRANCES: tuple[Hindrance, ...] = OWN_HINDRANCES
