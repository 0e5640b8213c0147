"""The app of organisations and people (机构与人员)."""

from django.apps import AppConfig

from bureau.pages.navigation import Entry


class OfficeConfig(AppConfig):
    """Organisations and people (机构与人员)."""

    name = "bureau.office"
    label = "office"
    verbose_name = "机构"
    navigation = (Entry("机构人员", "office:people", "people", order=90, duty="administer"),)

    def ready(self) -> None:
        """Listen to what happens at the door (接上登录信号)."""
        from bureau.office.recording import listen_at_the_door

        listen_at_the_door()
