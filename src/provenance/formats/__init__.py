"""File formats: how each container is divided into its parts. One module a format, for reading and for writing alike.

The walkers say what stands where, and skip content, so that their cost does not grow with the file. What the parts mean
is the callers' affair.
"""
