# base: solved

# %% [markdown] written state_limits
# # rnn_step
#
# Because.
