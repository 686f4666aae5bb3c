from django.db import migrations
from django.db.models import F, Min, OuterRef, Subquery
from django.db.models.functions import Greatest

BATCH = 1000


def confirm_consents(apps, schema_editor):
    """What was agreed to by owners whose address is confirmed counts since then, never from before it was given."""
    Consent = apps.get_model("ownership", "Consent")
    Registration = apps.get_model("ownership", "Registration")
    confirmed = Registration.objects.filter(owner=OuterRef("owner"), state="confirmed").order_by()
    first = confirmed.values("owner").annotate(at=Min("confirmed_at")).values("at")
    owners = Registration.objects.filter(state="confirmed").values("owner")
    todo = Consent.objects.filter(confirmed_at=None, owner__in=owners)
    while batch := list(todo.values_list("pk", flat=True)[:BATCH]):
        Consent.objects.filter(pk__in=batch).update(confirmed_at=Greatest(F("given_at"), Subquery(first)))


class Migration(migrations.Migration):
    atomic = False  # each batch stands by itself

    dependencies = [("ownership", "0005_consent_confirmed")]

    operations = [migrations.RunPython(confirm_consents, migrations.RunPython.noop)]
