"""Each person's one telephone number becomes the first of their numbers."""

from django.db import migrations, models
from django.utils import timezone


def move(apps, schema_editor):
    Person, PhoneNumber = apps.get_model("products", "Person"), apps.get_model("products", "PhoneNumber")
    now = timezone.now()
    people = Person.objects.exclude(phone="").values_list("pk", "phone", "phone_verified")
    batch = []
    for pk, phone, verified in people.iterator(chunk_size=2000):
        batch.append(PhoneNumber(person_id=pk, number=phone, verified_at=now if verified else None))
        if len(batch) == 2000:
            PhoneNumber.objects.bulk_create(batch, ignore_conflicts=True)
            batch = []
    PhoneNumber.objects.bulk_create(batch, ignore_conflicts=True)


def move_back(apps, schema_editor):
    """Keep the first confirmed number of each, else the first."""
    Person, PhoneNumber = apps.get_model("products", "Person"), apps.get_model("products", "PhoneNumber")
    unconfirmed_first = models.F("verified_at").desc(nulls_first=True)
    for number in PhoneNumber.objects.order_by(unconfirmed_first, "-pk").iterator(chunk_size=2000):
        Person.objects.filter(pk=number.person_id).update(
            phone=number.number, phone_verified=number.verified_at is not None
        )


class Migration(migrations.Migration):
    dependencies = [("products", "0013_telephone_numbers")]
    operations = [migrations.RunPython(move, move_back)]
