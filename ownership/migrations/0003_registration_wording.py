import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ownership', '0002_first_tap'),
    ]

    operations = [
        migrations.AddField(
            model_name='registration',
            name='wording',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ownership.consentwording', verbose_name='wording'),
        ),
    ]
