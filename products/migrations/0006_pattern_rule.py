import products.serial_patterns
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):

    dependencies = [("products", "0005_staff_alerts")]

    operations = [
        migrations.AlterField(
            model_name="product",
            name="uncoded_pattern",
            field=models.CharField(
                blank=True,
                help_text="For the whole serial number, like K7-[0-9]{6}. Letters count as typed or in capitals.",
                max_length=120,
                validators=[products.serial_patterns.check_serial_pattern],
                verbose_name="pattern of their serial numbers (regular expression)",
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=~Q(uncoded_rule="pattern") | ~Q(uncoded_pattern=""),
                name="uncoded_pattern_rule_has_its_pattern",
            ),
        ),
    ]
