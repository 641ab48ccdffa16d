"""The version of the product, where every floor may read it and nothing else is imported."""

VERSION = "0.1.0"
