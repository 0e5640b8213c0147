"""Interfaces (接口): OGC API Features and WFS for GIS, REST for programs, tokens, and webhooks that tell others."""
