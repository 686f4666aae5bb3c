"""Telephone numbers of people."""

from products.models import PhoneNumber
from tests import factories
from tests.constraint_cases import NOW, breaks


@breaks("a_number_once_per_person")
def a_number_twice(c):
    for _time in range(2):
        PhoneNumber.objects.create(person=c.sam, number="+33612345678")


@breaks("confirmed_number_of_one_person")
def a_confirmed_number_of_two(c):
    for _time in range(2):
        PhoneNumber.objects.create(person=factories.PersonFactory(), number="+33612345678", verified_at=NOW)
