# base: solved

# %%
from IPython.display import HTML

print('\ud800 \u2028 =1+1,"x"')
HTML('</script>"};</div></td></html>')
