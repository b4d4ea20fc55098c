# base: solved

# %% [markdown]
# ```mermaid
# <img src=x onerror=alert(1)>
# ```
