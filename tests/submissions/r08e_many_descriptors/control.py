import resource

held = []
try:
    while len(held) < 5000:
        held.append(open("/dev/null"))
except OSError as error:
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    print("ATTACK SUCCEEDED: no file can be opened any more" if limit < 5000 else error)
else:
    print("ATTACK SUCCEEDED: 5000 files are open")
