"""Zones as the facts and the rule packs draw them, before anybody has touched them (初步成果)."""
