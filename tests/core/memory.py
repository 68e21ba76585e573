"""How much memory a process took, asked of itself."""

# A line of Python that prints the process's own peak in KiB. `getrusage` would count what the process that started it
# held: a test run with torch in it holds hundreds of megabytes.
PRINT_OWN_PEAK = "print(int(open('/proc/self/status').read().partition('VmHWM:')[2].split()[0]))"
