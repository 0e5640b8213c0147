"""The app of interfaces (接口)."""

from django.apps import AppConfig

from bureau.pages.navigation import Entry


class InterfacesConfig(AppConfig):
    """Interfaces for programs (接口)."""

    name = "bureau.interfaces"
    label = "interfaces"
    verbose_name = "接口"
    navigation = (Entry("接口", "interfaces:home", "link", order=80),)

    def ready(self) -> None:
        """Listen to what is published, to whose access ends, and to changes of the key (登记事件)."""
        from bureau.interfaces import telling, tokens, webhook_secrets

        telling.listen()
        tokens.listen()
        webhook_secrets.listen()
