"""The bureau (水保平台): users, published results, one map and one ledger of duties, on Django and PostGIS."""
