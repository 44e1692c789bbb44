
Bx0Jo