"""What a newsroom signs with."""

HOUSE = 'name = "House style"\nparent = "none"\ndigital_source_type = "digitalArt"\nall_actions_included = true\n'
