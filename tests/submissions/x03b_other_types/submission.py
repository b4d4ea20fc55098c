# base: solved

# %%
from IPython.display import display

display(
    {
        "application/vnd.jupyter.widget-view+json": {
            "model_id": "</script><script>alert(1)</script>",
            "version_major": 2,
            "version_minor": 0,
        },
        "application/vnd.vega.v5+json": {"data": []},
        "application/vnd.bokehjs_exec.v0+json": "",
        "text/vnd.mermaid": "<img src=x onerror=alert(1)>",
        "text/plain": "a widget",
    },
    raw=True,
)
