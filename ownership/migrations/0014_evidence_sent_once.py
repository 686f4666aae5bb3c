"""The same file, sent twice by one side of a dispute, is one piece of evidence."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ownership", "0013_bulk_requests")]

    operations = [
        migrations.AddField(
            model_name="evidence",
            name="digest",
            field=models.CharField(default="", editable=False, max_length=64, verbose_name="digest"),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name="evidence",
            constraint=models.UniqueConstraint(
                fields=("request", "side", "digest"), name="one_piece_of_evidence_per_file"
            ),
        ),
    ]
