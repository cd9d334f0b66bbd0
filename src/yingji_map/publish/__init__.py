"""Messages out: warnings in the forms that other systems read."""
