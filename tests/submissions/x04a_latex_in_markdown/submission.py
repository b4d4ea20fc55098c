# base: solved

# %% [markdown]
# Since $\href{javascript:alert(1)}{x} < 1$ and $\style{position:fixed}{\class{score}{\cssId{rnn_step}{y}}}$, $$\require{action}\url{https://x.org}$$
