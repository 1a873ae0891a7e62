"""A run's results and everything made from them:
results.json, the page, the terminal's closing lines, paper.

Others use `Results` of `results`, `build_results` of `build`, and `page_html` of `html`.
"""
