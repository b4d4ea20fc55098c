"""A report on an assignment: how a class did, as one HTML file.

`statistics.py` counts, `figures.py` draws, `page.py` puts it together; `nbgrader_plugin/class_report.py`
reads what they need.
"""
