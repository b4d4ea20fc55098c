# base: solved

# %%
import asyncio


async def later():
    await asyncio.sleep(0.01)
    return "it came later"


print(await later())

# %%
print(await asyncio.gather(later(), later()))
