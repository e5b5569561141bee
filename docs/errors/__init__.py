"""One page a finding code; package data, shown by `roteiro check --explain CODE`."""
