"""The inventory: hosts.yaml as typed models, whose errors name file and line.

Others use `load_inventory` of `file` and the models;
`Connection`, `Customer` and `Host` are the ones that most need.
"""

from acceptance.inventory.connection import Connection
from acceptance.inventory.models import Customer, Host, Inventory

__all__ = ["Connection", "Customer", "Host", "Inventory"]
