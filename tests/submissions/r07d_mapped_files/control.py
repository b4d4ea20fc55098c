import mmap

held = [mmap.mmap(-1, 2**25, mmap.MAP_PRIVATE) for _ in range(64)]
print("ATTACK SUCCEEDED: two gigabytes are mapped")
