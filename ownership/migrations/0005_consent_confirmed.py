from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ownership', '0004_identity_at_scale'),
    ]

    operations = [
        migrations.AddField(
            model_name='consent',
            name='confirmed_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='address confirmed'),
        ),
        migrations.AddConstraint(
            model_name='consent',
            constraint=models.CheckConstraint(condition=models.Q(('confirmed_at__isnull', True), ('confirmed_at__gte', models.F('given_at')), _connector='OR'), name='consent_confirmed_after_given'),
        ),
    ]
