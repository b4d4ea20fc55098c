# base: solved

# %% [markdown] written state_limits
# An answer.
#
# <script>document.title = 'x'</script>
#
# <img src=x onerror="document.title = 'x'">
