"""What is Exact's and Clickker's own: releases, persons and roles, the Synergy site.
No other judging room names them.

Others use `SynergySite` of `site`, `SynergyDatabase` of `synergy`, and `releases`.
"""
