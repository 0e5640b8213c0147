"""The frame of all pages (页面框架): navigation, style, the home page, error pages."""
