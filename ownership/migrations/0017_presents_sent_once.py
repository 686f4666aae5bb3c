from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ownership", "0016_loyalty_programmes"),
    ]

    operations = [
        migrations.AddField(
            model_name="gift",
            name="submission_key",
            field=models.CharField(
                blank=True, editable=False, max_length=64, null=True, unique=True, verbose_name="submission"
            ),
        ),
    ]
