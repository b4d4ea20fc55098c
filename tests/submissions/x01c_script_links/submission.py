# base: solved

# %% [markdown]
# [one](javascript:alert(1)), [two][2], <javascript:alert(3)>, [four](files/javascript:alert(4))
#
# [2]: java&#115;cript:alert(2)
