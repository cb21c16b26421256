"""Puts config/ into the wheel, where an installed program finds it.

Not into an editable installation: a folder `aggregator` among the installed packages
would stand in the way of the one in the checkout.
"""

from __future__ import annotations

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ConfigInWheel(BuildHookInterface):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "standard":
            build_data["force_include"]["config"] = "aggregator/config"
