"""The yardstick of `make bench-import`: the same file of people through django-import-export into the same Postgres.

people.py FILE [--without-lookups], with PGHOST, PGPORT, PGUSER, PGPASSWORD and PGDATABASE (an empty database) set. Says the
seconds from opening the file to the committed rows. The model has the file's columns, its unique keys and nothing else:
no invitations, no mails, no words to search by, no audit.
"""

import os
import sys
import time

import django
from django.conf import settings

settings.configure(
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": os.environ["PGHOST"],
            "PORT": os.environ["PGPORT"],
            "USER": os.environ["PGUSER"],
            "PASSWORD": os.environ["PGPASSWORD"],
            "NAME": os.environ["PGDATABASE"],
        }
    },
    INSTALLED_APPS=["import_export"],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_TZ=True,
)
django.setup()

from django.contrib.auth.validators import UnicodeUsernameValidator  # noqa: E402
from django.db import connection, models  # noqa: E402
from django.utils import timezone  # noqa: E402
from import_export import resources  # noqa: E402
from import_export.fields import Field  # noqa: E402
from tablib import Dataset  # noqa: E402


class Person(models.Model):
    username = models.CharField(max_length=150, unique=True, validators=[UnicodeUsernameValidator()])
    first_name = models.CharField(max_length=150)
    last_name = models.CharField(max_length=150)
    email = models.EmailField(unique=True)
    phone = models.CharField(max_length=16, blank=True)
    department = models.TextField(blank=True)
    password = models.CharField(max_length=128)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now)

    class Meta:
        # An installed app has to own it; this one has no models of its own.
        app_label = "import_export"


def resource(without_lookups):
    class PersonResource(resources.ModelResource):
        first_name = Field(column_name="first name", attribute="first_name")
        last_name = Field(column_name="last name", attribute="last_name")

        class Meta:
            model = Person
            fields = ("username", "first_name", "last_name", "email", "phone", "department")
            import_id_fields = ("username",)
            use_bulk = True
            batch_size = 1000
            # Nobody looks at the differences as HTML.
            skip_html_diff = True
            # Without them nobody is looked up and nothing is compared: every row is new.
            force_init_instance = without_lookups
            skip_diff = without_lookups

    return PersonResource()


def main():
    path, without_lookups = sys.argv[1], "--without-lookups" in sys.argv
    with connection.schema_editor() as editor:
        editor.create_model(Person)
    began = time.perf_counter()
    with open(path, encoding="utf-8", newline="") as file:
        rows = Dataset().load(file.read(), format="csv")
    result = resource(without_lookups).import_data(rows, raise_errors=True, use_transactions=True)
    seconds = time.perf_counter() - began
    assert not result.has_errors()
    assert Person.objects.count() == len(rows), "all rows are there"
    print(f"{seconds:.4f}")


main()
