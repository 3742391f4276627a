"""The decision record: kept evidence of every answer, whose alteration shows.

record: what is kept, and its bytes. record_log: keeps it. verification: verifies it, without any of
the rest. checkpoint: signs what is to be verified against.
"""
