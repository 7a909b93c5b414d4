"""Work spread over processes and machines by Ray; nothing outside this package knows of Ray."""
