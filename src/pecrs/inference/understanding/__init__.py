"""What a message says: its acts, and what the things it names mean to the person.

Source: design section 4.
"""
