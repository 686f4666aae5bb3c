"""Organisations act through members: whoever stood on the row becomes the first of them."""

from django.db import migrations

AT_ONCE = 1000


def make_members(apps, schema_editor):
    Owner = apps.get_model("ownership", "Owner")
    Member = apps.get_model("ownership", "Member")
    single = Owner.objects.filter(kind="organisation", person__isnull=False)
    while owners := list(single.order_by("pk")[:AT_ONCE]):
        Member.objects.bulk_create(
            [
                Member(owner=owner, person_id=owner.person_id, role="admin", since=owner.created_at)
                for owner in owners
            ]
        )
        Owner.objects.filter(pk__in=[owner.pk for owner in owners]).update(person=None)


class Migration(migrations.Migration):
    dependencies = [("ownership", "0009_across_owners")]
    operations = [migrations.RunPython(make_members, migrations.RunPython.noop)]
